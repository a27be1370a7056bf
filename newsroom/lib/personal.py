"""What is handed over to a person who asks for all that is kept about them: rows of tables, as JSON can hold them."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

Rows = list[dict[str, Any]]
Tables = dict[str, Rows]


def rows(found: QuerySet[Any], **columns: str) -> Rows:
    """`found` in the order of its keys, as {name: value of the field at that path}. Times are ISO 8601 in UTC."""
    values = found.order_by("pk").values_list(*columns.values())
    data: Rows = json.loads(json.dumps([dict(zip(columns, row, strict=True)) for row in values], cls=DjangoJSONEncoder))
    return data


def filled(tables: Tables) -> Tables:
    """Those that have a row."""
    return {name: found for name, found in tables.items() if found}
