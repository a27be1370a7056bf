"""Revisions of an article: what was saved, what changed, and taking one up again."""

from django.contrib import admin


class RevisionViews(admin.ModelAdmin):
    """The part of the article's admin for it."""
