"""The search page. It is made anew for every question, so that nobody fills the page cache with questions."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles import reading
from articles.models import Edition
from articles.search.asking import Asked, asked, find
from articles.search.names import called
from articles.search.snippets import marked, snippet
from articles.views import page_number, spoken
from newsroom.lib import addresses, throttle

# Whoever looks further asks for something more particular.
LAST_PAGE = 50
# How many questions a network may ask, and in how many seconds: a common word costs the database much.
QUESTIONS, QUESTIONS_IN = 60, 60


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The form alone; or what was found; or what is wrong with what was asked."""
    language, number = spoken(), page_number(request)
    menu = reading.menu(language)
    question = asked(request.GET, language, menu.sections)
    if number > LAST_PAGE or (number > 1 and (question.nothing or question.problems)):
        raise Http404
    context: dict[str, Any] = {"menu": menu, "asked": question, "typed": question.typed}
    if question.nothing:
        return render(request, "articles/search.html", context)
    status = 400 if question.problems else 200
    if status == 200 and not _has_a_turn(request):
        status, said = 429, _("Many questions came from your network just now. Wait a minute, then ask again.")
        context["asked"] = question = replace(question, problems=[said])
    if not question.problems:
        page = reading.page(find(question), number)
        if number > 1 and not page.editions:
            raise Http404
        context |= {"page": page, "found": [_shown(edition, question) for edition in page.editions]}
        if number == 1 and not question.filtered:
            context["named"] = called(question.typed["q"], language)
    response = render(request, "articles/search.html", context, status=status)
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _has_a_turn(request: HttpRequest) -> bool:
    network = addresses.prefix(addresses.client_address(request))
    return throttle.allow(f"search {network}", QUESTIONS, QUESTIONS_IN)


def _shown(edition: Edition, question: Asked) -> dict[str, Any]:
    """An edition with its headline and a snippet, in both of which what was searched for is marked."""
    texts = (edition.standfirst, edition.body.text)
    return {
        "edition": edition,
        "headline": marked(edition.headline, question.clauses, edition.language),
        "snippet": snippet(texts, question.clauses, edition.language),
    }
