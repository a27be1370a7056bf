"""What must hold before a text may be approved or published, and what editors are warned of.

Each check is one function that looks at the article's present revision and yields problems;
the tables at the end say which block and which only warn.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from articles import addresses, dead_links
from articles.compiling import HEADING
from articles.models import Article, Image, Place
from articles.states import Bar
from newsroom.lib import clock
from newsroom.lib.html import to_text

# How much of a note is told where it stands in the way.
NOTE_CHARS = 120
# Rights that end later are no matter for whoever publishes today.
FORESEEN = timedelta(days=365)
# More links that lead nowhere are told once these are mended.
MOST_LINKS = 8


@dataclass(frozen=True)
class Problem:
    """A sentence for the editor, and the form field to go to ("" where there is none)."""

    sentence: str
    field: str = ""

    def __str__(self) -> str:
        return self.sentence


Check = Callable[[Article, dict[str, Any], datetime], Iterator[Problem]]


def has_headline(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    if not content["headline"].strip():
        yield Problem(_("The headline is missing. Write one."), "headline")


def has_section(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    if not content["section"]:
        yield Problem(_("The section is missing. Choose where the article belongs."), "section")


def has_language(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    if content["language"] not in dict(settings.LANGUAGES):
        yield Problem(_("This site does not publish in that language. Choose another."), "language")


def has_byline(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    if not content["bylines"]:
        yield Problem(_("Nobody is credited. Add at least one author."), "bylines")


def has_text(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    if not content["body"].strip():
        yield Problem(_("The body is empty. Write the text."), "body")


def has_own_address(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    path = addresses.path_of(article, content["language"], content["slug"], moment)
    if addresses.address_taken(article, path):
        yield Problem(
            _("Another article has the address %(path)s already. Choose another slug.") % {"path": path}, "slug"
        )


def pictures_have_words(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    for use in content["images"]:
        name, field = _picture(use), _field(use)
        if not use["alt"] and not use["decorative"]:
            yield Problem(
                _("%(picture)s has no alt text. Describe it, or mark it as decorative.") % {"picture": name}, field
            )
        if not use["caption"]:
            yield Problem(_("%(picture)s has no caption. Write one.") % {"picture": name}, field)
        if not use["credit"]:
            yield Problem(_("%(picture)s has no credit. Say who made or owns it.") % {"picture": name}, field)


def pictures_may_be_used(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    images = Image.objects.in_bulk([use["image"] for use in content["images"]])
    for use in content["images"]:
        image, name = images.get(use["image"]), {"picture": _picture(use)}
        bar = image.bar(moment) if image else Bar.KILLED
        if image is None or bar is Bar.KILLED:
            yield Problem(_("%(picture)s was taken down. Remove it or choose another.") % name, _field(use))
        elif bar is Bar.DENIED:
            yield Problem(
                _("%(picture)s may not be used: %(reason)s. Choose another.")
                % {**name, "reason": image.rights_denied.rstrip(".")},
                _field(use),
            )
        elif image.rights_until and bar is Bar.ENDED:
            ended = image.bar(clock.now()) is Bar.ENDED
            said = (
                _("%(picture)s may not be used any more: its rights ended on %(time)s. Choose another, or renew them.")
                if ended
                else _("%(picture)s may not be used then: its rights end on %(time)s. Choose another, or renew them.")
            )
            yield Problem(said % {**name, "time": _local(image.rights_until)}, _field(use))


def rights_outlast_publication(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    """Of a text without an end in sight, what its readers will miss within FORESEEN."""
    images = Image.objects.usable(moment).filter(rights_until__lt=moment + FORESEEN)
    ending = images.in_bulk([use["image"] for use in content["images"]])
    for use in content["images"]:
        if image := ending.get(use["image"]):
            yield Problem(
                _(
                    "%(picture)s may be used until %(time)s only, while the article may still be live. From then on "
                    "readers see a notice in its place."
                )
                % {"picture": _picture(use), "time": _local(image.rights_until)},
                _field(use),
            )


def embargo_is_over(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    if article.embargo and moment < article.embargo:
        yield Problem(
            _("The embargo lasts until %(time)s. Schedule the publication for then or later.")
            % {"time": _local(article.embargo)},
            "embargo",
        )


def no_open_blocking_note(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    for note in article.notes.filter(blocking=True, resolved_at=None).select_related("by"):
        said = {
            "who": note.by or _("Somebody"),
            "note": Truncator(" ".join(note.text.split())).chars(NOTE_CHARS).rstrip("."),
        }
        yield Problem(
            _("A note of %(who)s blocks publication: “%(note)s”. Do what it asks for; then it can be resolved.") % said,
            "notes",
        )


def lacks_standfirst(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    if not content["standfirst"].strip():
        yield Problem(_("There is no standfirst: lists and search results will show the headline only."), "standfirst")


def headline_is_long(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    if len(content["headline"]) > 110:
        yield Problem(_("The headline is longer than 110 characters: search results will cut it."), "headline")


def lacks_lead_image(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    if not any(use["place"] == Place.LEAD for use in content["images"]):
        yield Problem(_("There is no lead image: the article will look plain on the front page."), "images")


def headings_are_in_order(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    """WCAG 2.2 technique H42: headings nest, so that whoever hears the page can find the way by them."""
    names = {2: _("Heading"), 3: _("Subheading"), 4: _("Small heading")}
    above = 1
    for digit, _attributes, words in HEADING.findall(content["body"]):
        level = int(digit)
        if level > above + 1:
            said = {"heading": to_text(words), "level": names[level], "right": names[above + 1]}
            yield Problem(
                _("“%(heading)s” is a “%(level)s”, but nothing above it leads there. Make it a “%(right)s”.") % said,
                "body",
            )
        above = level


def links_lead_somewhere(article: Article, content: dict[str, Any], moment: datetime) -> Iterator[Problem]:
    for sentence in islice(dead_links.problems(content["body"]), MOST_LINKS):
        yield Problem(sentence, "body")


# Must hold for a text to be approved, and again when it is published.
TEXT_CHECKS: tuple[Check, ...] = (
    has_headline,
    has_section,
    has_language,
    has_byline,
    has_text,
    has_own_address,
    pictures_have_words,
    pictures_may_be_used,
)
# Must hold besides at the moment of publication.
MOMENT_CHECKS: tuple[Check, ...] = (embargo_is_over,)
# Must hold for both, unless it is an emergency.
NOTE_CHECKS: tuple[Check, ...] = (no_open_blocking_note,)
WARNINGS: tuple[Check, ...] = (
    lacks_standfirst,
    headline_is_long,
    lacks_lead_image,
    rights_outlast_publication,
    headings_are_in_order,
    links_lead_somewhere,
)


def run(table: tuple[Check, ...], article: Article, moment: datetime) -> list[Problem]:
    """The problems that the checks of `table` find in the article's present revision, as of `moment`."""
    if not article.revision:
        return [Problem(_("Nothing is saved yet. Save the article first."))]
    return [problem for check in table for problem in check(article, article.revision.content, moment)]


def _picture(use: dict[str, Any]) -> str:
    if use["place"] == Place.LEAD:
        return _("The lead image")
    place = _("the gallery") if use["place"] == Place.GALLERY else _("the text")
    return _("Picture %(number)s of %(place)s") % {"number": use["position"] + 1, "place": place}


def _field(use: dict[str, Any]) -> str:
    return "body" if use["place"] == Place.TEXT else "images"


def _local(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M %Z")
