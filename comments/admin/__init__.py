"""The rooms of the admin that belong to comments. Importing one registers it."""

from comments.admin import comments, rules

__all__ = ["comments", "rules"]
