"""The addresses of articles: dated by the first publication, and theirs for good."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from django.conf import settings
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


def reserve(article: Article, paths: Iterable[str], now: datetime) -> None:
    """Make `paths` the article's for good. Raises Refused where one is another's."""
    wanted = list(dict.fromkeys(paths))
    owners = _owners(wanted)
    missing = [path for path in wanted if path not in owners]
    if missing:
        Address.objects.bulk_create(
            [Address(path=path, article=article, made_at=now) for path in missing], ignore_conflicts=True
        )
        owners |= _owners(missing)  # a colleague may have been faster
    for path in wanted:
        if owners.get(path) != article.pk:
            raise Refused(_("Another article has the address %(path)s already. Choose another slug.") % {"path": path})


def _owners(paths: list[str]) -> dict[str, int]:
    """{path: the key of the article that it belongs to}, of those that belong to one."""
    return dict(Address.objects.filter(path__in=paths).values_list("path", "article"))


def site_zone() -> tzinfo:
    return timezone.get_default_timezone()
