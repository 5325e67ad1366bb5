"""网页进程：waitress 收完整个请求才交给线程，慢手机不占线程。"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

from waitress.server import create_server

from server.config import load_settings
from wsgi import app

BODY_SLACK_BYTES = 1024 * 1024


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM ends like Ctrl-C: requests in hand are finished, no new ones are taken."""
    raise SystemExit(0)


def main() -> int:
    settings = load_settings()
    signal.signal(signal.SIGTERM, _leave)
    server = create_server(
        app,
        host=settings.web.host,
        port=settings.web.port,
        threads=settings.web.threads,
        ident=None,
        max_request_body_size=settings.uploads.max_photo_bytes + BODY_SLACK_BYTES,
        connection_limit=400,
        channel_timeout=120,
        asyncore_use_poll=True,
    )
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
