"""请求正文，直接从连接上来。"""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import request

NO_LIMIT = 2**62  # None would mean the limit of JSON bodies


def body_stream() -> BinaryIO:
    """The body as it comes, for views that know themselves how much is welcome.

    A server that ends the stream by itself needs nobody in between, who would copy every byte twice.
    """
    request.max_content_length = NO_LIMIT
    if request.environ.get("wsgi.input_terminated", False):
        return cast(BinaryIO, request.environ["wsgi.input"])
    return cast(BinaryIO, request.stream)
