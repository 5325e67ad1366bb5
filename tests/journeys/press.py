"""另一个进程里的一只手：到了约定的时刻按一下，把答复的状态码和理由码写出来。

`python -m tests.journeys.press URL METHOD PATH`, with {"headers", "content", "at"} on the standard input; `at` is the
moment of the press in seconds since 1970.
"""

import json
import sys
import time

from server.demo.client import Client

ANY = (200, 201, 202, 403, 404, 409, 422)


def main(url: str, method: str, path: str) -> None:
    told = json.load(sys.stdin)
    with Client(url, told["headers"]) as client:
        client.call("GET", "/ready")  # the connection is open when the moment comes
        time.sleep(max(0.0, told["at"] - time.time()))
        reply = client.call(method, path, content=told["content"], expect=ANY)
    print(json.dumps({"status": reply.status, "code": reply.code}))


if __name__ == "__main__":
    main(*sys.argv[1:])
