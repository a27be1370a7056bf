"""What each verb of the workflow does besides moving the status."""

from django.utils.translation import gettext as _

from articles import publishing
from articles.guards import Act
from articles.models import Approval, Edition, EmergencyReview
from articles.spans import Refused
from articles.states import Kind


def approve(act: Act) -> None:
    _vouch(act, act.article.revision.content_hash if act.article.revision else "")


def publish(act: Act) -> Edition:
    return publishing.publish(act.article, by=act.by)


def publish_minor(act: Act) -> Edition:
    return publishing.publish(act.article, by=act.by, kind=Kind.MINOR)


def correct(act: Act) -> Edition:
    return publishing.publish(act.article, by=act.by, kind=Kind.CORRECTION, notice=act.asked["notice"])


def publish_in_emergency(act: Act) -> Edition:
    return publishing.publish_in_emergency(act.article, by=act.by, reason=act.asked["note"])


def schedule(act: Act) -> Edition:
    return publishing.schedule(
        act.article,
        by=act.by,
        starts_at=act.asked["starts_at"],
        expires_at=act.asked.get("expires_at"),
        typed=act.asked.get("typed") or publishing.Typed(),
    )


def close_review(act: Act) -> Edition:
    """Vouch for the text afterwards, or not; what waited for that is laid again."""
    review: EmergencyReview = act.asked["review"]
    vouched = act.asked["verdict"] == "right"
    closing = {"closed_by": act.by, "closed_at": act.now, "finding": act.asked["note"], "vouched": vouched}
    if not EmergencyReview.objects.filter(pk=review.pk, closed_at=None).update(**closing):
        raise Refused(_("This review is closed already."))
    if vouched:
        _vouch(act, review.edition.revision.content_hash)
        publishing.lay(act.article)
    review.edition.refresh_from_db()
    return review.edition


def cancel(act: Act) -> Edition:
    return publishing.cancel(_named(act))


def bring_forward(act: Act) -> Edition:
    return publishing.bring_forward(_named(act))


def hold(act: Act) -> Edition:
    return publishing.hold(_named(act))


def release(act: Act) -> Edition:
    typed = act.asked.get("typed") or publishing.Typed()
    return publishing.release(_named(act), starts_at=act.asked.get("starts_at"), typed=typed)


def withdraw(act: Act) -> None:
    publishing.withdraw(act.article, by=act.by, notice=act.asked["notice"], reason=act.asked.get("reason") or "other")


def reinstate(act: Act) -> None:
    publishing.reinstate(act.article, by=act.by)


def hide(act: Act) -> Edition:
    return publishing.hide_from_history(_named(act), by=act.by, notice=act.asked["notice"])


def unhide(act: Act) -> Edition:
    return publishing.show_in_history(_named(act))


def _vouch(act: Act, content_hash: str) -> None:
    Approval.objects.create(article=act.article, content_hash=content_hash, by=act.by, at=act.now)


def _named(act: Act) -> Edition:
    """The edition that was asked for, with the article as it was loaded: its timeline is compared."""
    edition: Edition = act.named_edition()
    edition.article = act.article
    return edition
