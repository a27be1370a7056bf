"""The preference centre: what a subscriber gets, and what is kept about them.

Nothing changes when a page is only looked at, and nothing is set in the browser: the link is the proof.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from newsroom.lib import addresses, throttle
from newsroom.lib.sameorigin import same_origin
from subscribers import jobs, leaving, pages, preferring, privacy
from subscribers.models import Subscription
from subscribers.offers import offered
from subscribers.pages import private
from subscribers.preference_forms import ChoiceForm, LinkForm, PersonForm, tomorrow
from subscribers.preferring import Visitor
from subscribers.states import SubscriptionState
from subscribers.views import FAILED

REQUESTS_FROM_A_NETWORK = 20
AN_HOUR = 3600

logger = logging.getLogger(__name__)

DONE = {
    "saved": gettext_lazy("Your choice is saved."),
    "left": gettext_lazy("You have been unsubscribed from everything."),
    "sent": gettext_lazy("We have sent you a fresh link. It is good for an hour."),
}


@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Mail me my link. The answer is the same for every address, known or not, and so is the work for it."""
    if request.method != "POST":
        return _find_page(request, LinkForm())
    form = LinkForm(request.POST)
    network = addresses.prefix(addresses.client_address(request))
    try:
        if not throttle.allow(f"newsletter link {network}", REQUESTS_FROM_A_NETWORK, AN_HOUR):
            many = _("Many requests came from your network. It can send again in an hour.")
            return _find_page(request, form, 429, many)
        if not form.is_valid():
            return _find_page(request, form, 422)
        jobs.mail_link(form.cleaned_data["email"].norm)
    except Exception:  # counters or the jobs' own database are away: readers are told, and keep what they typed
        logger.exception("A link was asked for and cannot be mailed")
        return _find_page(request, form, 503, str(FAILED))
    return HttpResponseRedirect(reverse("newsletter-link-sent"), status=303)


@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    """Where everyone lands who asked for a link, whoever they are."""
    title = _("If this address gets a newsletter from us, the link is on its way")
    return pages.message(request, title, [_("It is good for an hour. If no mail comes, look among unwanted mail.")])


# The link's token is the proof that a reader means it.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """One page for everything; each of its buttons says what it does by its value of `do`."""
    visitor = preferring.visitor(token)
    if visitor is None:
        return private(_find_page(request, LinkForm(), 404, _("This link cannot be used any more. Ask for a new one:")))
    if request.method != "POST":
        return private(_page(request, visitor, done=str(DONE.get(request.GET.get("done", ""), ""))))
    deed = _DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        return private(_page(request, visitor, status=400))
    if deed in _FRESH_ONLY and not visitor.fresh:
        return private(_page(request, visitor, failure=_("Please ask for a fresh link first."), status=403))
    return private(deed(request, visitor, token))


def _save(request: HttpRequest, visitor: Visitor, token: str) -> HttpResponse:
    person = PersonForm(request.POST, instance=visitor.subscriber)
    choices = _choices(visitor, request.POST)
    if not all([person.is_valid(), *(form.is_valid() for form in choices)]):
        return _page(request, visitor, person=person, choices=choices, status=422)
    with transaction.atomic():
        visitor.subscriber.save(update_fields=["language", "time_zone"])
        for form in choices:
            _choose(form, visitor, request)
    return _back(token, "saved", visitor.subscriber.language)


def _choose(form: ChoiceForm, visitor: Visitor, request: HttpRequest) -> None:
    chosen, texts = form.cleaned_data.get("state"), form.cleaned_data["consent"]
    if form.subscription is not None and form.is_sent:
        _change(form.subscription, chosen, form.cleaned_data["until"], request)
    elif visitor.fresh and texts:
        page, network = reverse("newsletter-find"), _network(request)
        preferring.agree(visitor.subscriber, texts[len(texts) - 1], page=page, address_prefix=network)


def _change(subscription: Subscription, chosen: Any, until: Any, request: HttpRequest) -> None:
    if chosen == SubscriptionState.UNSUBSCRIBED:
        leaving.leave(subscription, way="preferences", address_prefix=_network(request))
    elif chosen == SubscriptionState.PAUSED:
        preferring.pause(subscription, until)
    else:
        preferring.resume(subscription)


def _leave_all(request: HttpRequest, visitor: Visitor, token: str) -> HttpResponse:
    preferring.leave_all(visitor.subscriber, way="preferences", address_prefix=_network(request))
    return _back(token, "left", visitor.subscriber.language)


def _mail_link(request: HttpRequest, visitor: Visitor, token: str) -> HttpResponse:
    try:
        jobs.mail_link(visitor.subscriber.email_norm)
    except Exception:
        logger.exception("A link was asked for and cannot be mailed")
        return _page(request, visitor, failure=str(FAILED), status=503)
    return _back(token, "sent", visitor.subscriber.language)


def _export(request: HttpRequest, visitor: Visitor, token: str) -> HttpResponse:
    answer = JsonResponse(
        privacy.export(visitor.subscriber.email), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    answer["Content-Disposition"] = 'attachment; filename="newsletter.json"'
    return answer


def _erase(request: HttpRequest, visitor: Visitor, token: str) -> HttpResponse:
    """The first press asks, the second erases."""
    if request.POST.get("confirm") != "yes":
        return render(request, "subscribers/erase.html", {"visitor": visitor, "newsletter_form": False})
    privacy.erase(visitor.subscriber.email)
    kept = _("We keep proof that you had agreed, and that you are not to be written to, without your address.")
    return pages.message(request, _("Everything about you is erased"), [kept])


def _end_links(request: HttpRequest, visitor: Visitor, token: str) -> HttpResponse:
    preferring.end_links(visitor.subscriber)
    words = _("The next mail brings new ones. You can also ask for one on the page of the newsletter.")
    return pages.message(request, _("The links in all mails so far are useless now"), [words])


Deed = Callable[[HttpRequest, Visitor, str], HttpResponse]

_DEEDS: dict[str, Deed] = {
    "save": _save,
    "leave": _leave_all,
    "link": _mail_link,
    "export": _export,
    "erase": _erase,
    "end-links": _end_links,
}
# What a forwarded mail must not allow.
_FRESH_ONLY = (_export, _erase, _end_links)


def _page(
    request: HttpRequest,
    visitor: Visitor,
    *,
    person: PersonForm | None = None,
    choices: list[ChoiceForm] | None = None,
    done: str = "",
    failure: str = "",
    status: int = 200,
) -> HttpResponse:
    subscriber = visitor.subscriber
    page = {
        "visitor": visitor,
        "address": subscriber.email if visitor.fresh else _masked(subscriber.email),
        "person": person or PersonForm(instance=subscriber),
        "choices": choices or _choices(visitor),
        "notices": {text.newsletter_id: text for text in offered(get_language() or "")} if visitor.fresh else {},
        "tomorrow": tomorrow(subscriber),
        "done": done,
        "failure": failure,
        "newsletter_form": False,
    }
    return render(request, "subscribers/preferences.html", page, status=status)


def _find_page(request: HttpRequest, form: LinkForm, status: int = 200, failure: str = "") -> HttpResponse:
    page = {"form": form, "failure": failure, "newsletter_form": False}
    return render(request, "subscribers/find.html", page, status=status)


def _choices(visitor: Visitor, data: Any = None) -> list[ChoiceForm]:
    return [ChoiceForm(newsletter, row, data) for newsletter, row in preferring.gets(visitor.subscriber)]


def _back(token: str, done: str, language: str) -> HttpResponse:
    with translation.override(language):
        address = reverse("newsletter-preferences", args=[token])
    return HttpResponseRedirect(f"{address}?done={done}", status=303)


def _network(request: HttpRequest) -> str:
    return addresses.prefix(addresses.client_address(request))


def _masked(email: str) -> str:
    """Enough for its owner to know it again, in case the mail was forwarded."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"
