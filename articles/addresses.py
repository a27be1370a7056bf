"""The addresses of articles: dated by the first publication, and theirs for good."""

from datetime import datetime, tzinfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Address, Article
from articles.spans import Refused


def path_of(article: Article, language: str, slug: str, start: datetime) -> str:
    """The address that an edition starting at `start` has: dated by the first publication, in the site's zone."""
    day = article.first_published_on or (article.published_at or start).astimezone(site_zone()).date()
    prefix = "" if language == settings.LANGUAGE_CODE else f"/{language}"
    return f"{prefix}/{day:%Y/%m/%d}/{slug}/"


def address_taken(article: Article, path: str) -> bool:
    """Whether `path` belongs to another article, for good."""
    return Address.objects.filter(path=path).exclude(article=article).exists()


def reserve(article: Article, path: str, now: datetime) -> None:
    """Make `path` the article's for good. Raises Refused where it is another's."""
    try:
        with transaction.atomic():
            address, _made = Address.objects.get_or_create(path=path, defaults={"article": article, "made_at": now})
    except IntegrityError:
        address = Address.objects.get(path=path)
    if address.article_id != article.pk:
        raise Refused(_("Another article has the address %(path)s already. Choose another slug.") % {"path": path})


def site_zone() -> tzinfo:
    return timezone.get_default_timezone()
