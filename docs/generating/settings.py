"""The page of settings, from the fields of config.settings.Settings."""

from types import NoneType, UnionType
from typing import get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from config.settings import PREFIX, Settings
from docs.generating.markdown import code, page, table

INTRODUCTION = """\
Every setting is an environment variable. Without any, Postroad lives in one folder with SQLite and no Redis.
Each may also be read from a file: `POSTROAD_DATABASE_URL_FILE` names a file whose content is the value,
which is how secrets reach a container."""

URLS = """\
## Addresses

- `POSTROAD_DATABASE_URL`: `sqlite:////var/lib/postroad/postroad.db`, or
  `postgresql+psycopg://postroad:PASSWORD@HOST:5432/postroad`.
- `POSTROAD_REDIS_URL`: `redis://:PASSWORD@HOST:6379/0`; `rediss://` for TLS. Valkey takes the same."""


def settings_page() -> str:
    """One row a setting."""
    fields = Settings.model_fields.items()
    return page(
        "Settings",
        "`config/settings.py`",
        INTRODUCTION,
        table(["variable", "default", "kind", "meaning"], (_row(name, field) for name, field in fields)),
        URLS,
    )


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def _row(name: str, field: FieldInfo) -> list[str]:
    default = "-" if field.default is None else code(field.default)
    return [code(variable(name)), default, _kind(field.annotation), field.description or ""]


def _kind(annotation: object) -> str:
    kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    words = {SecretStr: "secret", str: "text", int: "whole number", float: "number"}
    return next(words.get(kind, "path") for kind in kinds if kind is not NoneType)
