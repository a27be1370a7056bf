"""Who is at an article just now."""

from django.contrib import admin


class PresenceViews(admin.ModelAdmin):
    """The part of the article's admin for it."""
