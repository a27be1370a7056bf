"""What the public templates ask for."""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.template import Context
from django.template.defaultfilters import date as written_date
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from articles import history, reading, rendering, theme
from articles.links import absolute
from articles.models import Edition, EditionImage, Image, Place
from articles.pictures import Picture, picture, usable
from newsroom.models import SiteSettings

register = template.Library()


# The frame of every page ------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def site_settings(context: Context) -> SiteSettings:
    """The site settings, from the view if it has loaded them."""
    return context.get("site") or SiteSettings.current()


@register.simple_tag(takes_context=True)
def site_menu(context: Context) -> reading.Menu:
    """The menu in the page's language, from the view if it has loaded it."""
    return context.get("menu") or reading.menu(translation.get_language() or settings.LANGUAGE_CODE)


@register.simple_tag
def theme_version(site: SiteSettings) -> str:
    return theme.version(site)


@register.simple_tag
def languages(menu: reading.Menu, translations: list[dict[str, Any]] | None = None) -> list[dict[str, str]]:
    """The page's other languages: its translation there if it has one, else that language's front page."""
    own = translation.get_language()
    paths = {row["extra"]: row["slug"] for row in translations or []}
    others = [code for code in menu.languages if code != own]
    return [
        {"code": code, "name": own_name(code), "path": paths.get(code) or _front_in(code), "dir": _direction(code)}
        for code in others
    ]


@register.filter
def own_name(code: str) -> str:
    """What a language calls itself."""
    return str(translation.get_language_info(code)["name_local"])


def _direction(code: str) -> str:
    return "rtl" if translation.get_language_info(code)["bidi"] else "ltr"


def _front_in(code: str) -> str:
    with translation.override(code):
        return reverse("articles:front")


@register.filter
def full_address(path: str) -> str:
    """The absolute address of a path of this site."""
    return absolute(path)


@register.simple_tag
def history_address(correction: Any) -> str:
    """Where a correction, with `path` and `newer` as articles.reading annotates it, stands in its article's record."""
    number = history.page_of(correction.newer)
    page = f"?page={number}" if number > 1 else ""
    return f"{correction.path}history/{page}#edition-{correction.edition_id}"


# Times ------------------------------------------------------------------------------------


@register.filter
def moment(value: datetime) -> SafeString:
    """Day, time and zone, in the site's zone and the page's language."""
    local = timezone.localtime(value)
    # Translators: how a moment is written, as Django's date filter takes it; the zone follows.
    text = written_date(local, _("j F Y, H:i"))
    return format_html(
        '<time datetime="{}">{} <abbr>{}</abbr></time>', local.isoformat(timespec="seconds"), text, local.tzname() or ""
    )


@register.filter
def short_moment(value: datetime) -> SafeString:
    """Day and time as lists show them; the year only where it is not this one."""
    local = timezone.localtime(value)
    if local.year == timezone.localtime().year:
        # Translators: a day of this year with the time, as Django's date filter takes it.
        text = written_date(local, _("j M, H:i"))
    else:
        # Translators: a day of another year, as Django's date filter takes it.
        text = written_date(local, _("j M Y"))
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)


# Text and pictures ------------------------------------------------------------------------


@register.simple_tag
def body(edition: Edition) -> SafeString:
    """The edition's text with its figures filled in."""
    return rendering.body(edition)


@register.simple_tag
def static_body(page: FlatPage) -> SafeString:
    return rendering.static_page(page)


@register.simple_tag
def lead_figure(edition: Edition) -> SafeString | str:
    """The picture on top of the article, or nothing."""
    use = next((use for use in edition.image_uses.all() if use.place == Place.LEAD), None)
    return rendering.figure(use.image, use.alt, use.caption, use.credit, place="lead") if use else ""


@register.simple_tag
def gallery_figures(edition: Edition) -> list[SafeString]:
    """The pictures that stand behind the text, in their order."""
    uses = sorted((use for use in edition.image_uses.all() if use.place == Place.GALLERY), key=lambda use: use.position)
    return [rendering.figure(use.image, use.alt, use.caption, use.credit, place="gallery") for use in uses]


@register.simple_tag
def figures_besides(edition: Edition) -> list[SafeString]:
    """The pictures that do not stand in the text, the lead image first; none is loaded before it is needed."""
    uses = sorted((use for use in edition.image_uses.all() if use.place != Place.TEXT), key=_lead_first)
    return [rendering.figure(use.image, use.alt, use.caption, use.credit) for use in uses]


def _lead_first(use: EditionImage) -> tuple[bool, int]:
    return use.place != Place.LEAD, use.position


@register.simple_tag
def teaser_picture(image: Image | None, place: str) -> Picture | None:
    """A picture beside a headline that says what it is about: shown only if there is something to show.

    Its alt text is empty, since the headline is the link and the picture adds no words to it.
    """
    if image is None or not usable(image):
        return None
    found = picture(image, place, "")
    return found if found.src else None
