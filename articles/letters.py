"""Mails to colleagues about their articles."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Edition
from newsroom.lib import mail
from newsroom.models import SiteSettings, User


def held(edition: Edition) -> None:
    """Tell the article's owner, and whoever scheduled it, that a planned edition does not come by itself."""
    article = edition.article
    event = article.events.filter(verb="hold", edition=edition).first()
    for user in {user for user in (article.owner, edition.created_by) if user and _wants_mail(user)}:
        context = {
            "site": SiteSettings.current().name,
            "headline": edition.headline,
            "starts": timezone.localtime(edition.starts_at, user.zone()).strftime("%Y-%m-%d %H:%M %Z"),
            "why": event.note if event else "",
            "link": settings.SITE_URL + reverse("admin:articles_article_change", args=[article.pk]),
        }
        mail.send("edition-held", user.email, context, user.language or settings.LANGUAGE_CODE)


def _wants_mail(user: User) -> bool:
    return user.is_active and bool(user.email) and user.mail_on_decision
