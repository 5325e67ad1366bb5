"""日志：口令、令牌不落进日志，Collect 地址里的也不。"""

from __future__ import annotations

import json

import pytest
import structlog

from server import logs

TOKEN = "yKSgrpIK792hx7kvPWIvn7rWQgN7t_Edhz7w7R77KvQ"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (f"/odk/v1/key/{TOKEN}/projects/330211/submission", "/odk/v1/key/***/projects/330211/submission"),
        (f"GET /odk/v1/projects/1/formList?st={TOKEN}&deviceID=x", "GET /odk/v1/projects/1/formList?st=***&deviceID=x"),
        (f"http://a/odk/v1/key/{TOKEN}?st={TOKEN}", "http://a/odk/v1/key/***?st=***"),
        ("/api/v1/field/checks/1?last=2", "/api/v1/field/checks/1?last=2"),
    ],
)
def test_a_key_in_an_address_is_struck_out(said: str, written: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        logs.configure()
        logs.get("test").info("refused", path=said, password="x", status=404)
    finally:
        structlog.configure(**before)
    line = json.loads(capsys.readouterr().err)
    assert line["path"] == written
    assert line["password"] == "***"
    assert line["status"] == 404


def test_a_key_in_a_traceback_is_struck_out(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        logs.configure()
        try:
            raise ValueError(f"/odk/v1/key/{TOKEN}/projects/1")
        except ValueError as error:
            logs.get("test").error("failed", exc_info=error)
    finally:
        structlog.configure(**before)
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "/key/***/projects/1" in said
    assert TOKEN not in said
