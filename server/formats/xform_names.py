"""XForm 的名字：检查项在表单里叫什么、放在哪里；造表单和读记录的都从这里取名。"""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.checklists import Checklist, Frame, Item, Kind
from server.domain.errors import Invalid

#: Goes up by one whenever the same checklist would give other bytes; part of the form's version.
LAYOUT = 1
ROOT = "/data"
#: Numbers are typed with at most this many decimals, so that whole multiples of 1/SCALE are exact in a phone.
PLACES = 4
SCALE = 10**PLACES
MOST = 10**7
BY_VALUE = "by_value"
OTHER = "other"
#: 不适用的常用理由，与 checklists/_vocabulary/na_reasons.toml 相同；另写的走 OTHER。
REASONS = (
    "尚未进行到该阶段",
    "设计无此内容",
    "本对象未使用该材料或工艺",
    "该部位已隐蔽或已完工，现场不可见",
    "不属于本次检查范围",
    "天气条件不具备",
)
#: Rules whose arithmetic goes beyond what a phone's XPath can do exactly; the server judges them.
ON_SERVER = frozenset({"pass_rate", "cube_groups", "cube_acceptance"})
_LISTED = frozenset({"pass_rate", "cube_acceptance"})
_GROUPED = frozenset({"pass_rate", "cube_groups"})
_NOT_NUMBERS = frozenset({"in", "prohibited", "not_after", "within_days"})


def form_id(code: str, frame: Frame) -> str:
    """`zhijian-RMC-project`: one form per checklist and kind of subject."""
    return f"zhijian-{code}-{frame.value}"


def form_version(checklist: Checklist) -> str:
    """`2025.1-dd766b93-1`: version, first eight of the content's digest, layout of the form."""
    return f"{checklist.version}-{checklist.digest[:8]}-{LAYOUT}"


def token(word: str) -> str:
    """A choice's word as the value of a select: blanks would end it early."""
    return "_".join(word.split())


def item_node(code: str) -> str:
    return code.replace("-", "_")


def item_code(node: str) -> str:
    return node.replace("_", "-")


def literal(text: str) -> str:
    """A string in XPath 1.0, which knows no escapes. Raises Invalid (`form-word-unusable`) when none fits."""
    for quote in ("'", '"'):
        if quote not in text:
            return f"{quote}{text}{quote}"
    raise Invalid("form-word-unusable", f"“{text}”同时含有单引号和双引号，不能写进表单。")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one item's nodes stand, and which of them the form asks."""

    item: Item
    section: str

    @property
    def at(self) -> str:
        return f"{ROOT}/s{self.section}/{item_node(self.item.code)}"

    def ask(self, name: str) -> str:
        return f"{self.at}/a/{name}"

    def input(self, name: str) -> str:
        return f"{self.at}/a/in_{name}"

    @property
    def split(self) -> bool:
        """The item takes two screens: a repeat stands between the answer and the photographs."""
        return self.repeated or self.grouped

    @property
    def end(self) -> str:
        """The group in which an item ends."""
        return f"{self.at}/b" if self.split else f"{self.at}/a"

    @property
    def say(self) -> str:
        """The node with the sentence shown; its name is the only one of its kind in the whole form."""
        return f"say_{item_node(self.item.code)}"

    def repeat(self, letter: str) -> str:
        """A repeat's node: `r` readings, `g` groups, `p` photos; unlike questions, each needs a name of its own."""
        return f"{letter}_{item_node(self.item.code)}"

    @property
    def reading(self) -> str:
        return f"{self.at}/{self.repeat('r')}/v"

    @property
    def scaled(self) -> str:
        return f"{self.at}/{self.repeat('r')}/m"

    @property
    def operators(self) -> frozenset[str]:
        return frozenset(c.rule.operator for c in self.item.checks)

    @property
    def listed(self) -> bool:
        """Readings come as one line of numbers: the server judges them, nothing on the phone needs each."""
        return bool(self.operators & _LISTED)

    @property
    def statistical(self) -> bool:
        """Some limit looks at all readings together, so each is asked by itself."""
        return any(row.of for check in self.item.checks for row in check.rule.rows)

    @property
    def valued(self) -> bool:
        """One number is asked; items of other kinds may give one where a limit would look at it."""
        if self.listed or self.statistical or Kind.COUNT in self.item.kinds:
            return False
        return Kind.NUMERIC in self.item.kinds or self._looks_at_value()

    def _looks_at_value(self) -> bool:
        rows = (r for c in self.item.checks if c.rule.operator == "table" and not c.input for r in c.rule.rows)
        return any(not r.input and r.op not in _NOT_NUMBERS for r in rows)

    @property
    def repeated(self) -> bool:
        return self.statistical or (Kind.NUMERIC in self.item.kinds and not self.listed)

    @property
    def grouped(self) -> bool:
        return Kind.SAMPLE_GROUP in self.item.kinds or bool(self.operators & _GROUPED)


def places(checklist: Checklist, frame: Frame) -> tuple[Place, ...]:
    """Every item put to this kind of subject, with its place."""
    return tuple(Place(item, s.no) for s in checklist.sections_for(frame) for item in s.items)
