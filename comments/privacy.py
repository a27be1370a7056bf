"""All that comments keep about the holder of an email address: handed over, or erased.

Whoever asks has shown that the address is theirs; that is for the caller to see to.
"""

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from articles.models import Edition
from comments import moderation
from comments.digests import digest_of, digests, norm
from comments.models import Appeal, Ban, Comment, Commenter, Confirmation, ModerationAction, Report
from comments.states import State
from newsroom.lib import clock
from newsroom.lib.personal import Rows, Tables, filled, forget_in_log, rows


def export(email: str) -> Tables:
    """The name of a table, and its rows about this address. Tables without a row are left out.

    Decisions come without the names of the staff and their notes to each other. Of a comment that waits for the
    address to be confirmed only that it does: who wrote it is not known.
    """
    people = _commenters(email)
    theirs = Q(comment__commenter__in=people)
    return filled(
        {
            "commenters": _people(people),
            "comments": _comments(Comment.objects.filter(commenter__in=people)),
            "decisions": _decisions(ModerationAction.objects.filter(theirs)),
            "appeals": _appeals(Appeal.objects.filter(theirs)),
            "reports": _reports(Report.objects.filter(_at(email))),
            "confirmations": _confirmations(Confirmation.objects.filter(_at(email))),
            "bans": _bans(Ban.objects.filter(Q(commenter__in=people) | Q(commenter__digest__in=digests(email)))),
        }
    )


def erase(email: str) -> dict[str, int]:
    """Forget the address and all that was written under it: the names of tables, and how many rows of each.

    Comments leave their place, reports and appeals that they were made. A ban stays as long as it is in force,
    on a digest of the address (comments.digests). Calling it again, or for somebody unknown, is no error; if it
    was interrupted, calling it again does the rest.
    """
    awaiting = Q(confirmation__in=Confirmation.objects.filter(_at(email)), state=State.AWAITING_EMAIL)
    done = {
        "comments": _erase_all(Comment.objects.filter(awaiting)),
        "confirmations": Confirmation.objects.filter(_at(email)).delete()[0],
        "reports": _forget_reports(Report.objects.filter(_at(email))),
    }
    for commenter in _commenters(email):
        for table, number in _erase_commenter(commenter).items():
            done[table] = done.get(table, 0) + number
    return {table: number for table, number in done.items() if number}


@transaction.atomic
def erase_comment(comment: Comment) -> None:
    """Erase one comment, with what its author said about it and what reports quote of it."""
    Confirmation.objects.filter(comment=comment).delete()  # first, as whoever confirms does
    moderation.erase(comment)
    comment.appeals.update(text="", answer="")
    comment.reports.update(text="")
    comment.reports.filter(told_at__isnull=False).update(email="")  # it does not come back
    forget_in_log(Comment, [comment.pk])


# Whose it is ------------------------------------------------------------------------------


def _at(email: str) -> Q:
    """Rows that hold the address, as it was typed or as it is compared."""
    typed = email.strip()
    return Q(email__iexact=typed) | Q(email__iexact=norm(typed)) if typed else Q(pk__in=())


def _commenters(email: str) -> "QuerySet[Commenter]":
    """Whoever writes under the address; one who has an account and no other address under that of the account."""
    by_account = Q(email="", user__email__iexact=email.strip()) if email.strip() else Q(pk__in=())
    return Commenter.objects.filter(_at(email) | by_account)


# Handing over -----------------------------------------------------------------------------


def _people(found: "QuerySet[Commenter]") -> Rows:
    return rows(
        found,
        name="name",
        email="email",
        verified_at="verified_at",
        account="user__username",
        language="language",
        is_told_the_outcome="wants_outcome",
        is_told_of_replies="wants_replies",
        known_since="created_at",
    )


def _comments(found: "QuerySet[Comment]") -> Rows:
    return rows(
        found.annotate(headline=_headline("article")),
        id="public_id",
        article="headline",
        number="number",
        answers="parent__public_id",
        name="display_name",
        text="body",
        state="state",
        reason="reason",
        spam_score="score",
        signals="signals",
        picked_at="picked_at",
        written_at="created_at",
        edited_at="edited_at",
        published_at="published_at",
        in_this_state_since="state_at",
        network="address_prefix",
        imported_from="source",
    )


def _decisions(found: "QuerySet[ModerationAction]") -> Rows:
    return rows(
        found,
        comment="comment__public_id",
        decision="decision",
        from_state="from_state",
        to_state="to_state",
        automated="automated",
        rule="rule",
        steps="steps",
        reason="reason",
        clause="clause",
        notice="notice",
        at="at",
    )


def _appeals(found: "QuerySet[Appeal]") -> Rows:
    return rows(
        found,
        comment="comment__public_id",
        text="text",
        made_at="created_at",
        answered_at="closed_at",
        granted="granted",
        answer="answer",
    )


def _reports(found: "QuerySet[Report]") -> Rows:
    return rows(
        found,
        comment="comment__public_id",
        reason="reason",
        text="text",
        email="email",
        language="language",
        network="address_prefix",
        reported_at="created_at",
        closed_at="closed_at",
        upheld="upheld",
    )


def _confirmations(found: "QuerySet[Confirmation]") -> Rows:
    return rows(
        found.annotate(headline=_headline("comment__article")),
        article="headline",
        email="email",
        asked_at="created_at",
        mailed_at="mailed_at",
    )


def _headline(article: str) -> Subquery:
    """The article's as readers see it now, and nothing where they see none: what editors work on is not told."""
    return Subquery(Edition.objects.live().filter(article=OuterRef(article)).values("headline")[:1])


def _bans(found: "QuerySet[Ban]") -> Rows:
    return rows(found, reason="reason", made_at="made_at", ends_at="ends_at")


# Erasing ----------------------------------------------------------------------------------


def _erase_commenter(commenter: Commenter) -> dict[str, int]:
    """Comments first: as long as one is left, it is found by the address, should this be interrupted."""
    theirs = Comment.objects.filter(commenter=commenter)
    done = {"comments": 0, "appeals": Appeal.objects.filter(comment__in=theirs).count()}
    while True:
        done["comments"] += _erase_all(theirs)
        with transaction.atomic():
            # Whoever writes a comment for this commenter now waits, or was found by the line above.
            Commenter.objects.select_for_update().get(pk=commenter.pk)
            if not theirs.exists():
                return done | _empty(commenter)


def _erase_all(found: "QuerySet[Comment]") -> int:
    comments = list(found.order_by("pk"))
    for comment in comments:
        erase_comment(comment)
    return len(comments)


def _empty(commenter: Commenter) -> dict[str, int]:
    """The row is left for what names it. Its links in mails are dead."""
    ended = commenter.bans.exclude(pk__in=commenter.bans.in_force(clock.now()).values("pk")).delete()[0]
    forget_in_log(Ban, commenter.bans.values_list("pk", flat=True))
    forget_in_log(Commenter, [commenter.pk])
    kept = commenter.bans.exists()
    address = commenter.email or (commenter.user.email if commenter.user else "")
    commenter.digest = digest_of(address) if kept else ""
    commenter.email = commenter.name = commenter.language = ""
    commenter.user = commenter.verified_at = None
    commenter.wants_outcome = commenter.wants_replies = False
    commenter.token_version += 1
    commenter.save()
    return {"commenters": 1, "bans": ended}


def _forget_reports(found: "QuerySet[Report]") -> int:
    return found.update(email="", text="", language="", address_prefix="", address_hmac="")
