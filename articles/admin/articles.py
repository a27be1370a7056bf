"""Articles in the admin: the list, the form, and how it is saved."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles import events, revisions, workflow
from articles.admin import conflict
from articles.admin.afterwards import ComesBack, PageAfterwards
from articles.admin.beside import PictureInline
from articles.admin.filters import MineFilter, PublicFilter
from articles.admin.forms import ArticleForm
from articles.admin.moments import MOMENTS
from articles.admin.notes import NoteViews
from articles.admin.panel import panel
from articles.admin.parts import BylineInline, Rows, keep_to_writing
from articles.admin.past import PastViews
from articles.admin.people import who
from articles.admin.presence import PresenceViews
from articles.admin.revisions import RevisionViews
from articles.admin.showing import moment, person, tag, thumbnail
from articles.admin.signed_out import SignedOutViews
from articles.admin.verbs import VerbViews
from articles.admin.writing import WritingViews
from articles.editor import EditorAdminMixin
from articles.models import Article, ArticleImage, Byline, Place
from articles.states import Public, Status
from newsroom import pagecache
from newsroom.lib import clock
from newsroom.lib.paging import LongList


class ArticleList(ChangeList):
    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Article]:
        """The rows with all that is shown of them, and without their texts."""
        rows = super().get_queryset(request, exclude_parameters)
        leads = ArticleImage.objects.filter(place=Place.LEAD).select_related("image")
        return (
            rows.select_related("section", "revision__author")
            .defer("body", "revision__content")
            .prefetch_related(
                Prefetch("bylines", Byline.objects.select_related("author")),
                Prefetch("image_uses", leads, to_attr="leads"),
            )
        )


@admin.register(Article)
class ArticleAdmin(
    EditorAdminMixin,
    LongList,
    VerbViews,
    RevisionViews,
    SignedOutViews,
    WritingViews,
    PresenceViews,
    PastViews,
    NoteViews,
    PageAfterwards,
):
    """Translates the form to articles.revisions and the buttons to articles.workflow."""

    form = ArticleForm
    formfield_overrides = MOMENTS
    inlines = (BylineInline, PictureInline)
    autocomplete_fields = ("section", "tags", "owner", "assignee")
    fieldsets = (
        (None, {"fields": ("headline", "kicker", "standfirst", "body", "based_on", "arranged")}),
        (_("Where it belongs"), {"fields": ("section", "tags", "language", "slug")}),
        (_("Who and when"), {"fields": ("owner", "assignee", "due", "embargo")}),
        (None, {"fields": ("reason",)}),
    )
    list_display = ("picture", "title", "in_section", "credits", "working_copy", "readers_meet", "changed")
    list_display_links = ("title",)
    list_filter = (MineFilter, "status", PublicFilter, "section", "language")
    # By key of the last revision: newest change first, out of an index.
    ordering = ("-revision_id",)
    sortable_by = ("working_copy", "changed")
    search_fields = ("headline", "standfirst", "kicker")
    search_help_text = _("Finds words of the headline, the standfirst and the kicker.")
    actions = ("pin", "unpin")
    change_form_template = "admin/articles/article/change_form.html"

    # Who may ------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        articles: Any = super().get_queryset(request)
        return articles.readable_by(request.user).with_public_state(clock.now())

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Article | None:
        """With its desk: every part of the form asks who is on it."""
        article = super().get_object(request, object_id, from_field)
        if article is not None:
            prefetch_related_objects([article], "section__editors")
        return article

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or workflow.contributes(who(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Its owner or an editor of its desk deletes a draft. What readers may have seen is withdrawn instead."""
        allowed = super().has_delete_permission(request, obj)
        if not allowed or obj is None:
            return allowed
        user = who(request)
        answers = obj.owner_id == user.pk or (user.has_perm("articles.approve_article") and workflow.on_desk(user, obj))
        return answers and not obj.editions.exists() and not obj.addresses.exists()

    def has_pin_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("articles.pin_article"))

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> tuple[str, ...]:
        """Only those who run a desk hand an article to another owner."""
        return () if request.user.has_perm("articles.approve_article") else ("owned_by",)

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        """A reason is asked for a change, of those who may make one; an owner is named to those who choose none."""
        text, place, (name, people), reason = super().get_fieldsets(request, obj)
        if self.get_readonly_fields(request, obj):
            people = {"fields": tuple("owned_by" if field == "owner" else field for field in people["fields"])}
        asks_reason = obj is not None and self.has_change_permission(request, obj)
        return (text, place, (name, people), reason) if asks_reason else (text, place, (name, people))

    @admin.display(description=_("owner"))
    def owned_by(self, article: Article) -> str:
        return person(article.owner)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # The form -----------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Article | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.by = request.user
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Beside a field stands only what belongs to writing: a new topic, but not a colleague's account."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        keep_to_writing(field)
        return field

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Rows of the byline and of the pictures, as articles.admin.parts has them."""
        wrappers: list[Any] = super().get_inline_formsets(*args, **kwargs)
        for wrapper in wrappers:
            wrapper.__class__ = Rows
        return wrappers

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if getattr(request, "page_afterwards", False):
            raise ComesBack(partial(self.render_change_form, request, context, *args, **kwargs))
        article = context["original"]
        form = context["adminform"].form
        if article is not None and article.pk:
            wanted = self.get_queryset(request).select_related("revision__author", "section")
            stored = wanted.prefetch_related("section__editors").get(pk=article.pk)
            context.update(panel(stored, request.user))
            if form.stale:
                # What it tells says it all: no heading that speaks of errors below.
                context.update(conflict=conflict.settle(request, context), errors=[])
        context["show_save_and_add_another"] = False
        # Without an address of its own the form would carry "#notes" along, and land below what is said on top.
        kwargs["form_url"] = kwargs.get("form_url") or request.get_full_path()
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super()
        try:
            return form.changeform_view(request, *args, **kwargs)
        except events.Stale:
            # A colleague was faster in the moment between the form's look and its save. All is rolled
            # back, and the form sees what they did now.
            return form.changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        """Of who and when, write what this editor changed: a colleague may have changed the rest meanwhile."""
        if change:
            columns = {field.name for field in obj._meta.concrete_fields}
            obj.save(update_fields=(columns & form.cleaned_data.keys()) - form.untouched)
            return
        if obj.owner_id is None:
            obj.owner = who(request)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """With its relations the text is whole: snapshot it, in the same transaction."""
        super().save_related(request, form, formsets, change)
        started_from = form.cleaned_data.get("based_on") if change else None
        reason = form.cleaned_data.get("reason", "")
        revisions.save(form.instance, by=who(request), reason=reason, based_on=started_from)
        transaction.on_commit(partial(self.say_saved, who(request), form.instance.pk))

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        return self._response(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return self._response(request, obj) or super().response_change(request, obj)

    def _response(self, request: HttpRequest, article: Article) -> HttpResponse | None:
        if name := request.POST.get("_verb"):
            return self.perform_after_save(request, article, name)
        return None

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """An article goes with its own parts. Whatever else could hold it keeps it from being deleted at all."""
        return [str(article) for article in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Article) -> None:
        Article.objects.filter(pk=obj.pk).update(revision=None)  # the two name each other
        super().delete_model(request, obj)

    # The list -----------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ArticleList

    @admin.display(description=_("picture"))
    def picture(self, article: Any) -> str:
        return thumbnail(article.leads[0].image) if article.leads else ""

    @admin.display(description=_("headline"))
    def title(self, article: Article) -> str:
        return article.headline or gettext("(no headline)")

    @admin.display(description=_("section"))
    def in_section(self, article: Article) -> str:
        return str(article.section or "–")

    @admin.display(description=_("byline"))
    def credits(self, article: Article) -> str:
        return ", ".join(byline.author.name for byline in article.bylines.all()) or "–"

    @admin.display(description=_("working copy"), ordering="status")
    def working_copy(self, article: Article) -> str:
        return tag(Status(article.status))

    @admin.display(description=_("readers meet"))
    def readers_meet(self, article: Any) -> str:
        state = tag(Public(article.public))
        return format_html(gettext("{}, pinned"), state) if article.pinned_at else state

    @admin.display(description=_("changed"), ordering="revision_id")
    def changed(self, article: Any) -> str:
        """Who saved it last, and who is at it now."""
        last = article.revision
        saved = f"{person(last.author)}, {moment(last.at)}" if last else "–"
        return format_html("{}{}", saved, article.at_it)

    @admin.action(description=_("Pin to the front page"), permissions=["pin"])
    def pin(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        self._set_pins(request, queryset.filter(pinned_at=None), "pin")

    @admin.action(description=_("Take off the front page's pins"), permissions=["pin"])
    def unpin(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        self._set_pins(request, queryset.exclude(pinned_at=None), "unpin")

    def _set_pins(self, request: HttpRequest, chosen: QuerySet[Article], verb: str) -> None:
        """Pin or unpin those that `chosen` still finds when their turn comes, with an event for each."""
        done = 0
        with transaction.atomic():
            for article in chosen:
                pinned_at = clock.now() if verb == "pin" else None
                unmoved = Article.objects.filter(pk=article.pk, pinned_at=article.pinned_at)
                if unmoved.update(pinned_at=pinned_at):
                    events.record(article, verb, by=who(request))
                    done += 1
            transaction.on_commit(pagecache.drop)
        said = ngettext("%(number)d article was changed.", "%(number)d articles were changed.", done)
        self.message_user(request, said % {"number": done}, messages.SUCCESS if done else messages.WARNING)
