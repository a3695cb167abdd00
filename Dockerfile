# One image for every role: `init`, `planner`, `worker`, `up`. See docs/how-to/run-distributed.md.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build

# What runs is exactly what the lock file names, by hash.
COPY requirements.lock requirements-dev.lock ./
RUN python -m venv /opt/postroad \
    && /opt/postroad/bin/pip install --require-hashes -r requirements.lock

# What builds the wheel is pinned by the same hashes, and stays behind in this stage.
RUN awk '/^[a-z]/ { keep = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } keep' \
        requirements-dev.lock > building.lock \
    && python -m venv /opt/building \
    && /opt/building/bin/pip install --require-hashes -r building.lock

COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY connectors connectors
COPY scheduler scheduler
COPY workers workers
RUN /opt/building/bin/python -m hatchling build -t wheel -d /wheel \
    && /opt/postroad/bin/pip install --no-deps --no-index /wheel/*.whl \
    && /opt/postroad/bin/python -X no_debug_ranges -m compileall -q -o 2 /opt/postroad/lib \
    && /opt/postroad/bin/python -OO -X no_debug_ranges -c \
        "from scheduler.reports.pages.html import compile_templates; compile_templates()"

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 postroad \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin postroad \
    && install -d -o postroad -g postroad -m 700 /var/lib/postroad /var/lib/postroad-keys \
    && python -X no_debug_ranges -m compileall -q -o 2 /usr/local/lib/python3.11
COPY --from=build /opt/postroad /opt/postroad
ENV PATH=/opt/postroad/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONOPTIMIZE=2 \
    PYTHONNODEBUGRANGES=1 \
    MALLOC_ARENA_MAX=2 \
    LANG=C.UTF-8 \
    POSTROAD_DATA=/var/lib/postroad \
    POSTROAD_KEY_FILE=/var/lib/postroad-keys/keys
WORKDIR /var/lib/postroad
USER 10001:10001
VOLUME ["/var/lib/postroad", "/var/lib/postroad-keys"]
HEALTHCHECK --interval=60s --timeout=30s --start-period=30s CMD ["postroad", "doctor"]
ENTRYPOINT ["postroad"]
CMD ["up"]
