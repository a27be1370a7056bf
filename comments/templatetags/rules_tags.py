"""What moderators read of the rules."""

from datetime import datetime

from django import template
from django.utils.translation import gettext

from comments import moderation, policy

register = template.Library()


@register.filter
def step_label(step: dict[str, str]) -> str:
    """What a step of the policy is called."""
    return gettext(policy.LABELS.get(step["step"], step["step"]))


@register.filter
def ago(at: datetime) -> str:
    """How long ago that was, in words."""
    return moderation.ago(at)
