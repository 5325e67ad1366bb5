"""结构化日志：JSON 一行一条，请求号、做事的人、记录号随上下文带着。"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

import structlog

_REDACTED = ("password", "token", "authorization", "cookie", "csrf")
#: Collect carries its key in the address: in the path, or as `st=` in the query.
_KEY_IN_ADDRESS = re.compile(r"(/key/|[?&]st=)[^/?&#\s\"']+")


def _redact(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for key in event:
        if any(word in key.lower() for word in _REDACTED):
            event[key] = "***"
        elif isinstance(event[key], str):
            event[key] = _KEY_IN_ADDRESS.sub(r"\1***", event[key])
    return event


#: What every line within one request or task says besides its own words; one variable, since it is set on every request.
_ABOUT: ContextVar[Mapping[str, Any]] = ContextVar("about", default=MappingProxyType({}))


def about(**facts: Any) -> None:
    """A new request: its lines say this, and nothing of the one before."""
    _ABOUT.set(facts)


def about_also(**facts: Any) -> None:
    _ABOUT.set({**_ABOUT.get(), **facts})


def _say_about(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {**_ABOUT.get(), **event}


def configure(*, json_lines: bool = True) -> None:
    """Call once per process, before the first line is written."""
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if json_lines else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            _say_about,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("exifread").setLevel(logging.ERROR)


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(room=name)
    return logger
