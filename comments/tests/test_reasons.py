"""The reasons to reject a comment: words that moderators edit, and codes that stay."""

import pytest

from articles.factories import make_live
from comments import moderation, reasons
from comments.factories import make_comment
from comments.models import RejectionReason
from newsroom.models import User

pytestmark = pytest.mark.django_db


def test_those_that_come_with_the_newsroom_are_there_and_say_what_they_mean() -> None:
    assert [label for _code, label in reasons.choices()][:2] == ["abuse or hatred", "not about the article"]
    assert reasons.teaches_spam("advertising") and not reasons.teaches_spam("abuse")


def test_a_migration_leaves_edited_reasons_as_they_are() -> None:
    RejectionReason.objects.filter(code="abuse").update(label="Insults", active=False)
    reasons.apply_after_migration()
    assert reasons.labels()["abuse"] == "Insults"
    assert "abuse" not in dict(reasons.choices())


def test_a_reason_out_of_use_rejects_nothing_more_but_keeps_its_label(erik: User) -> None:
    RejectionReason.objects.filter(code="abuse").update(active=False)
    comment = make_comment(make_live().article)
    with pytest.raises(moderation.Refused, match="Choose the rule"):
        moderation.decide(comment, "reject", by=erik, expected=comment.versions, reason="abuse")
    assert reasons.labels()["abuse"] == "abuse or hatred"
