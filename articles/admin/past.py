"""An article as readers saw it at a moment, or will see it as things stand."""

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import history, reading
from articles.admin.moments import MomentField
from articles.history import Seen
from articles.models import Article, Edition
from newsroom.lib import clock
from newsroom.models import SiteSettings


class MomentForm(forms.Form):
    """Asks for the moment; the zone stands in the address, so that a link means the same to a colleague."""

    at = MomentField(label=_("Moment"))
    zone = forms.CharField(widget=forms.HiddenInput, required=False)


class PastViews(admin.ModelAdmin):
    """The part of the article's admin for it."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.live_at_view)
        return [path("<path:object_id>/live-at/", view, name="articles_article_live_at"), *super().get_urls()]

    def live_at_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """`?at=2026-03-28T14:05&zone=Europe/Berlin`: the page that readers saw, or why they saw none."""
        article = self.get_object(request, unquote(object_id))
        if article is None:
            raise Http404
        if not self.has_view_or_change_permission(request, article):
            raise PermissionDenied
        with timezone.override(_zone(request.GET.get("zone", ""))):
            return self._what_was_live(request, article)

    def _what_was_live(self, request: HttpRequest, article: Article) -> HttpResponse:
        zone = {"zone": timezone.get_current_timezone_name()}
        form = MomentForm({**request.GET.dict(), **zone} if "at" in request.GET else None, initial=zone)
        context: dict[str, Any] = {
            "article": article,
            "form": form,
            "change_address": reverse("admin:articles_article_change", args=[article.pk]),
        }
        if form.is_valid():
            seen = history.seen_at(article.pk, form.cleaned_data["at"])
            context |= {"told": _told(article, seen), "notice": seen.withdrawal and seen.withdrawal.notice}
            if seen.edition:
                return _page(request, seen.edition, seen.moment, context)
        context |= {
            **self.admin_site.each_context(request),
            "title": gettext("What readers saw"),
            "subtitle": article.headline,
            "opts": self.opts,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/articles/article/past.html", context).render()


def _zone(name: str) -> tzinfo:
    """The zone that the address names, else the user's own."""
    return ZoneInfo(name) if name in available_timezones() else timezone.get_current_timezone()


def _page(request: HttpRequest, edition: Edition, moment: datetime, context: dict[str, Any]) -> HttpResponse:
    """The public page of `edition` as of `moment`, in the site's zone and its own language, marked for what it is."""
    language = translation.get_language_info(translation.get_language())
    context |= {"language": language["code"], "bidi": language["bidi"]}
    banner = render_to_string("admin/articles/article/past_banner.html", context, request)
    found = reading.whole(Edition.objects.filter(pk=edition.pk)).get()
    shown = {
        "edition": found,
        "companions": reading.companions(found, moment),
        "site": SiteSettings.current(),
        "banner": banner,
    }
    with translation.override(found.language), timezone.override(timezone.get_default_timezone()):
        return HttpResponse(render_to_string("articles/past.html", shown, request))


def _told(article: Article, seen: Seen) -> list[str]:
    """What the record says about the moment, in sentences."""
    said = [_what_was_met(article, seen)]
    if seen.edition is None:
        return said
    if withdrawal := article.withdrawals.filter(lifted_at=None).first():
        named = {"time": _in_full(withdrawal.at), "notice": withdrawal.notice}
        said.append(
            gettext(
                "The article is withdrawn since %(time)s: readers see nothing of it now, of no moment, "
                "but the notice “%(notice)s”"
            )
            % named
        )
    if hidden := seen.edition.history_hidden:
        said.append(
            gettext("This edition is hidden from the public record, which says in its place: “%(notice)s”")
            % {"notice": hidden}
        )
    said.append(
        gettext("Names, and which pictures may be shown, are as of today. Comments and other news are left out here.")
    )
    return said


# Said first: what stood at the address, and what will stand there as things are.
SAW = {
    "edition": (
        _("Readers saw this at %(time)s: %(kind)s, %(span)s."),
        _("As things stand, readers will see this at %(time)s: %(kind)s, %(span)s."),
    ),
    "notice": (
        _("At %(time)s the article was withdrawn. Readers saw this notice, and nothing of the article."),
        _("As things stand, readers will see this notice at %(time)s, and nothing of the article."),
    ),
    "expired": (
        _("Readers saw nothing at %(time)s but that it was no longer available: the last edition had expired."),
        _("As things stand, readers will see nothing at %(time)s: the last edition will have expired."),
    ),
    "nothing": (
        _("Readers saw nothing at %(time)s: it was not published yet."),
        _("As things stand, readers will see nothing at %(time)s: nothing is planned until then."),
    ),
    "unknown": (
        _("The article is older than its record on this site: what readers saw at %(time)s is not known here."),
        "",
    ),
}


def _what_was_met(article: Article, seen: Seen) -> str:
    """The first sentence: what stood at the article's address."""
    past, future = SAW[_case(article, seen)]
    named = {"time": _in_full(seen.moment)}
    if seen.edition:
        named |= {"kind": seen.edition.get_kind_display(), "span": _span(seen.edition)}
    return str(future if seen.moment > clock.now() else past) % named


def _case(article: Article, seen: Seen) -> str:
    if seen.edition:
        return "edition"
    if seen.withdrawal:
        return "notice"
    if seen.before:
        return "expired"
    older = article.published_at is not None and article.published_at <= seen.moment <= clock.now()
    return "unknown" if older and article.editions.filter(live_from__gt=seen.moment).exists() else "nothing"


def _span(edition: Edition) -> str:
    assert edition.live_from is not None
    if edition.live_until is None:
        return gettext("from %(begins)s") % {"begins": _in_full(edition.live_from)}
    named = {"begins": _in_full(edition.live_from), "ends": _in_full(edition.live_until)}
    return gettext("from %(begins)s until %(ends)s") % named


def _in_full(at: datetime) -> str:
    """Day, time and zone; seconds only where there are any."""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, 'j F Y, H:i:s' if local.second else 'j F Y, H:i')} {local.tzname()}"
