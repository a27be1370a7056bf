"""What is typed and not saved yet, kept by the server."""

from django.contrib import admin


class WritingViews(admin.ModelAdmin):
    """The part of the article's admin for it."""
