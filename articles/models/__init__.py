"""The tables of articles, and the timeline that readers see."""

from articles.models.article import Approval, Article, ArticleImage, Byline, Revision
from articles.models.autosave import Autosave
from articles.models.edition import (
    Address,
    Correction,
    Edition,
    EditionBody,
    EditionByline,
    EditionImage,
    EditionTag,
    Event,
    Reason,
    Withdrawal,
)
from articles.models.image import Image, ImageEvent, Place
from articles.models.review import EmergencyReview, Note
from articles.models.taxonomy import Author, Section, Tag

__all__ = [
    "Address",
    "Approval",
    "Article",
    "ArticleImage",
    "Author",
    "Autosave",
    "Byline",
    "Correction",
    "Edition",
    "EditionBody",
    "EditionByline",
    "EditionImage",
    "EditionTag",
    "EmergencyReview",
    "Event",
    "Image",
    "ImageEvent",
    "Note",
    "Place",
    "Reason",
    "Revision",
    "Section",
    "Tag",
    "Withdrawal",
]
