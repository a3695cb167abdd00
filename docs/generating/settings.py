"""The page of settings, from the fields of config.settings.Settings."""

from dataclasses import Field, fields
from typing import Any

from config.reading import Secret, ZoneName, kind_of
from config.settings import PREFIX, Settings
from docs.generating.markdown import code, page, table

INTRODUCTION = """\
Every setting is an environment variable. Without any, Postroad lives in one folder with SQLite and no Redis.
Each may also be read from a file: `POSTROAD_DATABASE_URL_FILE` names a file whose content is the value,
which is how secrets reach a container. An empty value counts as none."""

URLS = """\
## Addresses

- `POSTROAD_DATABASE_URL`: `sqlite:////var/lib/postroad/postroad.db`, or
  `postgresql+psycopg://postroad:PASSWORD@HOST:5432/postroad`.
- `POSTROAD_REDIS_URL`: `redis://:PASSWORD@HOST:6379/0`; `rediss://` for TLS. Valkey takes the same."""


def settings_page() -> str:
    """One row a setting."""
    return page(
        "Settings",
        "`config/settings.py`",
        INTRODUCTION,
        table(["variable", "default", "kind", "meaning"], map(_row, fields(Settings))),
        URLS,
    )


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def _row(field: Field[Any]) -> list[str]:
    default = "-" if field.default is None else code(field.default)
    return [code(variable(field.name)), default, _kind(field.type), field.metadata["meaning"].words]


def _kind(annotation: object) -> str:
    words: dict[object, str] = {
        Secret: "secret",
        str: "text",
        ZoneName: "text",
        int: "whole number",
        float: "number",
    }
    return words.get(kind_of(annotation), "path")
