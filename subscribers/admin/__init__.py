"""Newsletters, notices, subscribers and their proof in the admin."""

from subscribers.admin import consent, imports, issues, newsletters, sending, subscribers

__all__ = ["consent", "imports", "issues", "newsletters", "sending", "subscribers"]
