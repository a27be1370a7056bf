"""Newsletters, notices, subscribers and their proof in the admin."""

from subscribers.admin import consent, issues, newsletters, subscribers

__all__ = ["consent", "issues", "newsletters", "subscribers"]
