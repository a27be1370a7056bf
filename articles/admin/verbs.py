"""The workflow's verbs as buttons and pages. Which there are, for whom and when, articles.workflow knows."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from articles import workflow
from articles.admin import panel
from articles.admin.moments import MomentField, zone_name
from articles.admin.people import who
from articles.admin.showing import moment
from articles.admin.timeline import ASKED
from articles.events import was_faster
from articles.models import Article, Edition, EmergencyReview, Reason
from articles.publishing import Typed
from articles.workflow import VERBS, Verb
from newsroom.lib import clock
from newsroom.models import SiteSettings

Asked = Callable[[Article], forms.Field]


def _words(label: Any, help_text: Any) -> Asked:
    """A field for a sentence or two. Whether it may stay empty is the verb's own guard's to say."""
    widget = forms.Textarea(attrs={"rows": 4, "dir": "auto", "class": "vLargeTextField"})
    return lambda article: forms.CharField(label=label, help_text=help_text, required=False, widget=widget)


def _editions(which: Callable[[Article], Any]) -> Asked:
    return lambda article: EditionField(
        label=_("Which edition"), queryset=which(article), required=False, empty_label=None
    )


def _waiting(article: Article) -> Any:
    return Edition.objects.waiting(clock.now()).filter(article=article)


def _held(article: Article) -> Any:
    return _waiting(article).filter(held_at__isnull=False)


def _past(article: Article) -> Any:
    return Edition.objects.filter(article=article, live_from__lte=clock.now()).order_by("-live_from")


def _review(article: Article) -> forms.Field:
    owed = article.emergency_reviews.filter(closed_at=None).select_related("edition", "opened_by")
    return ReviewField(label=_("Which review"), queryset=owed, required=False, empty_label=None)


def _verdict(article: Article) -> forms.Field:
    choices = [("right", _("I vouch for it")), ("wrong", _("I do not vouch for it: something must be done"))]
    return forms.ChoiceField(label=_("The text"), choices=choices, widget=forms.RadioSelect, required=False)


def _password(article: Article) -> forms.Field:
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(label=_("Your password"), required=False, strip=False, widget=widget)


class EditionField(forms.ModelChoiceField):
    def label_from_instance(self, edition: Edition) -> str:
        begins = moment(edition.live_from or edition.starts_at)
        return f"{edition.get_kind_display()}, {begins}: {edition.headline}"


class ReviewField(forms.ModelChoiceField):
    def label_from_instance(self, review: EmergencyReview) -> str:
        return f"{review.opened_by}, {moment(review.opened_at)}: {review.reason}"


# How each thing that a verb may ask for is asked.
ASKS: dict[str, Asked] = {
    "note": _words(_("Note"), _("For your colleagues. Readers do not see it.")),
    "notice": _words(_("Notice"), _("Readers see it. Say what happened, and what is right.")),
    "reason": lambda article: forms.ChoiceField(label=_("Reason"), choices=Reason.choices, initial=Reason.OTHER),
    "starts_at": lambda article: MomentField(label=_("Publish at"), required=False),
    "expires_at": lambda article: MomentField(
        label=_("Until"),
        required=False,
        help_text=_(
            "Then readers find nothing, until something else is published. Empty: it stays until something replaces it."
        ),
    ),
    "edition": _editions(_waiting),
    "held_edition": _editions(_held),
    "past_edition": _editions(_past),
    "review": _review,
    "verdict": _verdict,
    "password": _password,
}


class VerbForm(forms.Form):
    """Asks what the verb asks for."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, verb: Verb, article: Article, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = panel.seen(article)
        self.refusals: list[tuple[str, str]] = []
        for name in verb.asks:
            self.fields[name] = ASKS[name](article)
        if {"held_edition", "starts_at"} <= self.fields.keys():
            self.fields["starts_at"].help_text = gettext("Empty: at the time that it was planned for.")
        if verb.name in ("withdraw", "hide"):
            said = gettext("Readers see it in its place. Say why, and do not repeat what they are not to read.")
            self.fields["notice"].help_text = said

    def asked(self) -> dict[str, Any]:
        """What was answered, as articles.workflow.perform takes it."""
        asked = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        if "starts_at" in asked:
            zone = zone_name().partition(" ")[0]
            asked["typed"] = Typed(self.data.get("starts_at", ""), self.data.get("expires_at", ""), zone)
        return asked

    def refuse(self, problems: list[workflow.Problem]) -> None:
        """Say each problem where it is mended: at a field of this form, or on the article's."""
        for problem in problems:
            if problem.field in self.fields:
                self.add_error(problem.field, problem.sentence)
            else:
                self.refusals.append((problem.sentence, panel.anchor(problem.field)))


class VerbViews(admin.ModelAdmin):
    """The part of the article's admin that performs verbs."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.verb_view)
        return [path("<path:object_id>/verb/<slug:name>/", view, name="articles_article_verb"), *super().get_urls()]

    @method_decorator(sensitive_post_parameters("password"))
    def verb_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """GET asks; POST performs, says why not, or says who was faster."""
        verb = VERBS.get(name)
        article = self.get_object(request, unquote(object_id))
        if verb is None or article is None:
            raise Http404
        if not verb.allowed(who(request), article):
            raise PermissionDenied
        if request.method == "POST":
            form = VerbForm(verb, article, data=request.POST)
            if form.is_valid():
                panel.as_seen(article, form.cleaned_data["seen"])
                if self._performed(request, verb, article, form):
                    return self._to_form(article)
        elif verb not in workflow.open_verbs(who(request), article):
            self.message_user(request, str(workflow.why_not_now(verb, article)), messages.WARNING)
            return self._to_form(article)
        else:
            form = VerbForm(verb, article, initial=_chosen(request))
        return self._ask(request, verb, article, form)

    def _performed(self, request: HttpRequest, verb: Verb, article: Article, form: VerbForm) -> bool:
        """Whether it is done, or a colleague was faster; either is told. False: the form says why not."""
        try:
            done = workflow.perform(verb.name, article, by=who(request), **form.asked())
        except workflow.Refused as refusal:
            form.refuse(refusal.problems)
            return False
        except workflow.Stale:
            self.message_user(request, was_faster(article, who(request)), messages.ERROR)
            return True
        self._tell(request, verb, done)
        return True

    def _ask(self, request: HttpRequest, verb: Verb, article: Article, form: VerbForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": str(verb.label).rstrip("…"),
            "subtitle": article.headline,
            "opts": self.opts,
            "article": article,
            "verb": verb,
            "form": form,
            "change_address": reverse("admin:articles_article_change", args=[article.pk]),
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/articles/article/verb.html", context)

    def perform_after_save(self, request: HttpRequest, article: Article, name: str) -> HttpResponse:
        """What the form's own button asks for, once the form is saved: do it, or go and ask for more."""
        verb = VERBS.get(name)
        if verb is None:
            raise Http404
        if verb.asks:
            return HttpResponseRedirect(reverse("admin:articles_article_verb", args=[article.pk, name]))
        try:
            self._tell(request, verb, workflow.perform(name, article, by=who(request)))
        except workflow.Refused as refusal:
            for sentence, where in panel.problems(refusal.problems):
                self.message_user(request, _linked(sentence, where), messages.ERROR)
        except workflow.Stale:
            self.message_user(request, was_faster(article, who(request)), messages.ERROR)
        return self._to_form(article)

    def _tell(self, request: HttpRequest, verb: Verb, article: Any) -> None:
        done = str(verb.done) % {"seconds": SiteSettings.current().undo_seconds}
        self.message_user(request, f"{done} {panel.states_of(article)}.", messages.SUCCESS)

    def _to_form(self, article: Article) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))


def _chosen(request: HttpRequest) -> dict[str, str]:
    """The edition or review that the address names; what else the verb asks for is typed by hand."""
    return {name: str(value) for name, value in request.GET.items() if name in (*ASKED, "review")}


def _linked(sentence: str, where: str) -> str:
    return format_html('{} <a href="{}">{}</a>', sentence, where, gettext("Go there")) if where else sentence
