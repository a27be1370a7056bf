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
from subscribers import names
from subscribers.issues import blocks
from subscribers.issues.guards import short
from subscribers.models import Issue, IssueItem, Newsletter
from subscribers.states import IssueState

FOUND = 20
# More would not arrive in one form (DATA_UPLOAD_MAX_NUMBER_FIELDS), and no mail program would show them.
MOST = 300
LAST_PLACE = 9999


class PlaceField(forms.IntegerField):
    """Where a row stands among the others. What is no such number stands for the end."""

    def clean(self, value: Any) -> int:
        try:
            place = super().clean(value)
        except ValidationError:
            place = None
        return LAST_PLACE if place is None else min(max(place, 0), LAST_PLACE)


class ItemForm(forms.ModelForm):
    """An article of the issue. Its empty words are the article's own, which readers get then."""

    article = forms.ModelChoiceField(
        Article.objects.all(),
        widget=forms.HiddenInput,
        error_messages={
            "required": _("This row names no article. Remove it."),
            "invalid_choice": _("There is no such article. Remove this row."),
        },
    )
    position = PlaceField(label=_("Position"), required=False)

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
        if self.instance.pk:  # whatever is sent: else two rows could come to name the same one
            return cast(Article, self.instance.article)
        if self.edition is None:
            raise ValidationError(_("Readers cannot see this article now. Choose another one."))
        return article

    def clean_headline(self) -> str:
        """One line; what nobody could see is none, so that the article's own is shown."""
        return names.visible(self.cleaned_data["headline"])

    # For the template ---------------------------------------------------------------------

    def shown_headline(self) -> str:
        if self.edition:
            return str(self.edition.headline)
        return self.instance.article.headline if self.instance.article_id else ""

    def about(self) -> str:
        return about(self.edition) if self.edition else gettext("Readers cannot see it now. Remove it.")

    def opens(self) -> bool:
        """Own words are seen at once where there are any, or something is wrong with them."""
        return any(self[name].value() or self[name].errors for name in ("headline", "text"))


class ItemFormSet(BaseInlineFormSet):
    default_error_messages = {
        "missing_management_form": _(
            "The list of articles did not arrive whole, and nothing was saved. "
            "Copy what you typed, and load the page again."
        ),
        "too_many_forms": _("An issue holds at most %(num)d articles. Remove some."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = blocks.live_editions(filter(None, map(_key, self.forms)))
        for form in self.forms:
            row = cast(ItemForm, form)
            row.edition = live.get(_key(row))
            # What the row is called where it is offered again (newsroom/admin/writing/).
            row.fields["article"].widget.attrs["data-label"] = row.shown_headline()

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        said = _("This row is none of this issue any more. Load the page again.")
        for name in ("id", "issue"):
            form.fields[name].error_messages["invalid_choice"] = said

    def validate_unique(self) -> None:
        """An article stands in an issue once, whatever rows the form has sent or left out."""
        known = {form.instance.pk for form in self.initial_forms}
        there = set(self.instance.items.exclude(pk__in=known).values_list("article", flat=True))
        for form in self._staying():
            article = form.cleaned_data.get("article")
            if article is None:
                continue
            if article.pk in there:
                said = gettext("“%(headline)s” stands in this issue already. Remove one of the two.")
                form.add_error(None, said % {"headline": short(cast(ItemForm, form).shown_headline())})
            there.add(article.pk)

    def save(self, commit: bool = True) -> Any:
        """Rows are numbered anew, in the order of the places that were sent."""
        saved = super().save(commit)
        for place, form in enumerate(sorted(self._staying(), key=lambda form: form.cleaned_data["position"])):
            if commit and form.instance.pk and form.instance.position != place:
                IssueItem.objects.filter(pk=form.instance.pk).update(position=place)
        return saved

    def _staying(self) -> list[Any]:
        gone = self.deleted_forms
        return [form for form in self.forms if hasattr(form, "cleaned_data") and form.cleaned_data and form not in gone]


def _key(form: forms.BaseForm) -> int:
    return cast(ItemForm, form).instance.article_id or _number(str(form["article"].value() or ""))


class ItemInline(admin.StackedInline):
    """The rows; what readers see of their articles is asked for once."""

    model = IssueItem
    form = ItemForm
    formset = ItemFormSet
    template = "admin/subscribers/issue/items.html"
    extra = 0
    max_num = MOST
    verbose_name_plural = _("articles")

    class Media:
        css = {"all": ["articles/editor/beside.css", "subscribers/issues/composing.css"]}
        js = ("articles/editor/beside_order.js", "subscribers/issues/picker.js", "subscribers/issues/composing.js")

    def get_queryset(self, request: HttpRequest) -> QuerySet[IssueItem]:
        return super().get_queryset(request).select_related("article").order_by("position", "pk")

    def get_formset(self, request: HttpRequest, obj: Issue | None = None, **kwargs: Any) -> Any:
        # Of what claims to be thousands of rows no more is read than can be told of.
        return super().get_formset(request, obj, validate_max=True, absolute_max=MOST + 1, **kwargs)

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
        keys = [edition.article_id for edition in found]
        told = _told(newsletter, keys, but=_number(request.GET.get("issue", "")))
        rows = [
            {
                "id": edition.article_id,
                "headline": edition.headline,
                "about": about(edition),
                "told": told.get(edition.article_id, ""),
            }
            for edition in found
        ]
        said = " ".join(question.problems) or _found_words(len(rows))
        return JsonResponse({"said": said, "articles": rows})


def _told(newsletter: Newsletter, articles: list[int], *, but: int) -> dict[int, str]:
    """What is said of those of the articles that stand in other issues of the newsletter than `but`. Two queries."""
    rows = IssueItem.objects.filter(article__in=articles, issue__newsletter=newsletter).exclude(issue=but)
    drafted = rows.filter(issue__state=IssueState.DRAFT).values_list("article", flat=True)
    told = rows.filter(issue__in=Issue.objects.reaching_readers()).values_list("article", flat=True)
    return dict.fromkeys(drafted, gettext("stands in another draft")) | dict.fromkeys(
        told, gettext("stood in an issue before")
    )


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
    """Section and time, as a row says it; each keeps its own direction."""
    return f"\u2068{edition.section.name}\u2069, \u2068{moment(edition.published_at)}\u2069"


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
