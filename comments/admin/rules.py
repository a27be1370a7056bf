"""Rules for comments in the admin: bans, words, and how articles and sections are open."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from comments import policy
from comments.models import Ban, Opening, WordRule
from newsroom.lib import addresses

# As many comments are shown of those that a rule would have caught.
EXAMPLES = 20


@admin.register(Opening)
class OpeningAdmin(admin.ModelAdmin):
    list_display = ("__str__", "closes_after")
    list_filter = ("mode",)
    list_select_related = ("article", "section")
    raw_id_fields = ("article",)
    show_full_result_count = False


class BanForm(forms.ModelForm):
    class Meta:
        model = Ban
        fields = ("commenter", "network", "reason", "ends_at")

    def clean_network(self) -> str:
        """The whole network of what was typed, as comments keep it."""
        typed = self.cleaned_data["network"].strip()
        network = addresses.prefix(typed.partition("/")[0])
        if typed and not network:
            raise ValidationError(_("This is no network address. Enter one such as 192.0.2.7 or 2001:db8:1::."))
        return network


@admin.register(Ban)
class BanAdmin(admin.ModelAdmin):
    form = BanForm
    list_display = ("__str__", "reason", "made_at", "ends_at")
    list_select_related = ("commenter",)
    raw_id_fields = ("commenter",)
    search_fields = ("network", "commenter__name", "commenter__email", "reason")
    show_full_result_count = False


class WordRuleForm(forms.ModelForm):
    class Meta:
        model = WordRule
        fields = ("words", "then", "reason", "active")

    def clean_words(self) -> str:
        words = " ".join(self.cleaned_data["words"].split())
        if not any(letter.isalnum() for letter in words):
            raise ValidationError(_("This would match nothing. Enter at least one letter or digit."))
        return words


@admin.register(WordRule)
class WordRuleAdmin(admin.ModelAdmin):
    form = WordRuleForm
    list_display = ("words", "then", "reason", "active")
    list_filter = ("active", "then")
    search_fields = ("words",)
    show_full_result_count = False

    class Media:
        css = {"all": ["comments/admin/rules.css"]}

    def get_fields(self, request: Any, obj: WordRule | None = None) -> Any:
        return [*WordRuleForm.Meta.fields, "tried"] if obj else list(WordRuleForm.Meta.fields)

    def get_readonly_fields(self, request: Any, obj: WordRule | None = None) -> list[str]:
        return ["tried"] if obj else []

    @admin.display(description=_("on last month’s comments"))
    def tried(self, rule: WordRule) -> str:
        """What the rule, as it is saved, would have caught."""
        caught = policy.tried(rule)
        sentence = ngettext(
            "It would have caught %(count)d comment.", "It would have caught %(count)d comments.", len(caught)
        ) % {"count": len(caught)}
        if not caught:
            return gettext("It would have caught none.")
        rows = (
            (reverse("admin:comments_comment_change", args=[comment.pk]), comment.excerpt, comment.get_state_display())
            for comment in caught[:EXAMPLES]
        )
        items = format_html_join("", '<li><a href="{}"><bdi dir="auto">{}</bdi></a> ({})</li>', rows)
        return format_html('{}<ul class="comment-signs">{}</ul>', sentence, items)
