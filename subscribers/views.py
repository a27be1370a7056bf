"""The pages of the newsletter. None sets a cookie, and none changes anything when it is only looked at."""

import logging
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from newsroom.lib import addresses, throttle
from newsroom.lib.sameorigin import same_origin
from subscribers import jobs, leaving, letters, pages, subscribing
from subscribers.forms import SubscribeForm
from subscribers.offers import offered
from subscribers.pages import private
from subscribers.subscribing import Answer

ALMOST_THERE = gettext_lazy("Almost there: we have sent you a link to confirm")
SUBSCRIBED = gettext_lazy("You have successfully subscribed to the newsletter")
FAILED = gettext_lazy("There was an error while trying to send your request. Please try again.")

REQUESTS_FROM_A_NETWORK = 20
AN_HOUR = 3600

logger = logging.getLogger(__name__)


@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def newsletter(request: HttpRequest) -> HttpResponse:
    """The form on a page of its own; what every form on the site is sent to."""
    if request.method != "POST":
        return _form_page(request, SubscribeForm())
    form = SubscribeForm(request.POST)
    try:
        network = addresses.prefix(addresses.client_address(request))
        if not throttle.allow(f"newsletter form {network}", REQUESTS_FROM_A_NETWORK, AN_HOUR):
            return _failure(
                request, form, 429, _("Many requests came from your network. It can send again in an hour.")
            )
        if not form.is_valid():
            return _invalid(request, form)
        _take(form.cleaned_data, network)
    except Exception:  # whatever is broken, readers get the promised sentence, and keep what they typed
        logger.exception("A request to subscribe was not taken")
        return _failure(request, form, 503)
    if _wants_json(request):
        return JsonResponse({"message": ALMOST_THERE})
    return HttpResponseRedirect(reverse("newsletter-almost-there"), status=303)


@require_safe
def almost_there(request: HttpRequest) -> HttpResponse:
    """Where everyone lands who sent the form, whoever they are."""
    return pages.message(
        request, ALMOST_THERE, [_("Please open the mail and press the button on the page it leads to.")]
    )


@require_safe
def confirmed(request: HttpRequest) -> HttpResponse:
    return _subscribed(request)


# The link's token is the proof that a reader means it; mail programs may send no Origin at all.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button: mail scanners follow links, but press nothing."""
    if request.method == "POST":
        network = addresses.prefix(addresses.client_address(request))
        answer = subscribing.confirm(token, address_prefix=network)
        if answer is Answer.SUBSCRIBED:
            return private(HttpResponseRedirect(reverse("newsletter-confirmed"), status=303))
        return private(pages.dead_link(request, 410 if answer is Answer.EXPIRED else 404))
    requests = list(subscribing.waiting(token))
    if not requests:
        return private(pages.dead_link(request, 404))
    if any(row.confirmed_at for row in requests):  # a button has nothing left to do
        return private(_subscribed(request) if subscribing.gets(requests) else pages.dead_link(request, 404))
    if not subscribing.still_open(requests):
        return private(pages.dead_link(request, 410))
    page = {
        "newsletters": [row.newsletter for row in requests],
        "mark": requests[0].mark,
        "newsletter_form": False,
    }
    return private(render(request, "subscribers/confirm.html", page))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button, and what mail programs post to (RFC 8058): no cookie, no redirect, always 200."""
    subscription = leaving.subscription_of(token)
    one_click = request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click"
    left = one_click or (request.method == "POST" and "leave" in request.POST)
    if subscription and left:
        network = addresses.prefix(addresses.client_address(request))
        leaving.leave(subscription, way="one-click" if one_click else "page", address_prefix=network)
    if subscription is None and request.method != "POST":
        return private(pages.dead_link(request, 404))
    page = {
        "subscription": subscription,
        "left": left,
        "preferences": letters.preferences_link(subscription.subscriber) if subscription else "",
        "newsletter_form": False,
    }
    return private(render(request, "subscribers/unsubscribe.html", page))


def _take(data: dict[str, Any], network: str) -> None:
    with transaction.atomic():
        taken = subscribing.take(
            data["email"],
            data["consent"],
            language=get_language() or "",
            page=data["page"],
            address_prefix=network,
            mark=data["mark"],
        )
        keys = [row.pk for row in taken]
        # Robust: if the queue fails, the rows stand and a periodic job finds them.
        transaction.on_commit(lambda: jobs.take_up(keys), robust=True)


def _form_page(request: HttpRequest, form: SubscribeForm, status: int = 200, failure: str = "") -> HttpResponse:
    page = {
        "newsletter_form": form,
        "newsletter_failure": failure,
        "newsletter_page": _typed_page(form),
        "newsletter_offers": offered(get_language() or ""),
    }
    return render(request, "subscribers/newsletter.html", page, status=status)


def _typed_page(form: SubscribeForm) -> str:
    """The page on which the reader began, so that the proof names it even after an error."""
    return form.fields["page"].clean(form["page"].value()) if form.is_bound else ""


def _invalid(request: HttpRequest, form: SubscribeForm) -> HttpResponse:
    if _wants_json(request):
        errors = {name: str(messages[0]) for name, messages in form.errors.items()}
        return JsonResponse({"errors": errors}, status=422)
    return _form_page(request, form, 422)


def _failure(request: HttpRequest, form: SubscribeForm, status: int, why: str = "") -> HttpResponse:
    message = f"{FAILED} {why}".strip()
    if _wants_json(request):
        return JsonResponse({"message": message}, status=status)
    return _form_page(request, form, status, message)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _subscribed(request: HttpRequest) -> HttpResponse:
    """What whoever has confirmed is told, now and whenever they open the link again."""
    return pages.message(request, SUBSCRIBED, [_("We have sent you a mail that says how to leave it again.")])
