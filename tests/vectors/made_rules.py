"""做出来的规则：封闭集合里有、而已发布的检查表还没用到的写法。"""

from __future__ import annotations

from typing import Any

_SPECS = [
    {"name": "use", "title": "用途", "kind": "choice", "options": ["甲", "乙"]},
    {"name": "base", "title": "基准", "kind": "number", "unit": "mm"},
    {"name": "deadline", "title": "规定期限", "kind": "date"},
    {"name": "method", "title": "检测方法", "kind": "choice", "options": ["标准方法", "快速检测"]},
]

MADE: dict[str, dict[str, Any]] = {
    "strict": {
        "title": "不含界",
        "operator": "table",
        "unit": "mm",
        "rows": [{"op": ">", "value": "1.5", "standard": "甲"}, {"op": "<", "value": "3", "standard": "乙"}],
    },
    "equal": {"operator": "table", "rows": [{"op": "=", "value": "0"}]},
    "absolute": {
        "title": "绝对值",
        "operator": "table",
        "interval": "0.5",
        "rows": [{"op": "abs<", "value": "3"}, {"op": "abs>=", "value": "1", "unit": "mm"}],
    },
    "open_ends": {
        "operator": "table",
        "rows": [{"op": "between", "max": "5"}, {"op": "between", "min": "-5"}],
    },
    "statistics": {
        "title": "统计",
        "operator": "table",
        "unit": "MPa",
        "interval": "0.1",
        "rows": [
            {"op": "<=", "of": "max", "value": "9", "title": "最大值"},
            {"op": ">=", "of": "min", "value": "1.05"},
            {"op": "<=", "of": "mean", "value": "5"},
            {"op": "<=", "of": "count_below", "than": "2", "value": "1", "unit": "个"},
            {"op": ">=", "of": "n", "value": "3", "unit": "个"},
        ],
    },
    "formula": {
        "title": "随另一条件的限值",
        "operator": "table",
        "unit": "mm",
        "specs": _SPECS,
        "rows": [
            {
                "op": "<=",
                "formula": {
                    "input": "base",
                    "times": "2",
                    "divide": "3",
                    "plus": "0.5",
                    "at_least": "4",
                    "at_most": "10",
                },
            }
        ],
    },
    "reference": {
        "title": "与基准之差",
        "operator": "table",
        "unit": "mm",
        "interval": "0.1",
        "specs": _SPECS,
        "rows": [{"op": "abs<=", "value": "0.3", "reference": "base"}],
    },
    "share": {
        "title": "占基准",
        "operator": "table",
        "unit": "%",
        "interval": "0.01",
        "specs": _SPECS,
        "rows": [{"op": ">=", "value": "33.33", "relative_to": "base"}],
    },
    "hundreds": {"operator": "table", "interval": "100", "rows": [{"op": ">=", "value": "1500"}]},
    "thirds": {"operator": "table", "interval": "0.03", "rows": [{"op": "<=", "value": "0.09"}]},
    "regions": {
        "title": "分地区",
        "operator": "table",
        "specs": _SPECS,
        "rows": [
            {"op": "<=", "value": "5", "region": "440000", "standard": "广东"},
            {"op": "<=", "value": "4", "region": "441300", "standard": "惠州"},
            {"op": "<=", "value": "3", "region": "330211", "standard": "镇海", "from": "2025-01-01"},
        ],
    },
    "dated": {
        "title": "分日期",
        "operator": "table",
        "date_input": "deadline",
        "specs": _SPECS,
        "rows": [
            {"op": "<=", "value": "5", "until": "2020-01-01"},
            {"op": "<=", "value": "4", "from": "2021-02-28", "until": "2024-02-29"},
            {"op": "<=", "value": "3", "from": "2024-03-01"},
        ],
    },
    "exempt": {
        "title": "有例外",
        "operator": "table",
        "specs": _SPECS,
        "rows": [
            {"op": "<=", "value": "5", "unless": [{"input": "use", "words": ["甲"]}, {"input": "base", "min": "3"}]}
        ],
    },
    "banned": {
        "title": "禁止情形",
        "operator": "table",
        "specs": _SPECS,
        "rows": [{"op": "prohibited", "title": "甲不得使用", "when": [{"input": "use", "words": ["甲"]}]}],
    },
    "chosen": {
        "title": "所选",
        "operator": "table",
        "specs": _SPECS,
        "rows": [
            {"op": "in", "values": ["甲", "乙"], "input": "use"},
            {"op": "in", "values": ["一星", "二星"], "title": "星级"},
        ],
    },
    "days": {
        "title": "期限",
        "operator": "table",
        "specs": _SPECS,
        "rows": [
            {"op": "not_after", "reference": "deadline", "title": "送达"},
            {"op": "within_days", "reference": "deadline", "value": "15"},
        ],
    },
    "screened": {
        "title": "快检",
        "operator": "table",
        "screening": "快速检测",
        "specs": _SPECS,
        "rows": [{"op": "<=", "value": "0.06"}],
    },
    "words_as_numbers": {
        "title": "词与数",
        "operator": "table",
        "specs": _SPECS,
        "rows": [{"op": "<=", "value": "1", "when": [{"input": "base", "words": ["100", "150"]}]}],
    },
    "quota_fixed": {
        "title": "应有数量",
        "operator": "quota",
        "unit": "份",
        "advice": "6",
        "needs": ["use"],
        "specs": _SPECS,
        "rows": [{"op": ">=", "value": "2"}, {"input": "base", "per": "0.3"}],
    },
    "bands_open": {
        "title": "分档",
        "operator": "bands",
        "unit": "分",
        "specs": _SPECS,
        "rows": [
            {"op": ">=", "value": "90", "label": "优", "outcome": "conforming"},
            {"op": "between", "min": "60", "max": "80", "label": "中", "outcome": "needs_review"},
            {"op": "<", "value": "60", "label": "差", "outcome": "failing"},
        ],
    },
    "samples_spare": {
        "operator": "samples",
        "rows": [{"label": "groups", "value": "2"}, {"label": "spare", "value": "1"}],
    },
    "prototype_names": {
        "title": "生僻的条件名",
        "operator": "table",
        "rows": [{"op": "<=", "value": "1", "when": [{"input": "constructor", "words": ["toString"]}]}],
    },
}
