"""The rooms of the admin that belong to articles. Importing one registers it."""

from articles.admin import articles, images, pages, taxonomy

__all__ = ["articles", "images", "pages", "taxonomy"]
