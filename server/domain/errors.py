"""错误族：业务说“不行”的几种方式。

An error carries facts and a stable code, never an HTTP number: `server/routes/problems.py` is the only table that
turns a family into a status. Every code has a page in `docs/problems/<code>.md` and an entry in `CATALOGUE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong place: `pointer` is an RFC 6901 JSON pointer into what was sent, `reason` a Chinese sentence."""

    pointer: str
    reason: str
    code: str = "invalid"


class ZhijianError(Exception):
    """Base of all refusals that a caller can act on.

    `code` is kebab-case and stable; `detail` is a Chinese sentence for the person; `facts` are typed values for
    the program (never shown on the public portal); `errors` point at single fields.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        facts: Mapping[str, Any] | None = None,
        errors: Iterable[FieldError] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.facts: dict[str, Any] = dict(facts or {})
        self.errors: tuple[FieldError, ...] = tuple(errors)
        self.retry_after = retry_after


class Unidentified(ZhijianError):
    """没有认出来人：未登录、令牌过期或已吊销。"""


class Refused(ZhijianError):
    """认出来了，但不许：权限、范围或资格不够。"""


class Missing(ZhijianError):
    """没有这样东西，或不在此人可见的范围内。"""


class Gone(ZhijianError):
    """曾经有，已按规定撤下。"""


class Conflict(ZhijianError):
    """与已有的事实相冲突；重试不会改变结果。"""


class Invalid(ZhijianError):
    """送来的内容有错；`errors` 指出每一处。"""


class TooLarge(ZhijianError):
    """超过字节、像素或条数的上限。"""


class UnsupportedMedia(ZhijianError):
    """内容类型不是本接口接受的。"""


class Busy(ZhijianError):
    """太频繁，过 `retry_after` 秒再来。"""


class NotReady(ZhijianError):
    """暂时不能服务，过 `retry_after` 秒再来。"""


class Malformed(Invalid):
    """请求头不合协议，无法解读。"""


class Mismatched(Invalid):
    """收到的字节与说好的校验不符；没有收下。"""


class Unsupported(ZhijianError):
    """说的协议版本不是本接口的。"""


class Locked(ZhijianError):
    """另一个连接正在写同一样东西，过 `retry_after` 秒再来。"""
