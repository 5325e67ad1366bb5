"""流式回答：边读边发，工作单元开着直到最后一个字节；头一个字节之前的错误仍是问题说明。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from urllib.parse import quote

from flask import Response, request

from server.domain.permissions import ANONYMOUS
from server.routes.endpoint import house
from server.uow import UnitOfWork

Produce = Callable[[UnitOfWork], Iterable[bytes]]


def unchanged(token: str) -> Response | None:
    """A 304 when the asker already holds the answer with this token, else None."""
    if not request.if_none_match.contains_weak(token):
        return None
    reply = Response(status=304)
    reply.set_etag(token, weak=True)
    return reply


def stream(produce: Produce, *, media_type: str, token: str = "", name: str = "") -> Response:
    """Answer with what `produce` yields, read in a unit of its own that closes with the answer.

    The first chunk is made before the answer starts, so a refusal becomes a problem. `token` is a weak ETag, `name` a
    file name to save under.
    """
    with ExitStack() as opened:
        chunks = iter(produce(opened.enter_context(house().unit(ANONYMOUS, writing=False))))
        first = next(chunks, b"")
        kept = opened.pop_all()
    reply = Response(_rest(first, chunks, kept), content_type=_content_type(media_type))
    reply.call_on_close(kept.close)  # also when nobody reads it (HEAD, or the asker has gone)
    reply.headers["Cache-Control"] = "no-cache"
    if token:
        reply.set_etag(token, weak=True)
    if name:
        reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return reply


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _rest(first: bytes, chunks: Iterator[bytes], opened: ExitStack) -> Iterator[bytes]:
    try:
        yield first
        yield from chunks
    finally:
        opened.close()
