"""工作单元：会话、做事的人、钟、存储、待办；要么全部提交，要么什么也没发生。

`commit()` is called here and nowhere else. The clock is read here and nowhere else.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.orm import Session

from server.config import Settings
from server.db import Database
from server.domain.permissions import SYSTEM, Actor, Scope
from server.models.outbox import OutboxRow
from server.outbox import Event
from server.prepared import Line, insertion
from server.recent import Recent

if TYPE_CHECKING:
    from server.storage.port import Storage


#: Nobody in the unit reads the row again, so it needs no object.
_PROMISE = insertion(OutboxRow, ("event", "payload", "created_at", "due_at", "attempts"))


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class UnitOfWork:
    """One commit's worth of work.

    `now` is read once, so every row of one unit carries one instant. `promise` writes an outbox row into the same
    commit; the bell is rung only after it.
    """

    engine: Engine
    actor: Actor
    settings: Settings
    storage: Storage
    now: datetime
    scope: Scope = Scope(())
    promised: int = 0
    #: Whether it consists of one prepared statement.
    single: bool = False
    _connection: Connection | None = None
    _line: Line | None = None
    _session: Session | None = None

    @property
    def connection(self) -> Connection:
        """The one connection and transaction of the unit, begun at its first word."""
        if self._connection is None:  # not a cached_property: its lock is one for the whole process, and BEGIN may wait
            self._connection = self.engine.connect()
            self._connection.begin()
        return self._connection

    @property
    def line(self) -> Connection | Line:
        """What a `Prepared` runs on."""
        if not self.single:
            return self.connection
        if self._line is None:
            self._line = Line(self.engine)
        return self._line

    @property
    def session(self) -> Session:
        """Objects, on the unit's connection; a unit that only runs plain statements never makes one."""
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False)
        return self._session

    def promise(self, event: Event, payload: dict[str, Any], *, after: timedelta = timedelta(0)) -> None:
        row = {"event": event.value, "payload": payload, "created_at": self.now, "due_at": self.now + after}
        _PROMISE.run(self.connection, row | {"attempts": 0})
        self.promised += 1

    def run(self, statement: Executable, given: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None) -> Any:
        """A plain statement on the unit's own connection: rows and columns, no objects, half the cost.

        What waits in the session is not written first: flush it when the statement must see it.
        """
        return self.connection.execute(statement, given)

    def _commit(self) -> None:
        if self._session is not None:
            self._session.flush()
        if self._connection is not None:
            self._connection.commit()

    def _leave(self) -> None:
        """Give the connection back; whatever was not committed never happened."""
        if self._session is not None:
            self._session.close()
        if self._connection is not None:
            self._connection.close()
        if self._line is not None:
            self._line.close()

    def new_id(self) -> uuid.UUID:
        return uuid.uuid4()

    def new_token(self, size: int = 32) -> str:
        """An unguessable word of `size` random bytes."""
        return secrets.token_urlsafe(size)


@dataclass
class House:
    """What one process needs to open units of work: settings, database, storage, clock and bell."""

    settings: Settings
    database: Database
    storage: Storage
    clock: Callable[[], datetime] = utc_now
    ring: Callable[[], None] = field(default=lambda: None)
    #: Who was let in a moment ago, by what they showed at the door.
    let_in: Recent = field(default_factory=Recent)

    @contextmanager
    def glance(self) -> Iterator[UnitOfWork]:
        """For asking who somebody is, before the work: a unit that reads single statements and writes nothing."""
        uow = UnitOfWork(self.database.singles, SYSTEM, self.settings, self.storage, self.clock(), single=True)
        try:
            yield uow
        finally:
            uow._leave()

    @contextmanager
    def single(self, actor: Actor, scope: Scope) -> Iterator[UnitOfWork]:
        """A unit of one plain statement, which the database makes whole and durable by itself: no BEGIN, no COMMIT.

        For writing on PostgreSQL only, where one statement can write to several tables.
        """
        uow = UnitOfWork(self.database.singles, actor, self.settings, self.storage, self.clock(), scope, single=True)
        try:
            yield uow
        finally:
            uow._leave()
        if uow.promised:
            self.ring()

    @contextmanager
    def unit(self, actor: Actor = SYSTEM, *, writing: bool = True, scope: Scope | None = None) -> Iterator[UnitOfWork]:
        """Open a unit, commit it when the block ends well, roll it back when it does not."""
        engine = self.database.writes if writing else self.database.engine
        uow = UnitOfWork(engine, actor, self.settings, self.storage, self.clock(), scope or Scope(()))
        try:
            yield uow
            if writing:
                uow._commit()
        finally:
            uow._leave()
        if uow.promised:
            self.ring()
