"""What moderators read of the rules."""

from django import template
from django.utils.translation import gettext

from comments import policy

register = template.Library()


@register.filter
def step_label(step: dict[str, str]) -> str:
    """What a step of the policy is called."""
    return gettext(policy.LABELS.get(step["step"], step["step"]))
