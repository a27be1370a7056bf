"""Notes of colleagues beside an article: written and resolved there."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import notes
from articles.admin.people import who
from articles.admin.showing import moment, person
from articles.models import Article, Note

SHOWN = 50


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        help_text=_("For your colleagues. Readers do not see it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "class": "vLargeTextField"}),
    )
    blocking = forms.BooleanField(
        label=_("Blocks publication"),
        help_text=_("Nothing more of the article is approved or published until it is resolved."),
        required=False,
    )


@dataclass(frozen=True)
class Row:
    """A note as the form shows it."""

    key: int
    text: str
    by: str
    at: str
    blocking: bool
    resolved: str
    may_resolve: bool


def shown(article: Article, user: Any) -> dict[str, Any]:
    """The notes for the form's templates, open ones first, in a fixed number of queries."""
    found = article.notes.select_related("by", "resolved_by").order_by(F("resolved_at").desc(nulls_first=True), "-pk")
    works = notes.may_note(user, article)
    runs = works and notes.runs_desk(user, article)
    rows = sorted((_row(note, user, works, runs) for note in found[:SHOWN]), key=lambda row: not row.blocking)
    return {
        "notes": [row for row in rows if not row.resolved],
        "resolved_notes": [row for row in rows if row.resolved],
        "note_form": NoteForm(auto_id="note_%s") if works else None,
    }


def _row(note: Note, user: Any, works: bool, runs: bool) -> Row:
    resolved = {"who": person(note.resolved_by), "when": moment(note.resolved_at)}
    return Row(
        key=note.pk,
        text=note.text,
        by=person(note.by),
        at=moment(note.at),
        blocking=note.blocking,
        resolved=gettext("Resolved by %(who)s, %(when)s") % resolved if note.resolved_at else "",
        may_resolve=note.by_id == user.pk or (runs if note.blocking else works),
    )


class NoteViews(admin.ModelAdmin):
    """The part of the article's admin for notes."""

    def get_urls(self) -> list[Any]:
        add = self.admin_site.admin_view(self.note_view)
        resolve = self.admin_site.admin_view(self.resolve_note_view)
        return [
            path("<path:object_id>/notes/add/", add, name="articles_article_note"),
            path("<path:object_id>/notes/<int:key>/resolve/", resolve, name="articles_article_resolve_note"),
            *super().get_urls(),
        ]

    def note_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET asks for a note; POST keeps it, or says why not with what was typed."""
        article = self._noted(request, object_id)
        if not notes.may_note(who(request), article):
            raise PermissionDenied
        form = NoteForm(request.POST or None)
        if form.is_valid():
            blocking = form.cleaned_data["blocking"]
            try:
                notes.add(article, form.cleaned_data["text"], by=who(request), blocking=blocking)
            except notes.Refused as refusal:
                form.add_error("text", str(refusal))
            else:
                said = gettext("Your note stands beside the article now.")
                if blocking:
                    said += " " + gettext("Until it is resolved, nothing more of the article is approved or published.")
                self.message_user(request, said, messages.SUCCESS)
                return self._to_notes(article)
        return self._ask_note(request, article, form)

    def resolve_note_view(self, request: HttpRequest, object_id: str, key: int) -> HttpResponse:
        """POST resolves, or says why not."""
        article = self._noted(request, object_id)
        note = article.notes.filter(pk=key).first()
        if note is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        note.article = article
        try:
            notes.resolve(note, by=who(request))
        except notes.Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, gettext("The note is resolved."), messages.SUCCESS)
        return self._to_notes(article)

    def _noted(self, request: HttpRequest, object_id: str) -> Article:
        article = self.get_object(request, unquote(object_id))
        if article is None:
            raise Http404
        return article

    def _ask_note(self, request: HttpRequest, article: Article, form: NoteForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Write a note"),
            "subtitle": article.headline,
            "opts": self.opts,
            "article": article,
            "form": form,
            "change_address": reverse("admin:articles_article_change", args=[article.pk]),
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/articles/article/verb.html", context)

    def _to_notes(self, article: Article) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]) + "#notes")
