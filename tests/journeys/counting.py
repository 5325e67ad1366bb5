"""只数正文的程序，跑在真的网页服务里：收到多少字节，一边收一边记在文件里。"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from server.embedded import web

FOLDER = "ZHIJIAN_TEST_COUNTED"
CHUNK = 16 * 1024


def count(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """PUT /name counts its body into the file of that name; GET /work takes a second; anything else answers at once."""
    path = environ["PATH_INFO"].lstrip("/")
    if path == "work":
        time.sleep(1.0)
    got = 0
    if environ["REQUEST_METHOD"] == "PUT":
        while piece := environ["wsgi.input"].read(CHUNK):
            got += len(piece)
            (Path(os.environ[FOLDER]) / path).write_text(str(got))
    words = f"{got} {os.getpid()}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(words)))])
    return [words]


def build() -> Any:
    return web.watched(count)


if __name__ == "__main__":
    web.main("tests.journeys.counting:build")
