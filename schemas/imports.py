"""名录库导入导出与边界试读的形状。"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.base import Shape, page_of
from schemas.fields import Instant, Text
from server.domain.register_rows import ApplyMode, Verdict
from server.domain.registers import Datum


class ImportQuery(Shape):
    """文件叫什么。"""

    name = Text(required=True, min_length=1, max_length=200, metadata={"description": "文件名"})


class ApplyShape(Shape):
    """整份不错才写（all_or_nothing），或只写没有错的行（good_rows）。"""

    mode = fields.Enum(ApplyMode, by_value=True, required=True)


class ImportsQuery(Shape):
    """分页：`after` 是上一页给的 `next`。"""

    after = fields.Integer(strict=False, load_default=0, validate=validate.Range(0, 2**53))
    limit = fields.Integer(strict=False, load_default=50, validate=validate.Range(1, 200))


class RowsQuery(ImportsQuery):
    """只看一种结论的行。"""

    verdict = fields.Enum(Verdict, by_value=True, load_default=None)


class CountsShape(Shape):
    """各种结论的行数；没有用到的列；整份拒收时的代码和原因。"""

    rows = fields.Integer()
    new = fields.Integer()
    update = fields.Integer()
    same = fields.Integer()
    fault = fields.Integer()
    ignored_columns = fields.List(fields.String())
    refusal = fields.String()
    detail = fields.String()


class ImportShape(Shape):
    """一次导入。"""

    uuid = fields.UUID(required=True)
    room = fields.String(required=True)
    file_name = fields.String(required=True)
    file_sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    state = fields.String(required=True)
    mode = fields.String(required=True, allow_none=True)
    counts = fields.Nested(CountsShape, required=True)
    by = fields.Function(lambda account: account.author.name if account.author else None, required=True)
    at = Instant(required=True)
    applied_at = Instant(required=True, allow_none=True)


class CellFaultShape(Shape):
    """错的一格：列名、单元格（例如 C17；整行的错为空）、原值、代码、原因。"""

    column = fields.String(required=True)
    cell = fields.String(required=True)
    value = fields.String(required=True)
    code = fields.String(required=True)
    reason = fields.String(required=True)


class ImportRowShape(Shape):
    """文件里的一行。"""

    row_no = fields.Integer(required=True)
    verdict = fields.String(required=True)
    key = fields.String(required=True)
    values = fields.Dict(keys=fields.String(), required=True)
    faults = fields.List(fields.Nested(CellFaultShape), required=True)
    applied_at = Instant(required=True, allow_none=True)


class BoundaryQuery(Shape):
    """声明的坐标系；给了区划就核对远近。"""

    datum = fields.Enum(Datum, by_value=True, load_default=None)
    region_code = Text(load_default=None, min_length=6, max_length=12)


class BoundaryFaultShape(Shape):
    """边界的一处毛病。"""

    code = fields.String(required=True)
    reason = fields.String(required=True)


def _corners(**kwargs: Any) -> fields.List[Any]:
    return fields.List(fields.List(fields.Float()), required=True, allow_none=True, **kwargs)


class BoundaryShape(Shape):
    """试读的边界：原坐标系的一圈、WGS-84 的一圈、面积（平方米）、毛病。"""

    source = fields.String(required=True, allow_none=True)
    datum = fields.String(required=True, allow_none=True)
    ring = _corners()
    ring_wgs84 = _corners()
    area_m2 = fields.Float(required=True, allow_none=True)
    faults = fields.List(fields.Nested(BoundaryFaultShape), required=True)


ImportPage = page_of(ImportShape, "ImportPage")
ImportRowPage = page_of(ImportRowShape, "ImportRowPage")
