"""路由的框：认人 → 许可 → 读入 → 在工作单元里做 → 提交 → 然后才回答。

Every route is wrapped by `endpoint(...)`, which names its permission and its door. The house test refuses a route
without one. The doors: `field` (a phone's bearer token), `console` (cookie session, CSRF on writes), `public` (nobody).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from random import getrandbits
from typing import Any, Literal, TypeVar

import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import IntegrityError

from server import logs
from server.domain.errors import Refused
from server.domain.permissions import ANONYMOUS, Actor, Permission, Scope
from server.routes import identity
from server.routes.problems import from_integrity
from server.uow import House, UnitOfWork

Door = Literal["field", "console", "odk", "public"]
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
RACES = 3
log = structlog.get_logger(room="routes")


@dataclass(frozen=True, slots=True)
class Guard:
    """What a route declared about itself; read by the frame and by the house tests."""

    permission: Permission
    door: Door
    writes: bool


def house() -> House:
    found: House = current_app.extensions["house"]
    return found


def _identify(guard: Guard) -> Actor:
    with house().glance() as uow:
        return identity.identify(uow, guard.door, changes=request.method not in ("GET", "HEAD", "OPTIONS"))


def _permit(guard: Guard) -> tuple[Actor, Scope]:
    return (ANONYMOUS, Scope(())) if guard.door == "public" else _permitted(_identify(guard), guard)


def _permitted(actor: Actor, guard: Guard) -> tuple[Actor, Scope]:
    if not actor.may(guard.permission):
        raise Refused("permission-denied", "您的角色没有此项权限。", facts={"permission": guard.permission.value})
    return actor, actor.scope(guard.permission)


def settle_races(once: Callable[[], T]) -> T:
    """Run a unit again when another request committed the same public id first: the second look finds it there."""
    for _ in range(RACES):
        try:
            return once()
        except IntegrityError as error:
            problem = from_integrity(error)
            if problem is None or not problem.code.endswith("-raced"):
                raise
    return once()


def endpoint(
    permission: Permission, *, door: Door, writes: bool = False, refuses: tuple[int, ...] = ()
) -> Callable[[F], F]:
    """Wrap a view: it receives `uow` (open, scoped) and its answer leaves only after the commit.

    `refuses` lists the problem statuses of this view besides those every view of the door has.
    """
    guard = Guard(permission, door, writes)

    def decorate(view: F) -> F:
        @functools.wraps(view)
        def framed(*args: Any, **kwargs: Any) -> Any:
            actor, scope = _permit(guard)
            logs.about_also(actor=actor.label, permission=permission.value)

            def once() -> Any:
                with house().unit(actor, writing=writes, scope=scope) as uow:
                    return view(*args, uow=uow, **kwargs)

            return settle_races(once)

        return _declared(framed, view, guard, refuses)

    return decorate


@dataclass(frozen=True, slots=True)
class Caller:
    """For views that stream: who asked and where they may act; units are opened only once the bytes are in."""

    actor: Actor
    scope: Scope
    guard: Guard
    remembered: bool = False

    def certain(self) -> Caller:
        """The same caller asked anew, for views that remember; raises what the door raises."""
        return _let_in(self.guard)

    def asked(self) -> Caller:
        """The same caller asked within this request: anew when only remembered; raises what the door raises."""
        return self.certain() if self.remembered else self

    def single(self) -> AbstractContextManager[UnitOfWork]:
        """A unit of one statement, which asks by itself whether the caller may."""
        return house().single(self.actor, self.scope)

    def unit(self, permission: Permission | None = None) -> AbstractContextManager[UnitOfWork]:
        """A unit of work of its own; with `permission` for another use case than the view's. Raises Refused."""
        if permission is None:
            return house().unit(self.actor, scope=self.scope)
        if not self.actor.may(permission):
            raise Refused("permission-denied", "您的角色没有此项权限。", facts={"permission": permission.value})
        return house().unit(self.actor, scope=self.actor.scope(permission))

    def now(self) -> datetime:
        return house().clock()

    def glance(self) -> AbstractContextManager[UnitOfWork]:
        """A unit for reading."""
        return house().unit(self.actor, writing=False, scope=self.scope)


def _let_in(guard: Guard) -> Caller:
    return Caller(*_permit(guard), guard)


def _let_in_again(guard: Guard) -> Caller:
    """Like `_let_in`, but whoever was let in a moment ago is not asked anew before sending."""
    shown, known = identity.shown(guard.door), house().let_in
    actor = known.get(shown) if shown and request.method == "POST" else None
    if actor is not None:
        return Caller(*_permitted(actor, guard), guard, remembered=True)
    caller = _let_in(guard)
    if shown:
        known.put(shown, caller.actor)
    return caller


def streaming(
    permission: Permission, *, door: Door, refuses: tuple[int, ...] = (), asks_again: bool = False
) -> Callable[[F], F]:
    """Like `endpoint` for a view that reads a long body: it receives `caller`, and no transaction waits for the phone.

    With `asks_again` the view asks in the statement that writes whether the caller may; until then a fresh memory will do.
    """
    guard = Guard(permission, door, writes=True)
    let_in = _let_in_again if asks_again else _let_in

    def decorate(view: F) -> F:
        @functools.wraps(view)
        def framed(*args: Any, **kwargs: Any) -> Any:
            caller = let_in(guard)
            logs.about_also(actor=caller.actor.label, permission=permission.value)
            return view(*args, caller=caller, **kwargs)

        return _declared(framed, view, guard, refuses)

    return decorate


def _declared(framed: Any, view: Any, guard: Guard, refuses: tuple[int, ...]) -> Any:
    framed.guard = guard
    described = {"door": guard.door, "permission": guard.permission.value, "refuses": refuses}
    framed._apidoc = {**getattr(view, "_apidoc", {}), "guard": described}
    return framed


def unguarded(reason: str) -> Callable[[F], F]:
    """Mark a view that needs no unit of work and no permission (health, static documents), with the reason why."""

    def decorate(view: F) -> F:
        view.unguarded = reason  # type: ignore[attr-defined]
        return view

    return decorate


def install(app: Flask) -> None:
    """Request ids, log context and security headers for every answer."""

    @app.before_request
    def begin() -> None:
        g.request_id = f"{getrandbits(64):016x}"  # a name for the log, no secret
        logs.about(request_id=g.request_id, method=request.method, path=request.path)

    @app.after_request
    def finish(reply: Response) -> Response:
        reply.headers.add("X-Request-Id", g.get("request_id", ""))
        if reply.status_code >= 400:
            log.info("refused", status=reply.status_code)
        return reply

    app.wsgi_app = Guarded(app.wsgi_app)  # type: ignore[method-assign]


class Guarded:
    """Puts the security headers on every answer, at the very edge: there they are pairs in a list and cost nothing."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self._inner = inner
        self._own = [(name, name.lower(), value) for name, value in SECURITY_HEADERS.items()]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            given = {name.lower() for name, _ in headers}
            return start(status, headers + [(n, value) for n, low, value in self._own if low not in given], *more)

        return self._inner(environ, begin)


SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
}
