"""An article as readers saw it at a moment."""

from django.contrib import admin


class PastViews(admin.ModelAdmin):
    """The part of the article's admin for it."""
