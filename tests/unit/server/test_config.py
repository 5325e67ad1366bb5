"""设置：内嵌默认值、环境覆盖、启动前一次说清全部错误。"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from server.config import GROUPS, SettingsError, describe, load_settings

PRODUCTION = {
    "ZHIJIAN_SECURITY__DRAW_KEY": "c2VjcmV0" + "A" * 35 + "=",
    "ZHIJIAN_ENV": "production",
    "ZHIJIAN_DATA": "/srv/zhijian",
    "ZHIJIAN_DATABASE__URL": "postgresql+psycopg://zj:secret@db/zj",
    "ZHIJIAN_BROKER__URL": "redis://:secret@broker/0",
    "ZHIJIAN_WEB__PUBLIC_URL": "https://example.org",
    "ZHIJIAN_SECURITY__LOG_KEY": "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0ISEhIQ==",
    "ZHIJIAN_SECURITY__RECEIPT_KEY": "cmVjZWlwdCByZWNlaXB0IHJlY2VpcHQgcmVjZWlwdCE=",
}


def test_nothing_given_is_the_embedded_default() -> None:
    settings = load_settings({})
    assert settings.env == "development"
    assert settings.spatialite
    assert settings.database.url.endswith("/.data/zhijian.db")
    assert settings.broker.url.startswith("redis+socket://")


def test_one_value_is_overridden_by_name() -> None:
    settings = load_settings({"ZHIJIAN_WEB__PORT": "9000", "ZHIJIAN_SECURITY__COOKIE_SECURE": "true"})
    assert (settings.web.port, settings.security.cookie_secure) == (9000, True)
    assert settings.origins["web.port"] == "环境"
    assert settings.origins["web.host"] == "默认"


@pytest.mark.parametrize(
    "given",
    [
        {"ZHIJIAN_WEB__PROT": "1"},
        {"ZHIJIAN_WEBPORT": "1"},
        {"ZHIJIAN_NOBODY__KNOWS": "1"},
        {"ZHIJIAN_ENV": "prod"},
        {"ZHIJIAN_WEB__PORT": "eighty"},
        {"ZHIJIAN_SECURITY__COOKIE_SECURE": "maybe"},
    ],
)
def test_what_is_not_understood_stops_the_start(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        load_settings(given)


def test_others_variables_are_not_ours_to_judge() -> None:
    assert load_settings({"PATH": "/bin", "ZHIJIAN_TEST_POSTGRES": "x", "ZHIJIAN_PHOTOS": "y"}).env == "development"


def test_production_names_everything_missing_at_once() -> None:
    with pytest.raises(SettingsError) as told:
        load_settings({"ZHIJIAN_ENV": "production", "ZHIJIAN_WEB__PROT": "1"})
    required = [
        f"ZHIJIAN_{group.upper()}__{f.name.upper()}"
        for group, cls in GROUPS.items()
        for f in fields(cls)
        if f.metadata.get("required")
    ]
    assert required
    for name in [*required, "ZHIJIAN_WEB__PROT"]:
        assert name in str(told.value)


def test_production_starts_when_all_is_given() -> None:
    assert load_settings(PRODUCTION).production


def test_settings_do_not_change() -> None:
    settings = load_settings({})
    with pytest.raises(FrozenInstanceError):
        settings.web.port = 1  # type: ignore[misc]


def test_secrets_are_masked_when_shown() -> None:
    shown = "\n".join(value for _, value, _ in describe(load_settings(PRODUCTION)))
    assert "secret" not in shown
    assert PRODUCTION["ZHIJIAN_SECURITY__LOG_KEY"] not in shown
    assert "***@db/zj" in shown


def test_every_value_is_shown_with_its_origin() -> None:
    names = {name for name, _, _ in describe(load_settings({}))}
    assert {f"{group}.{f.name}" for group, cls in GROUPS.items() for f in fields(cls)} <= names


def test_deep_folder_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    socket = load_settings({"ZHIJIAN_DATA": str(deep)}).broker.url.removeprefix("redis+socket://")
    assert len(socket.encode()) < 108


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ({}, "zhijian.example/log"),
        ({"ZHIJIAN_WEB__PUBLIC_URL": "https://gs.example.org:8443/x"}, "gs.example.org:8443/log"),
        ({"ZHIJIAN_WEB__PUBLIC_URL": "https://a", "ZHIJIAN_PUBLISHING__LOG_ORIGIN": "b/draws"}, "b/draws"),
    ],
)
def test_the_log_is_named_after_the_public_address(given: dict[str, str], origin: str) -> None:
    assert load_settings(given).log_origin == origin
