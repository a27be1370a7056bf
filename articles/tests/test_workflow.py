"""The workflow's table, walked completely: status x what readers meet x verb x person."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from articles import publishing, workflow
from articles.events import record
from articles.factories import approve, edit, make_article, make_image, make_live, make_section
from articles.models import Article, Edition, EmergencyReview
from articles.restoring import restore
from articles.states import Public, Status
from articles.workflow import VERBS, Refused, Stale, perform
from newsroom.models import SiteSettings
from newsroom.testing import CAST, make_user

pytestmark = pytest.mark.django_db

# Which verbs each role may perform, on an article of its own section that somebody else owns.
WRITER = {"submit", "recall", "park", "resume"}
MOVES = {"undo", "now", "hold", "release", "cancel"}
EDITOR = WRITER | MOVES | {"request_changes", "approve", "publish", "update", "minor", "correct", "schedule"}
EDITOR |= {"review", "reinstate"}
MAY = {
    "reporter": WRITER,
    "section editor": EDITOR,
    "duty editor": EDITOR | {"emergency", "withdraw", "hide", "unhide"},
    None: set(),
}
PASSWORD = "the tide comes in twice a day"
# What a verb about an edition or a review says where there is none of the kind that it needs.
NONE_OF_THE_KIND = {
    "undo": "Cancel the publication instead",
    "now": "no longer waiting",
    "hold": "no longer waiting",
    "hide": "Choose which",
    "unhide": "Choose which",
}


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def to_state(article, status, public):
    """Bring an article into two states by the verbs' own means. It has a held edition in each of them."""
    now = timezone.now()
    root = make_user(f"root{article.pk}", is_superuser=True)
    SiteSettings(undo_seconds=0, four_eyes=False).save()
    article = perform("approve", perform("submit", article, by=root), by=root)
    if public in (Public.LIVE, Public.LIVE_UPDATE, Public.WITHDRAWN, Public.EXPIRED):
        article = perform("publish", article, by=root)
    if public == Public.EXPIRED:
        Edition.objects.update(live_from=now - timedelta(hours=2), live_until=now - timedelta(hours=1))
    held = publishing.hold(publishing.schedule(article, by=root, starts_at=now + timedelta(days=2)))
    EmergencyReview.objects.create(article=article, edition=held, reason="Flood", opened_by=root, opened_at=now)
    article = Article.objects.get(pk=article.pk)
    if public in (Public.SCHEDULED, Public.LIVE_UPDATE):
        article = perform("schedule", article, by=root, starts_at=now + timedelta(days=1))
    if public == Public.WITHDRAWN:
        article = perform("withdraw", article, by=root, notice="It was wrong.")
    # A text that readers have not seen yet, as after an edit: the same one is not published twice.
    approve(edit(article, standfirst=f"{article.standfirst}, changed"))
    Article.objects.filter(pk=article.pk).update(status=status)
    SiteSettings(undo_seconds=0, four_eyes=True).save()
    return Article.objects.select_related("revision").get(pk=article.pk)


def asked_for(name, article, by):
    """What `by` answers when the verb asks, and what must have gone before."""
    waiting = article.editions.upcoming(timezone.now()).first() or article.editions.get(held_at__isnull=False)
    past = article.editions.filter(live_from__lte=timezone.now()).first()
    if name == "recall":
        record(article, "submit", by=by)
    if name == "undo" and not waiting.held_at:
        article.editions.filter(pk=waiting.pk).update(created_by=by, created_at=waiting.starts_at)
        waiting.refresh_from_db()
    if name == "emergency":
        by.set_password(PASSWORD)
    if name == "unhide" and past:
        publishing.hide_from_history(past, by=by, notice="It named a child.")
    return {
        "request_changes": {"note": "The second source is missing."},
        "park": {"note": "The source has gone silent."},
        "schedule": {"starts_at": timezone.now() + timedelta(hours=3)},
        "correct": {"notice": "The bridge is 40 metres long, not 400."},
        "emergency": {"note": "The dam is breaking.", "password": PASSWORD},
        "review": {"review": article.emergency_reviews.get(), "verdict": "right", "note": "It was right."},
        "undo": {"edition": waiting},
        "now": {"edition": waiting},
        "hold": {"edition": waiting, "note": "Wait for the verdict."},
        "release": {"held_edition": article.editions.get(held_at__isnull=False)},
        "cancel": {"edition": waiting},
        "withdraw": {"notice": "It was wrong.", "reason": "error"},
        "hide": {"past_edition": past, "notice": "It named a child."},
        "unhide": {"past_edition": past},
    }.get(name, {})


def lacks_its_kind(name, public):
    if name in ("hide", "unhide"):
        return public in (Public.UNPUBLISHED, Public.SCHEDULED)
    return name in NONE_OF_THE_KIND and public not in (Public.SCHEDULED, Public.LIVE_UPDATE)


def refusal_of(name, status, public, may):
    """With which words the verb is refused in these states; None where it is done."""
    verb = VERBS[name]
    if name not in may:
        return "You may not do this"
    if status not in verb.sources or public not in verb.public:
        return "is not possible"
    return NONE_OF_THE_KIND[name] if lacks_its_kind(name, public) else None


def try_all(article, user, status, public, may):
    """Let `user` try every verb on `article`, each in the same states."""
    for name, verb in VERBS.items():
        before = transaction.savepoint()
        asked = asked_for(name, article, user)
        events = article.events.count()
        if refusal := refusal_of(name, status, public, may):
            with pytest.raises(Refused, match=refusal):
                perform(name, article, by=user, **asked)
            assert (Article.objects.get().status, article.events.count()) == (status, events), name
        else:
            after = perform(name, article, by=user, **asked)
            assert (after.status, article.events.first().verb) == (verb.target or status, name)
        transaction.savepoint_rollback(before)


@pytest.mark.once
@pytest.mark.parametrize("public", Public)
@pytest.mark.parametrize("status", Status)
def test_a_verb_works_from_its_states_and_from_no_others(status, public, charlie):
    article = to_state(make_article(), status, public)
    try_all(article, charlie, status, public, MAY["duty editor"])


@pytest.mark.once
@pytest.mark.parametrize("public", [Public.LIVE_UPDATE])
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("person", CAST)
def test_a_verb_is_open_to_the_roles_that_may_and_to_nobody_else(person, status, public, request):
    user, may = request.getfixturevalue(person), MAY.get(CAST[person], set())
    article = to_state(make_article(), status, public)
    record(article, "submit", by=user)
    possible = {name for name, verb in VERBS.items() if status in verb.sources and public in verb.public}
    assert {verb.name for verb in workflow.open_verbs(user, article)} == may & possible
    try_all(article, user, status, public, may)


def test_an_article_is_not_parked_without_a_reason(alice):
    with pytest.raises(Refused, match="Say why it is put aside"):
        perform("park", make_article(by=alice), by=alice, note=" ")


def test_a_section_with_a_desk_is_closed_to_editors_of_other_desks(alice, bob, berta):
    section = make_section("Politics")
    section.editors.add(bob)
    article = perform("submit", make_article(section=section, by=alice), by=alice)
    with pytest.raises(Refused, match="You may not do this"):
        perform("approve", article, by=berta)
    assert perform("approve", article, by=bob).status == Status.APPROVED


def test_nobody_approves_what_they_wrote_not_even_a_superuser(root):
    article = perform("submit", make_article(by=root), by=root)
    with pytest.raises(Refused, match="You wrote part of this text yourself"):
        perform("approve", article, by=root)


def test_whoever_mended_a_word_is_a_writer_too(alice, bob, berta):
    article = perform("submit", edit(make_article(by=alice), by=bob, headline="Mended"), by=alice)
    with pytest.raises(Refused, match="You wrote part"):
        perform("approve", article, by=bob)
    assert perform("approve", article, by=berta).status == Status.APPROVED


def test_a_one_person_newsroom_can_switch_four_eyes_off(root):
    SiteSettings(four_eyes=False).save()
    article = perform("submit", make_article(by=root), by=root)
    assert perform("approve", article, by=root).status == Status.APPROVED


def test_the_first_edit_of_an_approved_text_makes_it_a_draft(alice, bob):
    article = perform("approve", perform("submit", make_article(by=alice), by=alice), by=bob)
    article = edit(article, by=alice, standfirst="Another summary.")
    assert article.status == Status.DRAFT
    assert article.events.first().verb == "edit"


def test_saving_without_a_change_keeps_the_approval_and_makes_no_revision(alice, bob):
    article = perform("approve", perform("submit", make_article(by=alice), by=alice), by=bob)
    article = edit(article, by=alice)
    assert (article.status, article.revisions.count()) == (Status.APPROVED, 1)


def test_a_decision_on_a_text_that_changed_meanwhile_is_refused_by_name(alice, bob):
    seen = perform("submit", make_article(by=alice), by=alice)
    edit(Article.objects.get(pk=seen.pk), by=alice, headline="Changed meanwhile")
    with pytest.raises(Stale, match="Alice"):
        perform("approve", seen, by=bob)


def test_all_problems_are_named_at_once_each_with_its_field(alice, bob):
    picture = make_image(alt="", caption="", credit="")
    article = make_article(by=alice, authors=[], section=None, lead=picture, body="")
    article = perform("submit", article, by=alice)
    with pytest.raises(Refused) as refused:
        perform("approve", article, by=bob)
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["section", "bylines", "body", "images", "images", "images"]
    assert all(problem.sentence.endswith(".") for problem in refused.value.problems)


def test_a_decorative_picture_needs_no_alt_text(alice, bob):
    article = make_article(by=alice, lead=make_image(alt="", decorative=True))
    assert perform("approve", perform("submit", article, by=alice), by=bob).status == Status.APPROVED


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        ({"rights_denied": "the agency recalled it"}, "may not be used: the agency recalled it"),
        ({"rights_until": timezone.now() + timedelta(hours=1)}, "may not be used then: its rights end on"),
    ],
)
def test_a_picture_whose_rights_do_not_reach_the_publication_blocks_it(alice, bob, image, sentence):
    article = make_article(by=alice, status=Status.APPROVED, lead=make_image(**image))
    with pytest.raises(Refused, match=sentence):
        perform("schedule", article, by=bob, starts_at=timezone.now() + timedelta(hours=2))


def test_an_embargo_blocks_until_it_is_over(bob):
    over = timezone.now() + timedelta(hours=2)
    article = make_article(status=Status.APPROVED, embargo=over)
    with pytest.raises(Refused, match="The embargo lasts until"):
        perform("publish", article, by=bob)
    assert perform("schedule", article, by=bob, starts_at=over).public == Public.SCHEDULED


def test_whoever_withdrew_an_article_cannot_reinstate_it(charlie):
    article = to_state(make_article(), Status.APPROVED, Public.LIVE)
    article = perform("withdraw", article, by=charlie, notice="It was wrong.")
    with pytest.raises(Refused, match="Ask a colleague to reinstate"):
        perform("reinstate", article, by=charlie)
    second = make_user("second", "duty editor")
    assert perform("reinstate", article, by=second).public == Public.LIVE


def test_a_second_click_on_publish_makes_no_second_edition(bob):
    article = perform("publish", make_article(status=Status.APPROVED), by=bob)
    with pytest.raises(Refused, match="is waiting already"):
        perform("publish", article, by=bob)
    perform("cancel", article, by=bob, edition=article.editions.get())
    assert perform("publish", article, by=bob).public == Public.SCHEDULED


def test_what_readers_see_already_is_not_published_again(bob):
    SiteSettings(undo_seconds=0).save()
    article = perform("publish", make_article(status=Status.APPROVED), by=bob)
    with pytest.raises(Refused, match="Readers see exactly this text already"):
        perform("update", article, by=bob)


def test_the_same_text_is_not_scheduled_twice_for_one_time(bob):
    later = timezone.now() + timedelta(hours=2)
    article = perform("schedule", make_article(status=Status.APPROVED), by=bob, starts_at=later)
    with pytest.raises(Refused, match="is waiting already"):
        perform("schedule", article, by=bob, starts_at=later)
    perform("schedule", article, by=bob, starts_at=later + timedelta(hours=1))
    assert article.editions.count() == 2


def test_an_edition_of_another_article_cannot_be_cancelled_here(charlie):
    mine = to_state(make_article(), Status.APPROVED, Public.SCHEDULED)
    others = to_state(make_article(), Status.APPROVED, Public.SCHEDULED)
    with pytest.raises(Refused, match="another article"):
        perform("cancel", mine, by=charlie, edition=others.editions.upcoming(timezone.now()).get())


def test_a_deactivated_account_may_do_nothing(charlie):
    article = to_state(make_article(), Status.APPROVED, Public.LIVE)
    charlie.is_active = False
    with pytest.raises(Refused, match="You may not do this"):
        perform("withdraw", article, by=charlie, notice="Out of spite.")


def test_a_text_that_was_sent_back_is_not_approved_by_its_writer(bob, berta):
    article = make_article(by=bob)
    perform("submit", article, by=bob)
    perform("approve", Article.objects.get(), by=berta)
    perform("request_changes", Article.objects.get(), by=berta, note="Who says so?")
    perform("submit", Article.objects.get(), by=bob)
    with pytest.raises(Refused, match="You wrote part of this text yourself"):
        perform("approve", Article.objects.get(), by=bob)
    assert perform("approve", Article.objects.get(), by=berta).status == Status.APPROVED


def test_a_text_that_a_colleague_brought_back_is_still_its_writers(alice, bob, berta):
    article = make_article(by=bob, body="<p>What Bob wrote.</p>")
    written = article.revision
    approve(edit(article, by=alice, body="<p>What Alice wrote.</p>"), by=berta)
    restore(article, written, by=alice)
    perform("submit", Article.objects.get(), by=alice)
    with pytest.raises(Refused, match="You wrote part of this text yourself"):
        perform("approve", Article.objects.get(), by=bob)


def test_whoever_wrote_a_part_of_an_emergency_text_does_not_review_it(alice, bob, berta, charlie):
    charlie.set_password(PASSWORD)
    article = edit(make_article(by=bob, body="<p>What Bob wrote.</p>"), by=alice, standfirst="A comma, by Alice.")
    perform("emergency", article, by=charlie, note="Flood", password=PASSWORD)
    review = EmergencyReview.objects.get()
    with pytest.raises(Refused, match="You wrote or published this yourself"):
        perform("review", Article.objects.get(), by=bob, review=review, verdict="right", note="Fine.")
    perform("review", Article.objects.get(), by=berta, review=review, verdict="right", note="Fine.")


def test_a_held_edition_is_released_only_while_its_pictures_may_be_used(bob):
    tomorrow = timezone.now() + timedelta(days=1)
    article = make_article(lead=make_image(rights_until=tomorrow + timedelta(hours=1)), status=Status.APPROVED)
    held = publishing.hold(publishing.schedule(article, by=bob, starts_at=tomorrow))
    asked = {"by": bob, "held_edition": held, "starts_at": tomorrow + timedelta(hours=2)}
    with pytest.raises(Refused, match="The lead image may not be used then: its rights end on"):
        perform("release", Article.objects.get(), **asked)
    perform("release", Article.objects.get(), **asked | {"starts_at": tomorrow})


def test_a_held_edition_that_is_released_at_a_new_time_forgets_the_one_that_was_typed_first(bob):
    tomorrow = timezone.now() + timedelta(days=1)
    typed = publishing.Typed("2026-03-02T18:00", "", "Europe/Berlin")
    article = make_article(status=Status.APPROVED)
    held = publishing.hold(publishing.schedule(article, by=bob, starts_at=tomorrow, typed=typed))
    again = publishing.Typed("2026-03-03T09:00", "", "Europe/London")
    later = tomorrow + timedelta(hours=2)
    perform("release", Article.objects.get(), by=bob, held_edition=held, starts_at=later, typed=again)
    held.refresh_from_db()
    assert (held.starts_at, held.typed_start, held.zone) == (later, "2026-03-03T09:00", "Europe/London")


def test_a_draft_that_leaves_its_section_takes_nothing_along_that_its_desk_has_planned(alice, bob, berta, charlie):
    politics = make_section("Politics")
    politics.editors.add(bob)
    article = make_article(by=alice, section=politics, status=Status.APPROVED)
    planned = publishing.schedule(article, by=bob, starts_at=timezone.now() + timedelta(days=1))
    edit(article, by=alice, section=None)
    for name in ("now", "hold", "cancel"):
        with pytest.raises(Refused, match="stands in the section “Politics”"):
            perform(name, Article.objects.get(), by=berta, edition=planned, note="Not now.")
    perform("hold", Article.objects.get(), by=bob, edition=planned, note="Not now.")
    planned.refresh_from_db()
    with pytest.raises(Refused, match="stands in the section “Politics”"):
        perform("release", Article.objects.get(), by=berta, held_edition=planned)
    perform("release", Article.objects.get(), by=charlie, held_edition=planned)


def test_a_draft_that_moved_to_another_section_does_not_let_its_desk_change_what_the_first_one_published(
    alice, bob, berta, charlie
):
    politics, culture = make_section("Politics"), make_section("Culture")
    politics.editors.add(bob)
    culture.editors.add(berta)
    article = make_live(by=alice, section=politics).article
    approve(edit(article, by=alice, section=culture, headline="Another headline"))
    tomorrow = timezone.now() + timedelta(days=1)
    for name in ("update", "minor", "correct", "schedule"):
        with pytest.raises(Refused, match="Readers see this article in the section “Politics”"):
            perform(name, Article.objects.get(), by=berta, notice="Wrong.", starts_at=tomorrow)
    perform("schedule", Article.objects.get(), by=charlie, starts_at=tomorrow)
    politics.editors.add(berta)
    perform("schedule", Article.objects.get(), by=berta, starts_at=tomorrow + timedelta(days=1))
