"""Two people wrote at once: both texts put together, and what only the editor can decide.

The form carries the revision that its editor started from. Where a colleague saved another one since, the two are
merged from there. What clashes is asked, as often as somebody saves in between; until all is decided the form holds
what its editor typed, as it was typed. Then it holds both, and stands on the colleague's revision. Nothing is saved
on the way, and the same request sent again gives the same page.
"""

import html
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from articles.admin import inline_rows
from articles.admin.inline_rows import BYLINES, PICTURES, Rows
from articles.admin.people import who
from articles.admin.revisions import thumbnails
from articles.diff import FOR_COLLEAGUES, Comparison, compare
from articles.events import saved_meanwhile
from articles.figures import Figure, figures
from articles.merging import BOTH, MINE, THEIRS, Clash, merge
from articles.models import Image, Place, Revision
from articles.restoring import own_words
from articles.revisions import use_of
from newsroom.lib.html import clean

Content = dict[str, Any]

TEXTS = ("kicker", "headline", "standfirst", "slug")
CHOICES = ("section", "language", "tags")


@dataclass(frozen=True)
class Option:
    """One answer to a question. `html` shows what it would leave; "" where its label says it all."""

    value: str
    label: str
    html: SafeString
    chosen: bool


@dataclass(frozen=True)
class Question:
    """A clash as it is asked: `name` is that of its radio buttons."""

    name: str
    label: str
    options: list[Option]
    is_text: bool
    unanswered: bool


@dataclass(frozen=True)
class Conflict:
    """What the page tells and asks. `pending`: something is to be decided, and the form holds what was typed."""

    told: list[str]
    pending: bool
    # The key of the colleague's revision, which the page shows.
    known: int
    questions: list[Question] = field(default_factory=list)
    # What the colleague's text brought into the form; None while that is not decided.
    taken: Comparison | None = None
    language: str = ""
    direction: str = "auto"


def settle(request: HttpRequest, context: dict[str, Any]) -> Conflict:
    """Merge what was sent with what is stored now, into the forms of `context`, and say what came of it."""
    form = context["adminform"].form
    article = form.instance
    theirs = Revision.objects.select_related("author").get(pk=form.present)
    started_from = form.cleaned_data.get("based_on")
    base = Revision.objects.filter(article=article, pk=started_from).first() if started_from else None
    inlines = {wrapper.formset.prefix: wrapper for wrapper in context["inline_admin_formsets"]}
    sent = {
        inline: inline_rows.sent(inlines[inline.relation].formset, inline)
        for inline in (BYLINES, PICTURES)
        if inline.relation in inlines
    }
    mine = _typed(form, sent, theirs.content)
    merged = merge(base.content if base else None, mine, theirs.content)
    choices = {clash.key: request.POST.get(f"choice-{clash.key}", "") for clash in merged.clashes}
    pending = any(choices[clash.key] not in clash.choices for clash in merged.clashes)
    shown = mine if pending else merged.resolved(choices)
    if not pending:
        _fill(form, shown)
    for inline, rows in sent.items():
        wanted = [typed for typed, _object in rows.whole] if pending else _rows(inline, shown)
        inline_rows.rewritten(request, inlines[inline.relation], inline, [*wanted, *rows.unfinished])
    taken = None if pending else _compared(mine, shown)
    pictures = thumbnails([mine, theirs.content])
    asked = any(choices.values())
    questions = [_question(clash, choices[clash.key], asked, theirs, request, pictures) for clash in merged.clashes]
    told = [saved_meanwhile(article, who(request)), *_sentences(pending, taken, asked)]
    language = compare(None, shown | {"images": []}, names=None, fields=())
    return Conflict(
        told,
        pending,
        theirs.pk,
        questions if pending else [],
        taken,
        language=language.language,
        direction=language.direction,
    )


def _sentences(pending: bool, taken: Comparison | None, asked: bool) -> list[str]:
    if pending:
        return [
            _("Nothing was saved over it. What you typed is still in the form below."),
            _("Some choices are still open.")
            if asked
            else _("Where you both changed the same, choose what is to stay. The rest is put together by itself."),
        ]
    if taken is None or not taken.changed:
        return [_("What you typed holds all of it: look at the form below, and save it if there is more in it.")]
    return [
        _("Both texts are put together in the form below, and nothing is saved yet."),
        _("Look at what came in, then save."),
    ]


# What was typed, as a content --------------------------------------------------------------


def _typed(form: Any, sent: dict[Any, Rows], theirs: Content) -> Content:
    """What was sent, as a revision would hold it. Where a choice is refused, the stored one stands in for it."""
    cleaned = form.cleaned_data
    content = dict(theirs)
    for name in TEXTS:
        if name in form.fields:
            content[name] = cleaned.get(name, str(form.data.get(form.add_prefix(name)) or "").strip())
    if "body" in form.fields:
        content["body"] = cleaned.get("body", clean(str(form.data.get(form.add_prefix("body")) or "")))
    if "section" in cleaned:
        content["section"] = cleaned["section"].pk if cleaned["section"] else None
    if "language" in cleaned:
        content["language"] = cleaned["language"]
    if "tags" in cleaned:
        content["tags"] = sorted(tag.pk for tag in cleaned["tags"])
    if BYLINES in sent:
        content["bylines"] = list(dict.fromkeys(author.pk for _typed, author in sent[BYLINES].whole))
    beside = [use for use in theirs["images"] if use["place"] != Place.TEXT]
    if PICTURES in sent:
        beside = _beside(sent[PICTURES])
    content["images"] = beside + _in_text(content["body"])
    return content


def _beside(rows: Rows) -> list[Content]:
    uses = [
        use_of(
            image,
            typed["place"] if typed["place"] in (Place.LEAD, Place.GALLERY) else Place.GALLERY,
            inline_rows.position(typed),
            Figure(
                image.pk,
                alt=typed["alt"].strip(),
                caption=html.escape(typed["caption"].replace("\r\n", "\n").strip()),
                credit=typed["credit"].strip(),
            ),
        )
        for typed, image in rows.whole
    ]
    return sorted(uses, key=lambda use: (use["place"], use["position"]))


def _in_text(body: str) -> list[Content]:
    found = figures(body)
    assets = Image.objects.in_bulk([figure.image_id for figure in found])
    return [
        use_of(assets[figure.image_id], Place.TEXT, position, figure)
        for position, figure in enumerate(found)
        if figure.image_id in assets
    ]


# A content, as the form shows it -----------------------------------------------------------


def _fill(form: Any, content: Content) -> None:
    """Put the merged content into the fields, and let the form stand on the revision that is stored now."""
    data: QueryDict = form.data.copy()
    for name in (*TEXTS, "body", "section", "language"):
        # A choice that was refused stays as it was typed, with its error.
        if name in form.fields and (name not in CHOICES or name in form.cleaned_data):
            data[form.add_prefix(name)] = "" if content[name] is None else str(content[name])
    if "tags" in form.cleaned_data:
        data.setlist(form.add_prefix("tags"), [str(key) for key in content["tags"]])
    data[form.add_prefix("based_on")] = str(form.present or "")
    form.data = data


def _rows(inline: inline_rows.Inline, content: Content) -> list[dict[str, Any]]:
    if inline is BYLINES:
        return [{"author": author, "position": number} for number, author in enumerate(content["bylines"])]
    uses = [use for use in content["images"] if use["place"] != Place.TEXT]
    assets = Image.objects.in_bulk([use["image"] for use in uses])
    return [
        {name: use[name] for name in ("image", "place", "position")} | own_words(use, assets[use["image"]])
        for use in uses
        if use["image"] in assets
    ]


# What is asked -----------------------------------------------------------------------------


def _question(
    clash: Clash, choice: str, asked: bool, theirs: Revision, request: HttpRequest, pictures: dict[int, SafeString]
) -> Question:
    own = theirs.author == request.user
    labels = {
        MINE: _("What you wrote here"),
        THEIRS: _("What you saved in the other window")
        if own
        else _("What %(who)s saved") % {"who": theirs.author or _("a colleague")},
        BOTH: _("Both, this one first") if own else _("Both, yours first"),
    }
    options = [Option(value, labels[value], _shown(clash, value, pictures), value == choice) for value in clash.choices]
    return Question(
        name=f"choice-{clash.key}",
        label=str(clash.label),
        options=options,
        is_text=clash.field in (*TEXTS, "body"),
        unanswered=asked and choice not in clash.choices,
    )


def _shown(clash: Clash, value: str, pictures: dict[int, SafeString]) -> SafeString:
    """What the answer leaves, with what it changes of the text that both began from."""
    if value == BOTH:
        return SafeString()
    found = compare(
        _around(clash.field, clash.base),
        _around(clash.field, clash.mine if value == MINE else clash.theirs),
        pictures=pictures,
        fields=(clash.field,) if clash.field != "body" else (),
    )
    shown = [*(part.html for part in found.fields), *(part.html for part in found.blocks)]
    return format_html_join("", "{}", ((part,) for part in shown))


def _around(name: str, value: Any) -> Content:
    """A content of one field."""
    if name in (Place.LEAD, Place.GALLERY):
        return {"images": [use | {"place": name} for use in value or []]}
    return {name: value, "images": []}


def _compared(mine: Content, merged: Content) -> Comparison:
    return compare(mine, merged, pictures=thumbnails([mine, merged]), fields=FOR_COLLEAGUES)
