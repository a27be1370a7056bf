"""`manage.py demo`: a newsroom to try everything on."""

import io
import stat
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.flatpages.models import FlatPage
from django.core.management import call_command
from django.db import transaction

from articles import reading, workflow
from articles.factories import make_article
from articles.models import Article, Author, Correction, Edition, EditionImage, EmergencyReview, Image, Place, Section
from articles.states import Kind, Public, Status
from comments.models import Comment, ModerationAction
from comments.states import State
from newsroom import roles
from newsroom.demo import drawing
from newsroom.lib import clock
from newsroom.models import SiteSettings, User
from newsroom.tests import demo_site
from newsroom.tests.demo_site import passwords
from subscribers.models import ConsentText, Issue, Subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, tmp_path_factory):
    """The folder of a demo that is built once, and taken away after the last test of this file."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), transaction.atomic(), demo_site.easel(folder):
        (folder / "said.txt").write_text(_said(), encoding="utf-8")
        yield folder
        transaction.set_rollback(True)


@pytest.fixture
def demo(site, db):
    """What the command said when it built the demo."""
    return (site / "said.txt").read_text(encoding="utf-8")


def _said() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def test_it_holds_articles_in_three_languages_and_in_every_state(demo):
    articles = Article.objects.with_public_state(clock.now())
    states = {(article.status, article.public) for article in articles}
    assert {status for status, public in states if public == Public.UNPUBLISHED} >= {
        Status.DRAFT,
        Status.IN_REVIEW,
        Status.CHANGES_REQUESTED,
        Status.APPROVED,
    }
    assert {public for _status, public in states} >= {
        Public.LIVE,
        Public.LIVE_UPDATE,
        Public.SCHEDULED,
        Public.WITHDRAWN,
    }
    live = Edition.objects.live()
    assert [live.filter(language=language).count() >= 6 for language in ("en", "de", "ar")] == [True] * 3
    assert len(articles) >= 30


def test_articles_are_parked_as_soon_as_there_is_a_verb_for_it(demo):
    parked = Article.objects.filter(status=Status.PARKED).count()
    assert parked == (1 if "park" in workflow.VERBS else 0)


def test_what_has_expired_is_over_a_few_seconds_later(demo):
    article = Article.objects.get(import_id="half-marathon-roads")
    with time_machine.travel(clock.now() + timedelta(seconds=5)):
        assert Article.objects.with_public_state(clock.now()).get(pk=article.pk).public == Public.EXPIRED


def test_articles_were_first_published_at_different_times_and_the_latest_is_the_ferry(demo):
    front = reading.newest("en")
    assert front[0].article.import_id == "night-ferry"
    days = {edition.published_at.date() for edition in front}
    assert len(days) > 4


def test_it_went_through_the_workflow_and_nobody_approved_a_text_of_their_own(demo):
    for article in Article.objects.filter(status=Status.APPROVED):
        approval = article.approvals.get(content_hash=article.revision.content_hash)
        assert approval.by.username == "bob"
        assert article.revision.author.username == "alice"
    assert SiteSettings.current().four_eyes
    assert SiteSettings.current().undo_seconds == 20


def test_one_article_was_updated_one_corrected_and_one_withdrawn_with_a_notice(demo):
    kinds = Edition.objects.live().values_list("article__import_id", "kind")
    assert ("sarn-flood", Kind.UPDATE) in kinds
    assert ("line-four-nights", Kind.CORRECTION) in kinds
    corrected = Edition.objects.live().get(article__import_id="line-four-nights")
    assert "Four trams" in corrected.body.html
    assert "Six trams" not in corrected.body.html
    assert "four" in corrected.correction.notice
    assert Article.objects.get(import_id="harbour-dues").withdrawals.get().notice.endswith(".")


def test_a_fix_is_part_of_the_update_that_waits(demo):
    waiting = Edition.objects.upcoming(clock.now()).get(article__import_id="st-brannocs-bridge")
    assert ("fourteen minutes" in waiting.body.text, "first closure has begun" in waiting.body.text) == (True, True)
    assert Correction.objects.filter(article=waiting.article).count() == 1


def test_one_was_published_in_an_emergency_and_waits_for_a_review(demo):
    assert EmergencyReview.objects.get(closed_at=None).article.import_id == "sarn-flood"


def test_translations_are_tied_to_each_other(demo):
    ferry = Edition.objects.live().filter(article__import_id__in=["night-ferry", "faehre", "abbara"])
    assert len({edition.translation_group for edition in ferry}) == 1
    assert {edition.language for edition in ferry} == {"en", "de", "ar"}


def test_every_picture_has_words_a_credit_and_one_width_to_begin_with(demo):
    assert Image.objects.count() == len(drawing.SCENES)
    for image in Image.objects.all():
        assert image.alt and image.caption and image.credit, image
        assert [item["type"] for item in image.renditions] == ["image/jpeg"] or image.killed_at, image


def test_one_picture_may_be_used_for_a_few_weeks_only_and_one_was_taken_down(demo):
    ending = Image.objects.get(rights_until__isnull=False)
    assert clock.now() < ending.rights_until < clock.now() + timedelta(days=30)
    assert ending.credit and ending.creator and ending.copyright
    assert EditionImage.objects.filter(image=ending).exists()
    killed = Image.objects.get(killed_at__isnull=False)
    assert killed.kill_notice.endswith(".")
    assert EditionImage.objects.filter(image=killed, place=Place.GALLERY).exists()
    assert killed.events.get(verb="kill").by.username == "dora"


def test_the_ferry_has_pictures_in_every_place_in_three_languages(demo, client):
    for name in ("night-ferry", "faehre", "abbara"):
        edition = Edition.objects.live().get(article__import_id=name)
        uses = edition.image_uses.all()
        assert {use.place for use in uses} >= {Place.LEAD, Place.GALLERY}
        assert [use.position for use in uses if use.place == Place.GALLERY] in ([0, 1, 2, 3], [0, 1, 2, 3, 4])
        assert all(use.caption and use.credit and use.alt for use in uses)
    assert Edition.objects.live().filter(article__import_id="night-ferry", image_uses__place=Place.TEXT).exists()


def test_pictures_of_german_and_arabic_articles_speak_the_language_of_the_article(demo):
    english = set(Image.objects.values_list("alt", flat=True))
    for edition in Edition.objects.live().exclude(language="en"):
        for use in edition.image_uses.all():
            assert use.alt not in english, edition


def test_comments_are_in_several_states_and_moderated_by_the_moderator(demo):
    states = set(Comment.objects.values_list("state", flat=True))
    assert states == {State.PENDING, State.PUBLISHED, State.HELD, State.REJECTED, State.SPAM}
    assert {action.by.username for action in ModerationAction.objects.filter(automated=False)} == {"erik"}
    assert Comment.objects.filter(depth__gt=0).exists()


def test_there_are_a_newsletter_with_its_notice_some_subscribers_and_static_pages(demo):
    assert {text.language for text in ConsentText.objects.all()} == {"en", "de", "ar"}
    assert Subscriber.objects.count() >= 5
    pages = {f"{root}{name}/" for root in ("/", "/de/", "/ar/") for name in ("about", "privacy", "contact")}
    assert set(FlatPage.objects.values_list("url", flat=True)) == pages
    assert "/de/contact/" in FlatPage.objects.get(url="/de/privacy/").content


def test_sections_and_authors_all_have_something_live(demo):
    assert Section.objects.live().count() == Section.objects.count()
    assert Author.objects.live().count() == Author.objects.count()


def test_there_is_one_account_for_each_role_with_a_password_that_works(demo, rf):
    people = passwords(demo)
    request = rf.post("/admin/login/")
    held = {authenticate(request, username=name, password=word).groups.get().name for name, word in people.items()}
    assert held == set(roles.ROLES)
    assert not User.objects.filter(is_superuser=True).exists()


def test_passwords_are_kept_for_the_owner_of_the_machine_only(demo, site):
    file = site / "demo-accounts.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert passwords(file.read_text()) == passwords(demo)


def test_a_second_call_changes_nothing_and_says_the_accounts_again(demo):
    before = list(Article.objects.values_list("pk", "revision", "timeline_version"))
    make_article(headline="Somebody tries the editor")
    assert passwords(_said()) == passwords(demo)
    assert list(Article.objects.filter(import_source="demo").values_list("pk", "revision", "timeline_version")) == (
        before
    )
    assert Image.objects.count() == len(drawing.SCENES)


def test_where_the_file_of_the_accounts_is_lost_there_are_new_passwords(demo, site, rf):
    file = site / "demo-accounts.txt"
    kept = file.rename(site / "kept.txt")
    try:
        people = passwords(_said())
        assert people != passwords(demo)
        assert authenticate(rf.post("/admin/login/"), username="alice", password=people["alice"])
    finally:
        kept.replace(file)


def test_it_has_issues_of_newsletters_that_were_sent_that_go_out_now_and_a_digest_that_waits(demo, client):
    states = {issue.key: issue.state for issue in Issue.objects.exclude(newsletter__rhythm="daily")}
    assert states == {"quiet-library": "sent", "night-ferry": "scheduled", "awwal": "sent"}
    digest = Issue.objects.get(newsletter__rhythm="daily")
    assert digest.state == "scheduled" and digest.starts_at > clock.now() and digest.items.count() >= 2
    assert list(Issue.objects.due(clock.now())) == [Issue.objects.get(key="night-ferry")]
    for address in ("/newsletter/the-week/quiet-library/", "/ar/newsletter/averley-arabic/awwal/"):
        page = client.get(address)
        assert page.status_code == 200 and "<picture>" in page.content.decode()
