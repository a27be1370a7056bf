"""Rows of the article's inline forms: read from what was sent, and written anew over the rows that are stored now."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict


@dataclass(frozen=True)
class Inline:
    """One of the inline forms: which field tells its rows apart, and what else is typed in one."""

    relation: str
    key: str
    names: tuple[str, ...]


BYLINES = Inline("bylines", "author", ("author", "position"))
PICTURES = Inline("image_uses", "image", ("image", "place", "position", "caption", "alt", "credit"))


@dataclass(frozen=True)
class Rows:
    """What was sent: whole rows with what each means, and unfinished ones as they were typed."""

    # As typed, by field; and the object that `key` names.
    whole: list[tuple[dict[str, str], Any]]
    unfinished: list[dict[str, str]]


def sent(formset: Any, inline: Inline) -> Rows:
    """The rows of a bound formset that are not marked to be deleted. Rows that nobody filled in are none."""
    formset.is_valid()
    rows = Rows([], [])
    for form in formset.forms:
        typed = {name: str(form.data.get(form.add_prefix(name)) or "") for name in inline.names}
        cleaned = getattr(form, "cleaned_data", {})
        if cleaned.get("DELETE") or form.data.get(form.add_prefix("DELETE")):
            continue
        if cleaned.get(inline.key) is not None:
            rows.whole.append((typed, cleaned[inline.key]))
        elif form.has_changed() and any(value for name, value in typed.items() if name not in ("place", "position")):
            rows.unfinished.append(typed)
    rows.whole.sort(key=lambda row: position(row[0]))
    return rows


def position(typed: dict[str, str]) -> int:
    """The position that was typed, 0 where it is none."""
    value = typed.get("position", "")
    return int(value) if value.isdecimal() and len(value) < 6 else 0


def rewritten(request: HttpRequest, wrapper: Any, inline: Inline, wanted: Iterable[dict[str, Any]]) -> None:
    """Let the admin's inline show the `wanted` rows. Stored ones that are not among them are marked to be deleted."""
    formset = wrapper.formset
    stored = list(wrapper.opts.get_queryset(request).filter(article=formset.instance))
    waiting = list(wanted)
    rows: list[dict[str, Any]] = []
    for row in stored:
        own = str(getattr(row, f"{inline.key}_id"))
        found = next((typed for typed in waiting if str(typed[inline.key]) == own), None)
        if found is not None:
            waiting.remove(found)
            rows.append(found | {"id": row.pk})
        else:
            kept = {name: getattr(row, name) for name in inline.names if name != inline.key}
            rows.append({inline.key: own, "id": row.pk, "DELETE": "on"} | kept)
    data = QueryDict(mutable=True)
    prefix = formset.prefix
    data.update({f"{prefix}-TOTAL_FORMS": str(len(rows) + len(waiting)), f"{prefix}-INITIAL_FORMS": str(len(rows))})
    for number, typed in enumerate([*rows, *waiting]):
        for name, value in {**typed, "article": formset.instance.pk}.items():
            data[f"{prefix}-{number}-{name}"] = str(value)
    queryset = wrapper.opts.get_queryset(request)
    wrapper.formset = type(formset)(data=data, instance=formset.instance, prefix=prefix, queryset=queryset)
