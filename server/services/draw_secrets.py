"""一次性码链：每个批次一条，加密落库；第 i 轮用倒数第 i 个码。"""

from __future__ import annotations

import secrets

from server.domain.draw_states import STEPS
from server.domain.draws import chain_code
from server.formats.secretbox import seal, unseal
from server.keys import draw_key
from server.models.draws import DrawSecret
from server.uow import UnitOfWork

SECRET_BYTES = 32


def new_chain(uow: UnitOfWork, series: str) -> DrawSecret:
    """A fresh secret for a series, sealed under the house's key."""
    box = seal(draw_key(uow.settings), secrets.token_bytes(SECRET_BYTES), series)
    row = DrawSecret(series=series, steps=STEPS, sealed=box)
    uow.session.add(row)
    return row


def chain_of(uow: UnitOfWork, series: str) -> DrawSecret:
    return uow.session.get_one(DrawSecret, series)


def secret_of(uow: UnitOfWork, chain: DrawSecret) -> bytes:
    """c0; leaves this room only when the series is closed."""
    return unseal(draw_key(uow.settings), chain.sealed, chain.series)


def commitment_of(uow: UnitOfWork, chain: DrawSecret) -> bytes:
    """c(n), published with the plan."""
    return chain_code(secret_of(uow, chain), chain.steps)


def code_of(uow: UnitOfWork, chain: DrawSecret, number: int) -> bytes:
    """c(n - round), the one-time code of a round."""
    return chain_code(secret_of(uow, chain), chain.steps - number)
