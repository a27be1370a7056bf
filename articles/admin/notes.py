"""Notes of colleagues on an article."""

from django.contrib import admin


class NoteViews(admin.ModelAdmin):
    """The part of the article's admin for it."""
