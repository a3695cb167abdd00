"""Every setting with its default; each secret may also come from a file named by POSTROAD_<NAME>_FILE."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "POSTROAD_"


class Settings(BaseSettings):
    """Postroad's settings. Without any, everything lives in one folder with SQLite and no Redis."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    data: Path = Field(Path("postroad-data"), description="folder of the key file, media, SQLite and locks")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL; default SQLite in the data folder"
    )
    redis_url: SecretStr | None = Field(
        None, description="broker for hints; without it hints stay in the process"
    )
    key_file: Path | None = Field(
        None, description="keys that encrypt credentials; default in the data folder"
    )
    organisation: str = Field("Centre", description="name of the organisation `postroad init` makes")
    time_zone: str = Field(
        "Asia/Shanghai", description="the organisation's IANA zone, for weeks and for the viewer"
    )
    member: str | None = Field(None, description="who is acting on the command line; default the login name")
    language: str | None = Field(None, description="UI language, en or zh-CN; default from LC_ALL or LANG")
    log_level: str = Field("WARNING", description="DEBUG, INFO, WARNING or ERROR")
    http_transport: str = Field(
        "auto",
        pattern="^(auto|httpx|fast)$",
        description="what carries requests: httpx, fast (the extra `fast`), or auto: fast where installed",
    )
    chunk: int = Field(100, description="deliveries in one hint")
    lease_s: float = Field(
        120.0,
        ge=1,
        le=600,
        description="seconds without news after which a claim or a sending is taken back; a request takes 90",
    )
    tick_s: float = Field(1.0, description="seconds between two looks of the planner")
    health_listen: str | None = Field(
        None,
        pattern=r"^[^\s:]+:\d+$|^\[[0-9a-fA-F:]+\]:\d+$",
        description="host:port for /healthz, /readyz and /metrics, as 127.0.0.1:9464; default none",
    )
    smtp_host: str | None = Field(None, description="mail server for reports; default none is mailed")
    smtp_port: int = Field(587, ge=1, le=65535, description="its port")
    smtp_security: str = Field(
        "starttls",
        pattern="^(starttls|tls|none)$",
        description="starttls, tls (from the first byte, port 465), or none for a server on this machine",
    )
    smtp_user: str | None = Field(None, description="who logs in to the mail server; default nobody")
    smtp_password: SecretStr | None = Field(None, description="the password of that user")
    smtp_from: str | None = Field(None, description="the address that reports come from")
    report_at: str = Field(
        "Mon 08:00",
        pattern=r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):[0-5]\d$",
        description="when the report is mailed, in the organisation's zone; the final one 3 days later",
    )
    look_ahead_s: float = Field(
        2.0,
        ge=0,
        le=5,
        description="seconds before it is due that a worker gets a delivery ready; nothing is sent early",
    )

    reading_budget: str = Field(
        "",
        pattern=r"^(\w+=\d+(\.\d{1,6})?)?(,\w+=\d+(\.\d{1,6})?)*$",
        description="most that billed readings may cost a month by platform, in its currency, as x=20; "
        "a billed platform without one is not read",
    )

    @field_validator("data", "key_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path else None

    @property
    def database(self) -> str:
        """The database URL in the clear: for the engine only."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data / 'postroad.db'}"

    @property
    def broker(self) -> str | None:
        """The Redis URL in the clear: for Celery only."""
        return self.redis_url.get_secret_value() if self.redis_url else None

    @property
    def reading_budgets(self) -> dict[str, int]:
        """Millionths of its currency a month by platform."""
        named = (one.partition("=") for one in self.reading_budget.split(",") if one)
        return {platform: round(Decimal(amount) * 1_000_000) for platform, _, amount in named}

    @property
    def keys(self) -> Path:
        """Where the encryption keys are."""
        return self.key_file or self.data / "keys"


def load_settings() -> Settings:
    """The settings of this environment; pydantic's ValidationError names what is wrong."""
    return Settings(**_from_files())


def _from_files() -> dict[str, Any]:
    """Values of POSTROAD_<NAME>_FILE variables that name a setting."""
    found = {}
    for name in Settings.model_fields:
        path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
        if path and name != "key":
            found[name] = Path(path).read_text().strip()
    return found


def ui_language() -> str | None:
    """The language the reader asked for: POSTROAD_LANGUAGE, else the first locale variable that is set."""
    names = (f"{PREFIX}LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return next((os.environ[name] for name in names if os.environ.get(name)), None)
