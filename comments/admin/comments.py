"""Comments in the admin: read, search, and decide on them. Nothing here adds, edits or deletes one."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from articles.models import Edition
from articles.templatetags.articles_tags import moment
from comments import moderation, reasons, scoring
from comments.models import Comment
from comments.states import WAITING, State
from newsroom.lib import clock
from newsroom.lib.paging import LongList
from newsroom.models import User


def reason_choices() -> list[tuple[str, Any]]:
    return [("", _("No rule")), *reasons.choices()]


class BulkForm(ActionForm):
    """The action to carry out on the rows, and the rule that rejected ones break."""

    reason = forms.ChoiceField(label=_("Rule:"), choices=reason_choices, required=False)


class DecisionForm(forms.Form):
    """What a moderator decides on one comment, and on which versions of it."""

    decision = forms.ChoiceField(choices=[(name, name) for name in (*moderation.DECISIONS, moderation.UNDO)])
    versions = forms.RegexField(r"^[0-9]{1,9}\.[0-9]{1,9}$", widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Rule"), choices=reason_choices, required=False, help_text=_("Needed to reject a comment.")
    )
    note = forms.CharField(
        label=_("Note to colleagues"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    notice = forms.CharField(
        label=_("Note to the reader"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_versions(self) -> tuple[int, int]:
        return parse_versions(self.cleaned_data["versions"]) or (0, 0)


def written_versions(comment: Comment) -> str:
    """The comment's versions as a form carries them."""
    return "{}.{}".format(*comment.versions)


def parse_versions(written: str) -> tuple[int, int] | None:
    """What `written_versions` wrote; None for anything else."""
    state, _dot, text = written.partition(".")
    if not (state.isdecimal() and text.isdecimal() and len(written) < 20):
        return None
    return int(state), int(text)


def _user(request: HttpRequest) -> User:
    """Whoever is signed in: the admin lets nobody else through."""
    return cast(User, request.user)


class StateFilter(admin.SimpleListFilter):
    """What waits is shown first; everything else is a click away."""

    title = _("state")
    parameter_name = "state"
    EVERY = "every"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*State.choices, (self.EVERY, _("All"))]

    def choices(self, changelist: Any) -> Any:
        waiting, *others = super().choices(changelist)
        return [waiting | {"display": _("Waiting")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        if self.value() == self.EVERY:
            return queryset
        if self.value() in State.values:
            return queryset.filter(state=self.value())
        return queryset.filter(state__in=WAITING)


def _bulk(decision: moderation.Decision) -> Any:
    """An admin action that carries out one row of the table."""

    @admin.action(description=decision.label, permissions=["moderate"])
    def act(modeladmin: "CommentAdmin", request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        modeladmin.decide_on_each(request, queryset, decision)

    act.__name__ = decision.name
    return act


@admin.register(Comment)
class CommentAdmin(LongList, admin.ModelAdmin):
    list_display = ["words", "on_article", "name", "state", "score", "waiting_since"]
    list_display_links = ["words"]
    list_filter = [StateFilter]
    search_fields = ["body", "display_name", "public_id", "known_headline"]
    search_help_text = _("Words of the comment, its author’s name, its address or the article’s headline.")
    sortable_by = ["score", "waiting_since"]
    actions = [_bulk(decision) for decision in moderation.DECISIONS.values()]
    action_form = BulkForm
    readonly_fields = [
        "text",
        "name",
        "on_article",
        "in_answer_to",
        "state",
        "rule",
        "number",
        "spam_signs",
        "written",
        "first_published",
        "address_prefix",
        "public_id",
    ]
    fields = tuple(readonly_fields)

    class Media:
        css = {"all": ["comments/admin.css"]}

    # Who may do what ----------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm(moderation.MODERATE)

    # The list -----------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        """With the headline that readers know, and the path of the article while it is live: a draft is not theirs."""
        now = clock.now()
        editions = Edition.objects.filter(article=OuterRef("article"))
        seen = editions.filter(live_from__lte=now).order_by("-live_from")
        return (
            super()
            .get_queryset(request)
            .annotate(
                known_headline=Subquery(seen.values("headline")[:1]),
                live_path=Subquery(editions.live_at(now).values("path")[:1]),
            )
            .defer("body_html")
        )

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """What waits longest comes first; of everything else the newest."""
        return ["-pk"] if request.GET.get(StateFilter.parameter_name) else ["state_at", "pk"]

    @admin.display(description=_("comment"))
    def words(self, comment: Comment) -> str:
        return format_html('<bdi dir="auto">{}</bdi>', comment.excerpt or gettext("(empty)"))

    @admin.display(description=_("article"))
    def on_article(self, comment: Any) -> str:
        """The headline as readers know it, leading to the comment where they see it, else to the article."""
        headline = format_html('<bdi dir="auto">{}</bdi>', comment.known_headline or self.get_empty_value_display())
        if not comment.live_path:
            return headline
        shown = comment.number and comment.state == State.PUBLISHED
        address = reverse("comments:permalink", args=[comment.public_id]) if shown else comment.live_path
        return format_html('<a href="{}">{}</a>', address, headline)

    @admin.display(description=_("name"))
    def name(self, comment: Comment) -> str:
        return format_html('<bdi dir="auto">{}</bdi>', comment.display_name)

    @admin.display(description=_("since"), ordering="state_at")
    def waiting_since(self, comment: Comment) -> str:
        return moderation.ago(comment.state_at)

    def action_checkbox(self, obj: Comment) -> SafeString:
        """The row's box, with the versions that the moderator sees: a stale selection is noticed by them."""
        versions = format_html('<input type="hidden" name="versions-{}" value="{}">', obj.pk, written_versions(obj))
        return format_html("{}{}", super().action_checkbox(obj), versions)

    def decide_on_each(self, request: HttpRequest, queryset: QuerySet[Comment], decision: moderation.Decision) -> None:
        """Carry out the decision on every row by itself, and say of each that failed why."""
        done = 0
        for comment in queryset:
            try:
                moderation.decide(
                    comment,
                    decision.name,
                    by=_user(request),
                    reason=request.POST.get("reason", ""),
                    expected=parse_versions(request.POST.get(f"versions-{comment.pk}", "")) or (0, 0),
                )
                done += 1
            except moderation.Refused as refusal:
                self.message_user(request, f"“{comment}” – {refusal}", messages.WARNING)
        if done:
            sentence = ngettext("“%(label)s”: %(count)d comment.", "“%(label)s”: %(count)d comments.", done)
            self.message_user(request, sentence % {"label": decision.label, "count": done}, messages.SUCCESS)

    # One comment --------------------------------------------------------------------------

    @admin.display(description=_("comment"))
    def text(self, comment: Comment) -> str:
        return format_html('<div class="comment-text" dir="auto">{}</div>', comment.body)

    @admin.display(description=_("answers"))
    def in_answer_to(self, comment: Comment) -> str:
        if comment.parent is None:
            return self.get_empty_value_display()
        address = reverse("admin:comments_comment_change", args=[comment.parent.pk])
        return format_html('<a href="{}" dir="auto">{}</a>', address, str(comment.parent))

    @admin.display(description=_("rule"))
    def rule(self, comment: Comment) -> str:
        return reasons.labels().get(comment.reason) or self.get_empty_value_display()

    @admin.display(description=_("written"))
    def written(self, comment: Comment) -> str:
        return moment(comment.created_at)

    @admin.display(description=_("first published"))
    def first_published(self, comment: Comment) -> str:
        return moment(comment.published_at) if comment.published_at else self.get_empty_value_display()

    @admin.display(description=_("spam signs"))
    def spam_signs(self, comment: Comment) -> str:
        if not comment.signals:
            return self.get_empty_value_display()
        signs = ((scoring.label(sign), scoring.explained(sign), f"{sign['weight']:+d}") for sign in comment.signals)
        items = format_html_join("", "<li>{}: <bdi>{}</bdi> ({})</li>", signs)
        return format_html('<ul class="comment-signs">{}</ul>', items)

    def get_urls(self) -> list[URLPattern]:
        decide = path("<int:pk>/decide/", self.admin_site.admin_view(require_POST(self.decide_view)))
        decide.name = "comments_comment_decide"
        return [decide, *super().get_urls()]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Comment | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context |= self._decisions(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _decisions(self, request: HttpRequest, comment: Comment) -> dict[str, Any]:
        history = list(comment.actions.select_related("by"))
        labels = reasons.labels()
        may = self.has_moderate_permission(request)
        return {
            "decisions": moderation.open_decisions(_user(request), comment),
            "decision_form": DecisionForm(initial={"versions": written_versions(comment)}) if may else None,
            "undo": moderation.UNDO if may and moderation.undoable(history) else "",
            "history": [(action, labels.get(action.reason, "")) for action in history],
        }

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST of a decision on one comment."""
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        comment = get_object_or_404(Comment, pk=pk)
        form = DecisionForm(request.POST)
        if form.is_valid():
            self._decide(request, comment, **form.cleaned_data)
        else:
            sentence = gettext("Nothing was decided: the form was incomplete. Choose a decision again.")
            self.message_user(request, sentence, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:comments_comment_change", args=[pk]))

    def _decide(
        self, request: HttpRequest, comment: Comment, decision: str, versions: tuple[int, int], **said: str
    ) -> None:
        try:
            if decision == moderation.UNDO:
                moderation.undo(comment, by=_user(request), expected=versions)
            else:
                moderation.decide(comment, decision, by=_user(request), expected=versions, **said)
        except moderation.Refused as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            sentence = gettext("The comment is now %(state)s.") % {"state": comment.get_state_display()}
            self.message_user(request, sentence, messages.SUCCESS)
