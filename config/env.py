"""The process environment, read once into one frozen object. Every bad variable is named at once.

``python -m config.env demo`` makes ``var/deskgate.env`` a demo's (what ``make run`` does before anything else).
"""

import os
import sys
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from config import envfile
from config.keyring import parse_ring
from config.stores import cache_from_url, database_from_url

Mode = Literal["development", "demo", "production"]
MODES: tuple[Mode, ...] = ("development", "demo", "production")
SECRETS = ("SECRET_KEY", "DESKGATE_KEYS", "DATABASE_URL", "CACHE_URL")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", "[::1]")
SECRET_KEY_LENGTH = 50
SECRET_KEY_DISTINCT = 16


class BadEnvironment(Exception):
    """The environment does not allow a start. ``faults`` maps each variable to what is wrong, without its value."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        lines = [f"  {name}: {fault}" for name, fault in sorted(self.faults.items())]
        super().__init__("\n".join(["Deskgate cannot start with this environment:", *lines]))


def _words(value: Any) -> Any:
    return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value


def _networks(value: Any) -> Any:
    return tuple(ip_network(word, strict=False) for word in _words(value))


def _ring(value: str) -> str:
    parse_ring(value)
    return value


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or (parts.port is not None and parts.port == 0):
        raise ValueError("must be http:// or https:// and a host name")
    if parts.path or parts.query or parts.fragment or parts.username or parts.password or "," in value:
        raise ValueError("must be scheme and host[:port] only, without a trailing slash")
    return value.lower()


def _database_url(value: str) -> str:
    if value:
        database_from_url(value, var_dir=Path())
    return value


def _cache_url(value: str) -> str:
    cache_from_url(value)
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]


class Env(BaseModel):
    """What the environment says, typed. Secrets stay out of ``repr``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mode: Mode = Field("development", alias="DESKGATE_MODE")
    secret_key: str = Field(alias="SECRET_KEY", repr=False, min_length=1)
    keys: Annotated[str, BeforeValidator(_ring)] = Field(alias="DESKGATE_KEYS", repr=False)
    database_url: Annotated[str, BeforeValidator(_database_url)] = Field("", alias="DATABASE_URL", repr=False)
    cache_url: Annotated[str, BeforeValidator(_cache_url)] = Field("", alias="CACHE_URL", repr=False)
    public_url: Annotated[str, BeforeValidator(_public_url)] = Field("", alias="PUBLIC_URL")
    trusted_proxies: Networks = Field((), alias="TRUSTED_PROXIES")
    allowed_hosts: Words = Field((), alias="ALLOWED_HOSTS")
    hsts_subdomains: bool = Field(True, alias="HSTS_SUBDOMAINS")
    host: str = Field("127.0.0.1", alias="HOST", pattern=r"^[A-Za-z0-9.:-]+$")
    port: int = Field(8000, alias="PORT", ge=1, le=65535)
    workers: int = Field(1, alias="WORKERS", ge=1, le=256)
    threads: int = Field(4, alias="THREADS", ge=1, le=256)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", alias="LOG_LEVEL")
    log_format: Literal["json", "console"] = Field(alias="LOG_FORMAT")
    debug: bool = Field(False, alias="DEBUG")
    var_dir: Path = Field(alias="VAR_DIR")

    @property
    def is_production(self) -> bool:
        """Whether this is the mode that believes nothing it was not told."""
        return self.mode == "production"

    @property
    def public_host(self) -> str:
        """The host name of PUBLIC_URL, IPv6 in brackets as Django compares it."""
        host = urlsplit(self.public_url).hostname or ""
        return f"[{host}]" if ":" in host else host

    @property
    def is_https(self) -> bool:
        """Whether the world reaches us over TLS."""
        return self.public_url.startswith("https://")

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, values: dict[str, Any]) -> dict[str, Any]:
        filled = dict(values)
        filled.setdefault("LOG_FORMAT", "json" if values.get("DESKGATE_MODE") == "production" else "console")
        return filled

    @model_validator(mode="after")
    def _address_of_this_start(self) -> Self:
        # Without PUBLIC_URL it is the address of this start, never stored.
        if not self.public_url:
            host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
            host = f"[{host}]" if ":" in host and not host.startswith("[") else host
            object.__setattr__(self, "public_url", f"http://{host}:{self.port}")
        return self


def load(environ: Mapping[str, str], base_dir: Path) -> Env:
    """Read the environment. In development and demo what is missing comes from ``var/deskgate.env``, which is made
    when secrets are missing. Raises BadEnvironment naming every bad variable."""
    values, faults = _given(environ)
    values.setdefault("VAR_DIR", str(base_dir / "var"))
    if values.get("DESKGATE_MODE", "development") != "production":
        _complete_from_file(values, faults)
    faults |= _faults_of_mode(values)
    try:
        env = Env.model_validate(values)
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            name = str(fault["loc"][0]) if fault["loc"] else "environment"
            words = "missing" if fault["type"] == "missing" else fault["msg"].removeprefix("Value error, ")
            faults.setdefault(name, words)
        raise BadEnvironment(faults) from None
    if faults:
        raise BadEnvironment(faults)
    return env


def _given(environ: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The variables that are set and not empty, secrets also from NAME_FILE; and what is wrong with the files."""
    names = [str(field.alias) for field in Env.model_fields.values()]
    values = {name: environ[name].strip() for name in names if environ.get(name, "").strip()}
    faults: dict[str, str] = {}
    for name in SECRETS:
        path = environ.get(f"{name}_FILE", "").strip()
        if not path:
            continue
        if name in values:
            faults[f"{name}_FILE"] = f"{name} is set too; keep one of them"
            continue
        try:
            values[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            faults[f"{name}_FILE"] = "the file cannot be read"
    return values, faults


def _complete_from_file(values: dict[str, str], faults: dict[str, str]) -> None:
    path = Path(values["VAR_DIR"]) / envfile.NAME
    try:
        if not {"SECRET_KEY", "DESKGATE_KEYS"} <= values.keys():
            envfile.make(path)
        stored = envfile.read(path)
    except (OSError, UnicodeDecodeError) as error:
        faults["VAR_DIR"] = f"{path} cannot be made or read ({type(error).__name__})"
        return
    if stored.get("DESKGATE_MODE") == "production":
        faults["DESKGATE_MODE"] = f"production must be set in the environment, not in {path}"
        del stored["DESKGATE_MODE"]
    known = {str(field.alias) for field in Env.model_fields.values()}
    for name, value in stored.items():
        if name in known and value:
            values.setdefault(name, value)


def _faults_of_mode(values: Mapping[str, str]) -> dict[str, str]:
    """What the mode forbids, from the raw words, so that one message can hold all of it."""
    if values.get("DESKGATE_MODE") == "production":
        return _faults_of_production(values)
    foreign = [name for name in _words(values.get("ALLOWED_HOSTS", "")) if name not in LOOPBACK_NAMES]
    return {"ALLOWED_HOSTS": "outside production only loopback names are answered"} if foreign else {}


def _faults_of_production(values: Mapping[str, str]) -> dict[str, str]:
    faults: dict[str, str] = {}
    secret = values.get("SECRET_KEY", "")
    for name in ("SECRET_KEY", "DESKGATE_KEYS", "PUBLIC_URL"):
        if not values.get(name):
            faults[name] = "missing"
    if secret and (len(secret) < SECRET_KEY_LENGTH or len(set(secret)) < SECRET_KEY_DISTINCT):
        faults["SECRET_KEY"] = f"weak: at least {SECRET_KEY_LENGTH} random characters are needed"
    url = values.get("PUBLIC_URL", "")
    if url and not url.lower().startswith("https://") and _host_of(url) not in LOOPBACK_NAMES:
        faults["PUBLIC_URL"] = "must begin with https://"
    if values.get("DEBUG", "false").lower() not in {"", "0", "false", "no", "off", "f", "n"}:
        faults["DEBUG"] = "must be off in production"
    if "*" in _words(values.get("ALLOWED_HOSTS", "")):
        faults["ALLOWED_HOSTS"] = "must name the hosts, not *"
    return faults


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MODES[:2]:
        sys.exit("usage: python -m config.env development|demo")
    var_dir = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var")
    envfile.remember_mode(var_dir / envfile.NAME, sys.argv[1])
