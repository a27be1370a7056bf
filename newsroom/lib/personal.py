"""What is handed over to people who ask for all that is kept about them, and what the admin's log forgets of them."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet

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


def log_of(model: type[Model], keys: Iterable[int]) -> QuerySet[LogEntry]:
    """What the admin's log says of these rows."""
    kind = ContentType.objects.get_for_model(model)
    return LogEntry.objects.filter(content_type=kind, object_id__in=[str(key) for key in keys])


def forget_in_log(model: type[Model], keys: Iterable[int]) -> None:
    """Take the names of these rows out of the admin's log. Who changed which of them, and when, stays there."""
    log_of(model, keys).update(object_repr="", change_message="")
