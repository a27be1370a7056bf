"""A fix is published while an update waits: neither takes the other back."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import transaction

from articles import publishing, revisions
from articles.events import replay
from articles.factories import approve, edit, make_article
from articles.models import Article, Edition
from articles.states import Status
from articles.workflow import Refused, perform
from newsroom.models import SiteSettings

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EVENING = NOON + timedelta(hours=6)
BODY = "<p>The bridge is 400 metres long.</p><p>It opens on Monday.</p><p>The toll is two crowns.</p>"
UPDATED = BODY.replace("It opens on Monday.", "It opened on Monday, and the mayor came.")
FIXED = BODY.replace("400 metres", "40 metres")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(db):
    SiteSettings(undo_seconds=20).save()
    with time_machine.travel(NOON - timedelta(hours=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def article(alice, clock):
    """Live since noon, with an update that waits for the evening."""
    article = make_article(by=alice, body=BODY, status=Status.APPROVED)
    publishing.publish(article, by=None)
    clock.move_to(NOON)
    rewrite(article, body=UPDATED)
    publishing.schedule(article, by=alice, starts_at=EVENING)
    return article


def rewrite(article, *, approved=True, **fields):
    edit(article, **fields)
    if approved:
        approve(article)
    return article


def start_from(article, edition):
    """Take up the text of `edition` again, as its own next revision."""
    content = edition.revision.content
    with transaction.atomic():
        for name in ("headline", "standfirst", "body"):
            setattr(article, name, content[name])
        article.save()
        revisions.save(article, by=None, parent=edition.revision)


def fix(article, **fields):
    """Start from what readers see, and publish it with a change."""
    start_from(article, Edition.objects.live().get(article=article))
    return publishing.publish(rewrite(article, **fields), by=None)


def body_at(moment):
    return Edition.objects.live_at(moment).get().body.text.replace("\n", " ")


def test_a_fix_is_part_of_the_update_that_waited_when_it_comes(article):
    fix(article, body=FIXED)
    assert "40 metres" in body_at(NOON + timedelta(minutes=1))
    assert "opens on Monday" in body_at(NOON + timedelta(minutes=1))
    evening = body_at(EVENING)
    assert ("40 metres" in evening, "the mayor came" in evening) == (True, True)


def test_the_merged_text_inherits_the_approval_of_both(article):
    fix(article, body=FIXED)
    update = article.editions.get(starts_at=EVENING)
    assert update.before_merge.content["body"] == UPDATED
    assert (update.revision.parent, update.revision.author) == (update.before_merge, None)
    assert article.approvals.filter(content_hash=update.revision.content_hash, by=None).exists()


def test_the_working_copy_stays_with_the_fix(article):
    fix(article, body=FIXED)
    assert Article.objects.get().body == FIXED
    assert Article.objects.get().status == Status.APPROVED


def test_undoing_the_fix_gives_the_update_back_as_it_was(article):
    before = article.editions.get(starts_at=EVENING).revision_id
    fixed = fix(article, body=FIXED)
    fixed.article = article
    publishing.cancel(fixed)
    update = article.editions.get(starts_at=EVENING)
    assert (update.revision_id, update.before_merge) == (before, None)
    assert "400 metres" in body_at(EVENING)


def test_where_both_change_the_same_the_update_is_held_and_the_live_one_runs_on(article):
    fix(article, body=BODY.replace("on Monday", "on Tuesday"))
    assert body_at(EVENING) == "The bridge is 400 metres long. It opens on Tuesday. The toll is two crowns."
    held = article.editions.get(starts_at=EVENING)
    assert (held.held_at, held.live_from) == (NOON, None)
    assert "Both change the same" in article.events.filter(verb="hold").get().note


def test_its_owner_is_told_that_it_is_held(article, alice, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        fix(article, body=BODY.replace("on Monday", "on Tuesday"))
    (letter,) = mail.outbox
    assert letter.to == [alice.email]
    assert "2026-03-02 18:00 UTC does not come by itself" in letter.body
    assert f"/admin/articles/article/{article.pk}/change/" in letter.body


def test_undoing_what_it_clashes_with_lets_it_come_again(article):
    fixed = fix(article, body=BODY.replace("on Monday", "on Tuesday"))
    fixed.article = article
    publishing.cancel(fixed)
    assert "the mayor came" in body_at(EVENING)
    update = article.editions.get(starts_at=EVENING)
    assert replay(article).editions[update.pk] == update.intent()


def test_it_is_not_released_while_it_still_clashes(article, bob):
    fix(article, body=BODY.replace("on Monday", "on Tuesday"))
    held = article.editions.get(starts_at=EVENING)
    with pytest.raises(Refused, match="cannot be put together"):
        perform("release", Article.objects.get(), by=bob, held_edition=held, starts_at=EVENING)
    assert Edition.objects.get(pk=held.pk).held_at == NOON


def test_an_emergency_text_holds_the_update_until_a_colleague_has_reviewed_it(article, charlie, bob):
    charlie.set_password("two tides a day")
    start_from(article, Edition.objects.live().get(article=article))
    rewrite(article, approved=False, body=FIXED)
    perform("emergency", article, by=charlie, note="It is wrong.", password="two tides a day")
    assert "the mayor" not in body_at(EVENING)
    review = article.emergency_reviews.get()
    with pytest.raises(Refused, match="Ask a colleague to review it"):
        perform("review", Article.objects.get(), by=charlie, review=review, verdict="right", note="Fine.")
    perform("review", Article.objects.get(), by=bob, review=review, verdict="right", note="It was right.")
    assert ("40 metres" in body_at(EVENING), "the mayor came" in body_at(EVENING)) == (True, True)


def test_a_fix_written_into_the_updates_own_text_stays_when_the_update_comes(article):
    publishing.publish(rewrite(article, body=UPDATED.replace("400 metres", "40 metres")), by=None)
    assert "40 metres" in body_at(EVENING)


def test_what_waits_for_different_times_comes_as_each_was_approved(article):
    publishing.schedule(
        rewrite(article, body=UPDATED.replace("two crowns", "three crowns")),
        by=None,
        starts_at=EVENING - timedelta(hours=1),
    )
    assert "three crowns" in body_at(EVENING - timedelta(minutes=1))
    assert "two crowns" in body_at(EVENING)


def test_a_text_begun_before_the_update_came_takes_it_in(article, clock):
    fix(article, body=FIXED)
    clock.move_to(EVENING + timedelta(hours=1))
    publishing.publish(rewrite(article, body=FIXED.replace("two crowns", "three crowns")), by=None)
    seen = body_at(EVENING + timedelta(hours=2))
    assert all(words in seen for words in ("40 metres", "the mayor came", "three crowns"))


def test_a_text_that_clashes_with_what_readers_see_is_refused_and_nothing_changes(article, clock):
    fix(article, body=FIXED)
    clock.move_to(EVENING + timedelta(hours=1))
    before = (article.editions.count(), article.revisions.count())
    rewrite(article, body=FIXED.replace("on Monday", "on Tuesday"))
    with pytest.raises(publishing.Refused, match="Both change the same"):
        publishing.publish(Article.objects.select_related("revision").get(), by=None)
    assert (article.editions.count(), article.revisions.count()) == (before[0], before[1] + 1)
    assert "the mayor came" in body_at(EVENING + timedelta(hours=2))


def test_a_fix_published_seconds_before_the_update_does_not_take_it_back(article, clock):
    clock.move_to(EVENING - timedelta(seconds=10))
    fix(article, body=FIXED)
    assert "400 metres" in body_at(EVENING)  # the fix can still be undone
    later = body_at(EVENING + timedelta(minutes=1))
    assert ("40 metres" in later, "the mayor came" in later) == (True, True)


def test_an_update_brought_forward_before_a_fix_that_can_still_be_undone_stays(article, clock):
    fix(article, body=FIXED)
    clock.move_to(NOON + timedelta(seconds=5))
    update = article.editions.get(starts_at=EVENING)
    update.article = Article.objects.get()
    publishing.bring_forward(update)
    later = body_at(NOON + timedelta(minutes=1))
    assert ("40 metres" in later, "the mayor came" in later) == (True, True)


def test_a_fix_that_clashes_with_an_update_about_to_come_true_is_refused(article, clock):
    clock.move_to(EVENING - timedelta(seconds=10))
    with pytest.raises(publishing.Refused, match="cannot be put together"):
        fix(article, body=BODY.replace("on Monday", "on Tuesday"))
    assert "the mayor came" in body_at(EVENING + timedelta(minutes=1))


def test_a_second_click_does_not_publish_a_text_twice_that_something_was_merged_into(article, bob):
    first = article.editions.earliest("pk")
    fix(article, body=FIXED)
    start_from(article, first)  # and not from the fix
    rewrite(article, body=BODY.replace("two crowns", "three crowns"))
    perform("update", Article.objects.get(), by=bob)
    with pytest.raises(Refused, match="Exactly this text is waiting already"):
        perform("update", Article.objects.get(), by=bob)


def test_what_is_planned_does_not_slip_out_with_a_fix(article, bob):
    rewrite(article, body=UPDATED.replace("400 metres", "40 metres"))
    for verb, asked in (("update", {}), ("minor", {}), ("correct", {"notice": "It is 40 metres."})):
        with pytest.raises(Refused, match="This text holds what is planned for 2026-03-02 18:00 UTC"):
            perform(verb, Article.objects.get(), by=bob, **asked)
    assert "the mayor" not in body_at(NOON + timedelta(hours=1))


def test_a_fix_ends_when_what_it_mends_was_to_end(alice, bob, clock):
    clock.move_to(NOON)
    article = make_article(by=alice, body=BODY, status=Status.APPROVED)
    publishing.schedule(article, by=None, starts_at=NOON + timedelta(hours=1), expires_at=EVENING)
    clock.move_to(NOON + timedelta(hours=2))
    fixed = publishing.publish(rewrite(article, body=FIXED), by=None)
    assert (fixed.expires_at, fixed.live_until) == (EVENING, EVENING)


def test_a_review_that_does_not_vouch_leaves_the_update_held(article, charlie, bob):
    charlie.set_password("two tides a day")
    start_from(article, Edition.objects.live().get(article=article))
    rewrite(article, approved=False, body=FIXED)
    perform("emergency", article, by=charlie, note="It is wrong.", password="two tides a day")
    review = article.emergency_reviews.get()
    with pytest.raises(Refused, match="Choose whether you vouch"):
        perform("review", Article.objects.get(), by=bob, review=review, note="No.")
    perform("review", Article.objects.get(), by=bob, review=review, verdict="wrong", note="It is 44 metres.")
    review.refresh_from_db()
    assert (review.vouched, review.closed_by) == (False, bob)
    assert article.editions.get(starts_at=EVENING).held_at == NOON
