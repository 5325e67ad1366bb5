"""一次演出带着的东西：服务器、打算、各人的连接、每步的用时。"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from server.demo.client import Client, sign_in_console
from server.demo.people import Logins
from server.demo.plan import Plan
from server.embedded.progress import Step


@dataclass(slots=True)
class Play:
    """一次演出：服务器、打算、账本，以及各步花的时间。"""

    base_url: str
    data: Path
    plan: Plan
    photos: Path | None = None
    figures: int = 10**6
    seconds: dict[str, float] = field(default_factory=dict)
    consoles: dict[str, Client] = field(default_factory=dict)
    logins: Logins = field(init=False)

    def __post_init__(self) -> None:
        self.logins = Logins(self.data)

    @property
    def folder(self) -> Path:
        return self.data / "season"

    def console(self, login: str) -> Client:
        """The open console session of a login, opened at first use."""
        if login not in self.consoles:
            self.consoles[login] = sign_in_console(self.base_url, login, self.logins.password(login))
        return self.consoles[login]

    def close(self) -> None:
        """Hang up every open connection."""
        for client in self.consoles.values():
            client.close()

    @contextmanager
    def step(self, label: str) -> Iterator[Step]:
        """Time one step and say when it is done."""
        step = Step(label)
        yield step
        self.seconds[label] = step.seconds
        step.done()
