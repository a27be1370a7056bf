"""The reasons to reject a comment: words that moderators edit, and codes that stay."""

import pytest

from articles.factories import make_live
from comments import moderation, reasons
from comments.factories import make_comment
from comments.models import RejectionReason
from newsroom.models import User
from newsroom.testing import CAST, client_of, make_user

pytestmark = pytest.mark.django_db


def test_those_that_come_with_the_newsroom_are_there_and_say_what_they_mean() -> None:
    assert [label for _code, label in reasons.choices()][:2] == ["abuse or hatred", "not about the article"]
    assert reasons.teaches_spam("advertising") and not reasons.teaches_spam("abuse")


def test_a_migration_leaves_edited_reasons_as_they_are() -> None:
    RejectionReason.objects.filter(code="abuse").update(label="Insults", active=False)
    reasons.apply_after_migration()
    assert str(reasons.find("abuse")) == "Insults"
    assert "abuse" not in dict(reasons.choices())


def test_a_reason_out_of_use_rejects_nothing_more_but_keeps_its_label(erik: User) -> None:
    RejectionReason.objects.filter(code="abuse").update(active=False)
    comment = make_comment(make_live().article)
    with pytest.raises(moderation.Refused, match="Choose the rule"):
        moderation.decide(comment, "reject", by=erik, expected=comment.versions, reason="abuse")
    assert str(reasons.find("abuse")) == "abuse or hatred"


LIST = "/admin/comments/rejectionreason/"


def listed(**changed: str) -> dict[str, str]:
    """The form of the list, with what was changed in its first row."""
    rows = RejectionReason.objects.all()
    data = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": str(len(rows)), "_save": "Save"}
    for place, row in enumerate(rows):
        fields = {"id": str(row.pk), "position": str(row.position), "label": row.label, "active": "on"}
        fields |= {"explanation": row.explanation, "clause": row.clause} | (changed if place == 0 else {})
        data |= {f"form-{place}-{name}": value for name, value in fields.items()}
    return data


def test_moderators_edit_the_reasons_in_their_list(erik: User) -> None:
    client = client_of(erik)
    assert 'placeholder="abuse or hatred"' in client.get(LIST).content.decode()
    response = client.post(
        LIST, listed(label="Insults", position="99", clause="§ 4", explanation="Be kind.", spam="on")
    )
    assert response.status_code == 302
    reason = RejectionReason.objects.get(code="abuse")
    assert (reason.label, reason.position, reason.clause, reason.explanation) == ("Insults", 99, "§ 4", "Be kind.")
    assert reason.spam and reason.active
    assert next(code for code, _label in reasons.choices()) == "off_topic"


def test_a_new_reason_needs_words_and_keeps_its_code(erik: User) -> None:
    client = client_of(erik)
    form = {"code": "spoiler", "label": "", "position": "5", "active": "on"}
    assert "Write what moderators and readers choose from" in client.post(f"{LIST}add/", form).content.decode()
    client.post(f"{LIST}add/", form | {"label": "gives the ending away"})
    reason = RejectionReason.objects.get(code="spoiler")
    client.post(f"{LIST}{reason.pk}/change/", form | {"label": "spoiler", "code": "other-code"})
    reason.refresh_from_db()
    assert (reason.code, reason.label) == ("spoiler", "spoiler")
    assert client.post(f"{LIST}{reason.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", sorted(set(CAST) - {"erik", "charlie"}))
def test_nobody_else_sees_or_edits_the_reasons(name: str) -> None:
    client = client_of(make_user(name, CAST[name]))
    assert client.get(LIST).status_code == client.get(f"{LIST}add/").status_code == 403
    client.post(LIST, listed(label="Insults"))
    assert not RejectionReason.objects.filter(label="Insults").exists()
