"""Newsletters, notices, subscribers and their proof in the admin."""

from subscribers.admin import consent, newsletters, subscribers

__all__ = ["consent", "newsletters", "subscribers"]
