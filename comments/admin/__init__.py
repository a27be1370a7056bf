"""The rooms of the admin that belong to comments. Importing one registers it."""

from comments.admin import comments, reasons, rules

__all__ = ["comments", "reasons", "rules"]
