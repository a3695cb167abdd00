"""Every setting with its default; each secret may also come from a file named by POSTROAD_<NAME>_FILE."""
# ruff: noqa: RUF009 - each of these calls makes a dataclasses.field

import os
from dataclasses import Field, dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.reading import N_, Meaning, Secret, WrongSettings, WrongValue, ZoneName, read

PREFIX = "POSTROAD_"


def _setting(default: object, words: str, **limits: Any) -> Any:
    return field(default=default, metadata={"meaning": Meaning(words=words, **limits)})


def _secret(words: str, **limits: Any) -> Any:
    return field(default=None, metadata={"meaning": Meaning(words=words, **limits)}, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Postroad's settings. Without any, everything lives in one folder with SQLite and no Redis."""

    data: Path = _setting(Path("postroad-data"), "folder of the key file, media, SQLite and locks")
    database_url: Secret | None = _secret(
        "SQLAlchemy URL; default SQLite in the data folder",
        pattern=r"^(sqlite|postgresql(\+psycopg)?)://.*",
        example="postgresql+psycopg://USER:PASSWORD@HOST:5432/NAME",
    )
    redis_url: Secret | None = _secret(
        "broker for hints; without it hints stay in the process",
        pattern=r"^(rediss?|redis\+socket|sentinel|unix)://.+",
        example="redis://:PASSWORD@HOST:6379/0",
    )
    key_file: Path | None = _setting(None, "keys that encrypt credentials; default in the data folder")
    organisation: str = _setting("Centre", "name of the organisation `postroad init` makes")
    time_zone: ZoneName = _setting(
        ZoneName("Asia/Shanghai"), "the organisation's IANA zone, for weeks and for the viewer"
    )
    member: str | None = _setting(None, "who is acting on the command line; default the login name")
    language: str | None = _setting(
        None,
        "UI language, en or zh-CN; default from LC_ALL or LANG",
        pattern=r"^(?i:en|zh)([-_.][\w.@-]+)?$",
        example="en | zh-CN",
    )
    log_level: str = _setting(
        "WARNING",
        "DEBUG, INFO, WARNING or ERROR",
        pattern="^(?i:debug|info|warning|error)$",
        example="DEBUG | INFO | WARNING | ERROR",
    )
    http_transport: str = _setting(
        "auto",
        "what carries requests: httpx, fast (the extra `fast`), or auto: fast where installed",
        pattern="^(auto|httpx|fast)$",
        example="auto | httpx | fast",
    )
    chunk: int = _setting(100, "deliveries in one hint; up to 250 where thousands wait", at_least=1)
    lease_s: float = _setting(
        120.0,
        "seconds without news after which a claim or a sending is taken back; a request takes 90",
        at_least=1,
        at_most=600,
    )
    tick_s: float = _setting(1.0, "seconds between two looks of the planner", at_least=0.01)
    health_listen: str | None = _setting(
        None,
        "host:port for /healthz, /readyz and /metrics, as 127.0.0.1:9464; default none",
        pattern=r"^[^\s:]+:\d+$|^\[[0-9a-fA-F:]+\]:\d+$",
        example="127.0.0.1:9464",
    )
    smtp_host: str | None = _setting(None, "mail server for reports; default none is mailed")
    smtp_port: int = _setting(587, "its port", at_least=1, at_most=65535)
    smtp_security: str = _setting(
        "starttls",
        "starttls, tls (from the first byte, port 465), or none for a server on this machine",
        pattern="^(starttls|tls|none)$",
        example="starttls | tls | none",
    )
    smtp_user: str | None = _setting(None, "who logs in to the mail server; default nobody")
    smtp_password: Secret | None = _secret("the password of that user")
    smtp_from: str | None = _setting(None, "the address that reports come from")
    report_at: str = _setting(
        "Mon 08:00",
        "when the report is mailed, in the organisation's zone; the final one 3 days later",
        pattern=r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):[0-5]\d$",
        example="Mon 08:00",
    )
    keep_readings_days: int | None = _setting(
        None,
        "days after which the planner thins readings every night; default none are thinned",
        at_least=400,
    )
    look_ahead_s: float = _setting(
        2.0,
        "seconds before it is due that a worker gets a delivery ready; nothing is sent early",
        at_least=0,
        at_most=5,
    )
    reading_budget: str = _setting(
        "",
        "most that billed readings may cost a month by platform, in its currency, as x=20; "
        "a billed platform without one is not read",
        pattern=r"^(\w+=\d+(\.\d{1,6})?)?(,\w+=\d+(\.\d{1,6})?)*$",
        example="x=20",
    )

    @property
    def database(self) -> str:
        """The database URL in the clear: for the engine only."""
        return self.database_url or f"sqlite:///{self.data / 'postroad.db'}"

    @property
    def broker(self) -> str | None:
        """The Redis URL in the clear: for Celery only."""
        return self.redis_url or None

    @property
    def reading_budgets(self) -> dict[str, int]:
        """Millionths of its currency a month by platform."""
        named = (one.partition("=") for one in self.reading_budget.split(",") if one)
        return {platform: round(Decimal(amount) * 1_000_000) for platform, _, amount in named}

    @property
    def keys(self) -> Path:
        """Where the encryption keys are."""
        return self.key_file or self.data / "keys"


def load_settings(**given: object) -> Settings:
    """The settings of this environment, under those that are given; WrongSettings names what is wrong."""
    values: dict[str, object] = {}
    known = {one.name for one in fields(Settings)}
    wrong = dict.fromkeys(given.keys() - known, WrongValue(N_("there is no such setting")))
    for one in fields(Settings):
        try:
            values |= _value(one, given[one.name] if one.name in given else _told(one.name))
        except WrongValue as error:
            wrong[one.name] = error
        except UnicodeDecodeError:
            wrong[one.name] = WrongValue(N_("its file is not UTF-8 text"))
    if wrong:
        raise WrongSettings(wrong)
    return Settings(**values)  # type: ignore[arg-type] # each is read by the type of its field


def _value(one: Field[Any], told: object) -> dict[str, object]:
    """Nothing where nothing is told; an empty text tells nothing."""
    if told is None or told == "":
        return {}
    return {one.name: read(told, one.type, one.metadata["meaning"]) if isinstance(told, str) else told}


def _told(name: str) -> str | None:
    """What the environment says, or the file that it names."""
    variable = f"{PREFIX}{name.upper()}"
    if path := os.environ.get(f"{variable}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(variable)


def misspelt() -> list[str]:
    """The variables of this environment that look like settings of ours and are none."""
    names = [f"{PREFIX}{one.name.upper()}" for one in fields(Settings)]
    known = {*names, *(f"{name}_FILE" for name in names)}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def ui_language() -> str | None:
    """The language the reader asked for: POSTROAD_LANGUAGE, else the first locale variable that is set."""
    names = (f"{PREFIX}LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return next((os.environ[name] for name in names if os.environ.get(name)), None)
