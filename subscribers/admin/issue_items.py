"""The articles of an issue in its form: found among what readers can see, put in order, and told in other words."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, JsonResponse, QueryDict
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles import reading
from articles.admin.showing import moment
from articles.models import Article, Edition
from articles.search.asking import Asked, asked
from articles.search.index import matching
from subscribers.issues import blocks
from subscribers.models import Issue, IssueItem, Newsletter

FOUND = 20


class ItemForm(forms.ModelForm):
    """An article of the issue. Its empty words are the article's own, which readers get then."""

    article = forms.ModelChoiceField(Article.objects.all(), widget=forms.HiddenInput)

    class Meta:
        model = IssueItem
        fields = ("article", "position", "headline", "text")
        widgets = {
            "headline": forms.TextInput(attrs={"dir": "auto", "class": "vTextField"}),
            "text": forms.Textarea(attrs={"rows": 3, "dir": "auto", "class": "vLargeTextField"}),
        }

    # Set by the formset: what readers see of the article, if they see it.
    edition: Edition | None = None

    def clean_article(self) -> Article:
        """Nothing is named that readers cannot see; what stood here before may stay until it is made ready."""
        article: Article = self.cleaned_data["article"]
        if article.pk != self.instance.article_id and blocks.no_longer_live([article.pk]):
            raise ValidationError(_("Readers cannot see this article now. Choose another one."))
        return article

    # For the template ---------------------------------------------------------------------

    def shown_headline(self) -> str:
        if self.edition:
            return str(self.edition.headline)
        return self.instance.article.headline if self.instance.article_id else ""

    def about(self) -> str:
        return about(self.edition) if self.edition else gettext("Readers cannot see it now. Take it out.")

    def opens(self) -> bool:
        """Own words are seen at once where there are any, or something is wrong with them."""
        return any(self[name].value() or self[name].errors for name in ("headline", "text"))


class ItemFormSet(BaseInlineFormSet):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = blocks.live_editions(filter(None, map(_key, self.forms)))
        for form in self.forms:
            row = cast(ItemForm, form)
            row.edition = live.get(_key(row))
            # What the row is called where it is offered again (newsroom/admin/writing/).
            row.fields["article"].widget.attrs["data-label"] = row.shown_headline()


def _key(form: forms.BaseForm) -> int:
    return _number(str(form["article"].value() or ""))


class ItemInline(admin.StackedInline):
    """The rows; what readers see of their articles is asked for once."""

    model = IssueItem
    form = ItemForm
    formset = ItemFormSet
    template = "admin/subscribers/issue/items.html"
    extra = 0
    verbose_name_plural = _("articles")

    class Media:
        css = {"all": ["articles/editor/beside.css", "subscribers/issues/composing.css"]}
        js = ("articles/editor/beside_order.js", "subscribers/issues/picker.js", "subscribers/issues/composing.js")

    def get_queryset(self, request: HttpRequest) -> QuerySet[IssueItem]:
        return super().get_queryset(request).select_related("article").order_by("position", "pk")

    # Rows are part of the issue: whoever may change that may change them.

    def has_add_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return self.admin_site._registry[Issue].has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return self.admin_site._registry[Issue].has_view_permission(request, obj)


class PickerViews(admin.ModelAdmin):
    """The part of the issue's admin that finds articles for it."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.articles_view)
        return [path("articles/", view, name="subscribers_issue_articles"), *super().get_urls()]

    def articles_view(self, request: HttpRequest) -> JsonResponse:
        """What readers can see and find by the words `q`; the newest where there are none."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        newsletter = Newsletter.objects.filter(pk=_number(request.GET.get("newsletter", ""))).first()
        if newsletter is None:
            return JsonResponse({"said": gettext("Choose the newsletter first."), "articles": []})
        question = asked(_only_words(request.GET.get("q", "")), newsletter.language, [])
        found = [] if question.problems else list(_editions(question)[:FOUND])
        told = set(
            IssueItem.objects.filter(
                issue__in=Issue.objects.reaching_readers().filter(newsletter=newsletter),
                article__in=[edition.article_id for edition in found],
            )
            .exclude(issue=_number(request.GET.get("issue", "")))
            .values_list("article_id", flat=True)
        )
        rows = [
            {
                "id": edition.article_id,
                "headline": edition.headline,
                "about": about(edition),
                "told": gettext("stood in an issue before") if edition.article_id in told else "",
            }
            for edition in found
        ]
        said = " ".join(question.problems) or _found_words(len(rows))
        return JsonResponse({"said": said, "articles": rows})


def _only_words(typed: str) -> QueryDict:
    """The words as the public search takes them, without its other fields."""
    query = QueryDict(mutable=True)
    query["q"] = typed
    return query


def _editions(question: Asked) -> QuerySet[Edition]:
    """What the public search finds, the best first, without what a row does not show."""
    newest = reading.newest(question.language).select_related(None).select_related("section")
    return matching(newest, question.clauses) if question.clauses else newest


def about(edition: Edition) -> str:
    """Section and time, as a row says it; the section's name keeps its own direction."""
    return f"\u2068{edition.section.name}\u2069, {moment(edition.published_at)}"


def picker(issue: Issue) -> dict[str, Any]:
    """What the picker's script is told: where to ask, and what to say."""
    words = {
        "add": gettext("Add"),
        "added": gettext("Added: %s"),
        "inIt": gettext("in this issue"),
        "moveUp": gettext("Move up"),
        "moveDown": gettext("Move down"),
        "remove": gettext("Remove"),
        "keep": gettext("Keep"),
        "drag": gettext("Drag to another place"),
        "nowAt": gettext("%s is now number %s of %s."),
        "nowRemoved": gettext("%s will be removed when you save."),
        "nowKept": gettext("%s stays."),
        "failed": gettext("The articles could not be loaded. Check your connection, and type again."),
    }
    query = f"?newsletter={issue.newsletter_id}&issue={issue.pk}&q="
    return {"address": reverse("admin:subscribers_issue_articles") + query, "words": words}


def _found_words(count: int) -> str:
    if not count:
        return gettext("No published article in the newsletter’s language holds all these words. Try fewer.")
    return ngettext("%(count)d article.", "%(count)d articles.", count) % {"count": count}


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0
