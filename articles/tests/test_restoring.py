"""Going back to an older text: as a new revision, with all that belongs to it."""

from datetime import timedelta
from typing import Any

import pytest

from articles import workflow
from articles.events import Stale
from articles.factories import (
    approve,
    edit,
    make_article,
    make_author,
    make_image,
    make_live,
    make_section,
    make_tag,
)
from articles.figures import Figure, markup
from articles.models import Article, ArticleImage, Author, Byline, Image, Place, Revision, Section, Tag
from articles.restoring import restore
from articles.revisions import content_of, save
from articles.states import Status
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db


def first_of(article: Article) -> Revision:
    return article.revisions.get(number=1)


def rebuilt(article: Article, **fields: Any) -> Article:
    """The article with everything in it changed, relations too, and saved."""
    article.bylines.all().delete()
    article.image_uses.all().delete()
    Byline.objects.create(article=article, author=make_author("Somebody Else"))
    article.tags.set([make_tag("Other")])
    return edit(article, body="<p>Other.</p>", kicker="Other", section=make_section("Other"), slug="other", **fields)


def full(**fields: Any) -> Article:
    picture = make_image()
    article = make_article(
        authors=[make_author("Ada"), make_author("Ben")],
        tags=[make_tag("Floods")],
        lead=make_image(),
        body="<p>Text.</p>" + markup(Figure(picture.pk, caption="Its <em>own</em>")),
        **fields,
    )
    ArticleImage.objects.create(article=article, image=make_image(), place=Place.GALLERY, caption="Own & only")
    save(article, by=None)
    article.refresh_from_db()
    return article


def test_everything_of_the_revision_comes_back_as_a_new_one_with_its_origin(bob: User) -> None:
    article = full()
    revision = article.revisions.first()
    assert revision is not None
    rebuilt(article, headline="Other")
    found = restore(article, revision, by=bob, reason="The other was wrong")
    assert found.left_out == []
    assert found.revision.content == revision.content
    assert (found.revision.number, found.revision.parent, found.revision.author) == (4, revision, bob)
    assert found.revision.reason == "Restored from revision 2: The other was wrong"
    assert article.revision == found.revision
    assert content_of(article) == revision.content


def test_restoring_voids_an_approval() -> None:
    article = edit(make_article(headline="One"), headline="Two")
    approve(article)
    restore(article, first_of(article), by=None)
    assert article.status == Status.DRAFT


def test_who_was_slower_changes_nothing(bob: User) -> None:
    article = edit(make_article(headline="One"), headline="Two")
    began = article.revision_id
    edit(Article.objects.get(pk=article.pk), by=bob, headline="Three")
    with pytest.raises(Stale, match="Bob"):
        restore(article, first_of(article), by=None, based_on=began)
    article.refresh_from_db()
    assert (article.headline, article.revisions.count()) == ("Three", 3)


def test_restoring_what_is_there_already_makes_no_revision() -> None:
    article = make_article()
    assert restore(article, first_of(article), by=None).revision == first_of(article)
    assert article.revisions.count() == 1


def test_rows_that_stay_keep_their_keys_so_that_open_forms_know_them() -> None:
    article = full()
    revision = article.revision
    rows = [
        list(rows.values_list("pk", flat=True)) for rows in (article.bylines, article.image_uses.exclude(place="text"))
    ]
    edit(article, headline="Other")
    restore(article, revision, by=None)
    assert rows == [
        list(rows.values_list("pk", flat=True)) for rows in (article.bylines, article.image_uses.exclude(place="text"))
    ]


def test_a_lead_image_and_one_of_the_gallery_can_change_places() -> None:
    article = full()
    revision = article.revision
    lead, gallery = article.image_uses.get(place=Place.LEAD), article.image_uses.get(place=Place.GALLERY)
    ArticleImage.objects.filter(pk=lead.pk).delete()
    ArticleImage.objects.filter(pk=gallery.pk).update(place=Place.LEAD)
    ArticleImage.objects.create(article=article, image=lead.image, place=Place.GALLERY)
    edit(article, headline="Other")
    assert restore(article, revision, by=None).revision.content == revision.content


def test_words_of_the_library_are_not_made_the_pictures_own() -> None:
    article = full()
    revision = article.revision
    rebuilt(article)
    restore(article, revision, by=None)
    assert article.image_uses.get(place=Place.LEAD).caption == ""
    assert article.image_uses.get(place=Place.GALLERY).caption == "Own & only"


def test_what_was_deleted_since_is_left_out_and_said() -> None:
    article = full()
    revision = article.revision
    rebuilt(article)
    Image.objects.all().delete()
    for model, name in ((Tag, "Floods"), (Author, "Ben"), (Section, "News")):
        model.objects.get(name=name).delete()
    found = restore(article, revision, by=None)
    assert [sentence.split()[:3] for sentence in found.left_out] == [
        ["Its", "section", "was"],
        ["An", "author", "was"],
        ["A", "topic", "was"],
        ["A", "picture", "was"],
    ]
    assert (article.body, article.section.name) == ("<p>Text.</p>", "Other")
    assert [byline.author.name for byline in article.bylines.all()] == ["Ada"]


def test_nobody_moves_an_article_by_restoring_to_a_section_that_is_closed_to_them(alice: User, bob: User) -> None:
    closed = make_section("Politics")
    article = edit(make_article(by=alice, section=closed), section=make_section("News"))
    closed.editors.add(bob)
    found = restore(article, first_of(article), by=alice)
    assert article.section.name == "News"
    assert len(found.left_out) == 1
    restore(article, first_of(article), by=bob)
    assert article.section == closed


def test_a_language_that_a_translation_has_meanwhile_is_left_out() -> None:
    article = edit(make_article(language="en"), language="de")
    make_article(language="en", translation_group=article.translation_group)
    assert len(restore(article, first_of(article), by=None).left_out) == 1
    assert article.language == "de"


def test_a_revision_of_another_article_is_refused() -> None:
    with pytest.raises(ValueError, match="own article"):
        restore(make_article(), first_of(make_article()), by=None)


# With editions ------------------------------------------------------------------------------


def test_an_older_text_that_is_restored_and_published_is_not_merged_with_what_it_took_back(bob: User) -> None:
    article = Article.objects.get(pk=make_live(headline="Right", body="<p>Right.</p>").article_id)
    edit(article, headline="Wrong", body="<p>Wrong.</p>")
    approve(article)
    publish(article, bob)
    assert live(article) == "Wrong"
    restore(article, first_of(article), by=bob)
    approve(article)
    publish(article, bob)
    assert live(article) == "Right"


def test_what_is_live_can_be_mended_while_an_update_waits_and_the_update_brings_both(bob: User) -> None:
    article = Article.objects.get(pk=make_live(headline="Live", body="<p>One.</p><p>Two.</p>").article_id)
    edit(article, body="<p>One.</p><p>Two.</p><p>Update.</p>")
    approve(article)
    tomorrow = clock.now() + timedelta(days=1)
    workflow.perform("schedule", article, by=bob, starts_at=tomorrow)
    article.refresh_from_db()
    restore(article, first_of(article), by=bob)
    edit(article, body="<p>One, mended.</p><p>Two.</p>")
    approve(article)
    publish(article, bob)
    waiting = article.editions.get(starts_at=tomorrow)
    assert waiting.revision.content["body"] == "<p>One, mended.</p><p>Two.</p><p>Update.</p>"


def test_whoever_goes_on_with_an_update_that_waits_does_not_take_back_what_was_mended_meanwhile(bob: User) -> None:
    article = Article.objects.get(pk=make_live(headline="Live", body="<p>One.</p><p>Two.</p>").article_id)
    edit(article, body="<p>One.</p><p>Two.</p><p>Update.</p>")
    approve(article)
    tomorrow = clock.now() + timedelta(days=1)
    workflow.perform("schedule", article, by=bob, starts_at=tomorrow)
    update = Article.objects.get().revision
    assert update is not None
    restore(Article.objects.get(), first_of(article), by=bob)
    article.refresh_from_db()
    edit(article, body="<p>One, mended.</p><p>Two.</p>")
    approve(article)
    publish(article, bob)
    restore(Article.objects.get(), update, by=bob)
    article.refresh_from_db()
    edit(article, standfirst="More of the update.")
    approve(article)
    article.refresh_from_db()
    workflow.perform("schedule", article, by=bob, starts_at=tomorrow + timedelta(hours=1))
    found = article.editions.spanning(tomorrow + timedelta(hours=2)).get()
    assert found.revision.content["body"] == "<p>One, mended.</p><p>Two.</p><p>Update.</p>"


def publish(article: Article, by: User) -> None:
    article.refresh_from_db()
    workflow.perform("update", article, by=by)


def live(article: Article) -> str:
    later = clock.now() + timedelta(minutes=1)
    found = article.editions.spanning(later).first()
    assert found is not None
    return str(found.revision.content["headline"])
