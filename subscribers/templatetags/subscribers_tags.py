"""The form that stands on every page."""

from datetime import date
from typing import Any

from django import template
from django.template import Context
from django.utils.translation import get_language

from subscribers.forms import SubscribeForm
from subscribers.models import ConsentText
from subscribers.offers import offered

register = template.Library()

READ = frozenset(f"articles:{name}" for name in ("front", "article", "latest", "section", "author", "topic"))


@register.inclusion_tag("subscribers/form.html", takes_context=True)
def newsletter_form(context: Context) -> dict[str, Any]:
    """The form to subscribe, by one query; nothing where no newsletter is offered.

    It is shown once on a page, where the tag stands first. A page may set `newsletter_form` to False
    (not here) or to a filled-in form, `newsletter_page` to the path that goes into the proof,
    and `newsletter_offers` to what it has fetched already.
    """
    request, form = context.get("request"), context.get("newsletter_form")
    if form is False or request is None or getattr(request, "newsletter_form_shown", False):
        return {}
    request.newsletter_form_shown = True
    return {
        "offers": context["newsletter_offers"] if "newsletter_offers" in context else offered(get_language() or ""),
        "form": form or SubscribeForm(),
        "chosen": _chosen(form),
        "failure": context.get("newsletter_failure", ""),
        "page": context.get("newsletter_page") or request.path,
        "dialog": form is None and _may_open(context),
    }


def _may_open(context: Context) -> bool:
    """Whether the form may come up in a dialog: where the site wants it, and on pages to be read."""
    place = getattr(context["request"], "resolver_match", None)
    wanted = getattr(context.get("site"), "newsletter_dialog", False)
    return bool(wanted and place and place.view_name in READ)


def _chosen(form: SubscribeForm | None) -> list[str]:
    """What was ticked before an error, as typed."""
    return [str(value) for value in form["consent"].value() or []] if form and form.is_bound else []


@register.filter
def is_chosen(offer: ConsentText, chosen: list[str]) -> bool:
    return str(offer.pk) in chosen


@register.filter
def notices(offers: list[ConsentText]) -> list[tuple[ConsentText, list[str]]]:
    """The notices to be shown, each with the newsletters it is for: a wording that several share is read once."""
    found: dict[str, tuple[ConsentText, list[str]]] = {}
    for offer in offers:
        found.setdefault(offer.text, (offer, []))[1].append(offer.newsletter.name)
    return list(found.values())


@register.filter
def of(found: dict[Any, Any], key: Any) -> Any:
    """What a dict holds at a key; None where it holds nothing."""
    return found.get(key)


@register.filter
def date_value(day: Any) -> str:
    """A day as an <input type="date"> takes it; what was typed instead of one stays as it is."""
    return day.isoformat() if isinstance(day, date) else day or ""
