"""设置：带内嵌默认值的冻结数据类。

One place reads the environment. `ZHIJIAN_ENV` is development, test or production; `ZHIJIAN_DATA` is the data folder;
`ZHIJIAN_<GROUP>__<NAME>` overrides one value. Unknown keys stop the start; in production every value without a safe
default must be given, and all the missing ones are listed in one message.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ENVIRONMENTS = ("development", "test", "production")
SECRET = {"secret": True}
REQUIRED = {"required": True}
EMBEDDED = "embedded"


class SettingsError(Exception):
    """设置有误；消息逐条列出原因。"""


@dataclass(frozen=True, slots=True)
class Database:
    url: str = field(default="", metadata=REQUIRED | SECRET)
    pool_size: int = 10
    busy_timeout_s: int = 30
    statement_timeout_ms: int = 60_000


@dataclass(frozen=True, slots=True)
class Broker:
    url: str = field(default="", metadata=REQUIRED | SECRET)
    embedded: bool = True
    visibility_timeout_s: int = 900


@dataclass(frozen=True, slots=True)
class Store:
    root: str = ""


@dataclass(frozen=True, slots=True)
class Web:
    host: str = "127.0.0.1"
    port: int = 8300
    processes: int = 2
    threads: int = 32
    silence_s: float = 30.0
    public_url: str = field(default="", metadata=REQUIRED)


@dataclass(frozen=True, slots=True)
class Uploads:
    max_photo_bytes: int = 60 * 1024 * 1024
    max_json_bytes: int = 8 * 1024 * 1024
    max_pixels: int = 50_000_000
    examine_seconds: int = 5
    examine_memory_mb: int = 900
    #: What Collect is asked to put into one post; one photo each keeps what a bad link has carried.
    openrosa_batch_bytes: int = 4_000_000
    #: A resumable upload may be gone on with for this long; afterwards it is unknown and its bytes are swept.
    expiry_days: int = 14
    #: Unfinished resumable uploads of one person; a phone has a handful at a time, more would only fill the disk.
    most_open: int = 1000
    #: A connection without progress for this long may be taken over by the next one for the same upload.
    lock_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Security:
    session_hours: int = 12
    device_token_days: int = 180
    login_attempts: int = 8
    login_window_s: int = 300
    argon2_time: int = 2
    argon2_memory_kib: int = 19_456
    cookie_secure: bool = False
    draw_key: str = field(default="", metadata=REQUIRED | SECRET)
    log_key: str = field(default="", metadata=REQUIRED | SECRET)
    receipt_key: str = field(default="", metadata=REQUIRED | SECRET)
    #: Public keys (base64, blanks between) that earlier receipts were signed with; they stay published.
    receipt_keys_before: str = ""


@dataclass(frozen=True, slots=True)
class Workers:
    concurrency: int = 2
    drain_every_s: float = 1.0
    lease_s: int = 30
    paper_lease_s: int = 600
    ring_again_s: int = 15
    max_attempts: int = 6


@dataclass(frozen=True, slots=True)
class Evidence:
    site_margin_m: int = 100
    clock_tolerance_s: int = 300
    queue_days: int = 14
    similar_bits: int = 48


@dataclass(frozen=True, slots=True)
class Publishing:
    authority: str = "示例市住房和城乡建设局"
    coordinate_decimals: int = 2
    majority_percent: int = 50
    minority_percent: int = 20
    typical_cases: int = 5
    #: After a draw is opened: `agency` keeps officers as pseudonyms, `names` gives name and certificate number.
    officer_policy: str = "agency"
    log_origin: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """全部设置；`origins` 记住每个值从哪里来。"""

    env: str
    data: Path
    database: Database
    broker: Broker
    storage: Store
    web: Web
    uploads: Uploads
    security: Security
    workers: Workers
    evidence: Evidence
    publishing: Publishing
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def spatialite(self) -> bool:
        return self.database.url.startswith("sqlite")

    @property
    def log_origin(self) -> str:
        """The public name of the transparency log; it belongs to the key and must not change while the log lives."""
        host = urlsplit(self.web.public_url).netloc.rpartition("@")[2] or "zhijian.example"
        return self.publishing.log_origin or f"{host}/log"

    @property
    def log_key_file(self) -> Path:
        """Where the seed of the log's key lies when it is not given as a setting."""
        return self.data / "log.key"


GROUPS: dict[str, type[Any]] = {
    "database": Database,
    "broker": Broker,
    "storage": Store,
    "web": Web,
    "uploads": Uploads,
    "security": Security,
    "workers": Workers,
    "evidence": Evidence,
    "publishing": Publishing,
}
PLAIN_KEYS = {"ZHIJIAN_ENV", "ZHIJIAN_DATA"}
IGNORED_PREFIXES = ("ZHIJIAN_TEST_", "ZHIJIAN_PHOTOS", "ZHIJIAN_BENCH_")


def _convert(kind: str, raw: str, key: str) -> Any:
    try:
        if kind == "bool":
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[raw.lower()]
        return {"int": int, "float": float}.get(kind, str)(raw)
    except (KeyError, ValueError):
        raise SettingsError(f"{key}={raw!r} 不是 {kind} 型的值") from None


def _runtime_folder(data: Path) -> Path:
    """A unix socket path may not exceed about 100 bytes; deep data folders get a short private one."""
    if len(str(data / "run" / "broker.sock").encode()) < 96:
        return data / "run"
    digest = sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"zhijian-{os.getuid()}-{digest}"


def _embedded_defaults(data: Path) -> dict[tuple[str, str], str]:
    return {
        ("database", "url"): f"sqlite:///{data / 'zhijian.db'}",
        ("broker", "url"): f"redis+socket://{_runtime_folder(data) / 'broker.sock'}",
        ("storage", "root"): str(data / "originals"),
    }


def _overrides(environ: Mapping[str, str]) -> tuple[dict[tuple[str, str], str], list[str]]:
    found: dict[tuple[str, str], str] = {}
    unknown: list[str] = []
    for key, raw in environ.items():
        if not key.startswith("ZHIJIAN_") or key in PLAIN_KEYS or key.startswith(IGNORED_PREFIXES):
            continue
        group, _, name = key.removeprefix("ZHIJIAN_").lower().partition("__")
        known = group in GROUPS and name in {f.name for f in fields(GROUPS[group])}
        if known:
            found[(group, name)] = raw
        else:
            unknown.append(key)
    return found, sorted(unknown)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment once and return frozen Settings; raises SettingsError with every fault at once."""
    environ = os.environ if environ is None else environ
    env = environ.get("ZHIJIAN_ENV", "development")
    data = Path(environ.get("ZHIJIAN_DATA", ".data")).expanduser().absolute()
    given, unknown = _overrides(environ)
    faults = [f"不认识的设置 {key}" for key in unknown]
    if env not in ENVIRONMENTS:
        faults.append(f"ZHIJIAN_ENV={env!r} 应为 {'、'.join(ENVIRONMENTS)} 之一")
    defaults = _embedded_defaults(data)
    origins: dict[str, str] = {"env": "环境" if "ZHIJIAN_ENV" in environ else "默认"}
    groups: dict[str, Any] = {}
    for group, cls in GROUPS.items():
        values: dict[str, Any] = {}
        for item in fields(cls):
            key, label = (group, item.name), f"{group}.{item.name}"
            if key in given:
                values[item.name] = _convert(
                    str(item.type), given[key], f"ZHIJIAN_{group.upper()}__{item.name.upper()}"
                )
                origins[label] = "环境"
                continue
            origins[label] = "默认"
            if env == "production" and item.metadata.get("required"):
                faults.append(f"生产环境必须设置 ZHIJIAN_{group.upper()}__{item.name.upper()}")
            if key in defaults:
                values[item.name] = defaults[key]
        groups[group] = cls(**values)
    if faults:
        raise SettingsError("设置有误，未启动：\n" + "\n".join(f"  - {f}" for f in faults))
    return Settings(env=env, data=data, origins=origins, **groups)


def _masked(value: str) -> str:
    """An address keeps its scheme and host, a key keeps nothing."""
    if "://" not in value:
        return "***" if value else ""
    scheme, _, rest = value.partition("://")
    return f"{scheme}://***@{rest.rpartition('@')[2]}" if "@" in rest else value


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Rows (name, value, origin) for `make settings`; secrets are masked."""
    rows = [("env", settings.env, settings.origins.get("env", "默认")), ("data", str(settings.data), "")]
    for group, cls in GROUPS.items():
        values = getattr(settings, group)
        for item in fields(cls):
            value = str(getattr(values, item.name))
            if item.metadata.get("secret"):
                value = _masked(value)
            label = f"{group}.{item.name}"
            rows.append((label, value, settings.origins.get(label, "默认")))
    return rows
