"""An article's form: who opens it, what a save does, and that nothing typed is lost."""

import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import publishing, workflow
from articles.factories import edit, make_article, make_author, make_image, make_live, make_section
from articles.models import Article, ArticleImage, Place
from articles.states import Status
from newsroom.models import User
from newsroom.testing import client_of

pytestmark = pytest.mark.django_db

LIST = reverse("admin:articles_article_changelist")
ADD = reverse("admin:articles_article_add")


def change(article: Article) -> str:
    return reverse("admin:articles_article_change", args=[article.pk])


def form_of(article: Article | None = None, **typed: Any) -> dict[str, Any]:
    """What a browser sends that shows `article` as it is now, with `typed` in some of its fields."""
    bylines = list(article.bylines.all()) if article else []
    uses = list(article.image_uses.exclude(place=Place.TEXT)) if article else []
    data: dict[str, Any] = {
        "kicker": article.kicker if article else "",
        "headline": article.headline if article else "",
        "standfirst": article.standfirst if article else "",
        "body": article.body if article else "",
        "section": (article.section_id or "") if article else "",
        "language": article.language if article else "en",
        "tags": [tag.pk for tag in article.tags.all()] if article else [],
        "slug": article.slug if article else "",
        "owner": (article.owner_id or "") if article else "",
        "assignee": (article.assignee_id or "") if article else "",
        "due": "",
        "embargo": "",
        "based_on": (article.revision_id or "") if article else "",
        "bylines-TOTAL_FORMS": len(bylines),
        "bylines-INITIAL_FORMS": len(bylines),
        "image_uses-TOTAL_FORMS": len(uses),
        "image_uses-INITIAL_FORMS": len(uses),
    }
    for number, byline in enumerate(bylines):
        data |= {f"bylines-{number}-{name}": getattr(byline, f"{name}_id", None) for name in ("author", "article")}
        data |= {f"bylines-{number}-id": byline.pk, f"bylines-{number}-position": byline.position}
    for number, use in enumerate(uses):
        data |= {f"image_uses-{number}-{name}": getattr(use, name) for name in ("place", "position", "caption", "alt")}
        data |= {f"image_uses-{number}-credit": use.credit, f"image_uses-{number}-image": use.image_id}
        data |= {f"image_uses-{number}-id": use.pk, f"image_uses-{number}-article": use.article_id}
    return data | typed


# Saving ------------------------------------------------------------------------------------


def test_a_new_article_is_its_writers_and_has_a_first_revision(alice: User) -> None:
    section, author = make_section("News"), make_author()
    typed = {
        "headline": "Bridge closed",
        "body": "<p>Since <b>noon</b>.</p><script>alert(1)</script>",
        "section": section.pk,
        "bylines-TOTAL_FORMS": 1,
        "bylines-0-author": author.pk,
        "bylines-0-position": 0,
        "_continue": "",
    }
    response = client_of(alice).post(ADD, form_of(**typed))
    article = Article.objects.get()
    assert response.headers["Location"] == change(article)
    assert (article.owner, article.status, article.slug) == (alice, Status.DRAFT, "bridge-closed")
    assert "script" not in article.body
    assert article.revision is not None
    assert article.revision.author == alice
    assert article.revision.content["bylines"] == [author.pk]


def test_a_save_is_one_revision_of_the_text_with_its_relations(alice: User) -> None:
    article, image = make_article(by=alice), make_image()
    typed = {
        "headline": "A better headline",
        "image_uses-TOTAL_FORMS": 1,
        "image_uses-0-image": image.pk,
        "image_uses-0-place": "lead",
        "image_uses-0-position": 0,
        "image_uses-0-caption": "",
        "image_uses-0-alt": "",
        "image_uses-0-credit": "",
    }
    assert client_of(alice).post(change(article), form_of(article, **typed)).status_code == 302
    article.refresh_from_db()
    assert article.revisions.count() == 2
    assert article.revision is not None
    assert article.revision.content["headline"] == "A better headline"
    assert [use["image"] for use in article.revision.content["images"]] == [image.pk]


def test_saving_what_nobody_changed_makes_no_revision(alice: User) -> None:
    article = make_article(by=alice, lead=make_image())
    client_of(alice).post(change(article), form_of(article))
    assert article.revisions.count() == 1


def test_editing_an_approved_text_says_before_that_the_approval_goes_and_then_voids_it(bob: User) -> None:
    article = make_article(status=Status.APPROVED)
    client = client_of(bob)
    assert "If you change it, the approval is void" in client.get(change(article)).content.decode()
    client.post(change(article), form_of(article, headline="Something else"))
    article.refresh_from_db()
    assert article.status == Status.DRAFT


def test_editing_never_changes_what_readers_see(bob: User) -> None:
    edition = make_live(headline="What readers see")
    article = edition.article
    article.refresh_from_db()
    client_of(bob).post(change(article), form_of(article, headline="What editors write"))
    assert client_of(bob).get(edition.path).content.decode().count("What editors write") == 0


def test_pictures_in_the_text_are_no_rows_of_the_form(alice: User) -> None:
    image = make_image()
    article = make_article(
        by=alice, body=f'<figure data-image="{image.pk}"><img alt=""><figcaption></figcaption></figure>'
    )
    assert article.image_uses.filter(place=Place.TEXT).count() == 1
    page = client_of(alice).get(change(article))
    formset = page.context["inline_admin_formsets"][1].formset
    assert formset.initial_form_count() == 0
    assert "text" not in dict(formset.empty_form.fields["place"].choices)


def test_the_lead_image_can_be_exchanged_in_one_save(alice: User) -> None:
    article, new = make_article(by=alice, lead=make_image()), make_image()
    former = article.image_uses.get()
    ArticleImage.objects.create(article=article, image=new, place=Place.GALLERY, position=1)
    typed = form_of(article) | {"image_uses-0-place": "gallery", "image_uses-1-place": "lead"}
    data = form_of(article)
    places = {data[f"image_uses-{n}-image"]: n for n in range(2)}
    typed = data | {
        f"image_uses-{places[former.image_id]}-place": "gallery",
        f"image_uses-{places[new.pk]}-place": "lead",
    }
    assert client_of(alice).post(change(article), typed).status_code == 302
    assert article.image_uses.get(place=Place.LEAD).image == new


def test_two_lead_images_are_refused_with_a_sentence(alice: User) -> None:
    article = make_article(by=alice, lead=make_image())
    ArticleImage.objects.create(article=article, image=make_image(), place=Place.GALLERY)
    typed = {"image_uses-0-place": "lead", "image_uses-1-place": "lead"}
    page = client_of(alice).post(change(article), form_of(article, **typed)).content.decode()
    assert "Only one picture can be the lead image." in page


# Two at once -------------------------------------------------------------------------------


def test_a_save_over_a_colleagues_text_is_refused_with_everything_typed_still_there(alice: User, bob: User) -> None:
    article = make_article(by=alice, headline="First")
    typed = form_of(article, headline="Mine", standfirst="Typed for an hour")
    edit(article, by=bob, headline="Theirs")
    page = client_of(alice).post(change(article), typed).content.decode()
    article.refresh_from_db()
    assert article.headline == "Theirs"
    assert "Bob was faster" in page
    assert 'value="Mine"' in page
    assert "Typed for an hour" in page


def test_what_the_colleague_wrote_is_shown_and_what_is_chosen_counts(alice: User, bob: User) -> None:
    article = make_article(by=alice, headline="First")
    typed = form_of(article, headline="Mine")
    edit(article, by=bob, headline="Theirs", body="<p>New facts.</p>")
    client = client_of(alice)
    response = client.post(change(article), typed)
    [question] = response.context["conflict"].questions
    assert question.label == "Headline"
    response = client.post(change(article), typed | {question.name: "mine"})
    form = response.context["adminform"].form
    assert (form["headline"].value(), form["body"].value()) == ("Mine", "<p>New facts.</p>")
    together = {name: form[name].value() for name in ("body", "based_on")}
    assert client.post(change(article), typed | together).status_code == 302
    article.refresh_from_db()
    assert (article.headline, article.body) == ("Mine", "<p>New facts.</p>")
    assert article.revisions.count() == 3


# Who may -----------------------------------------------------------------------------------


def test_a_reporter_sees_drafts_of_open_sections_and_not_those_of_a_closed_desk(alice: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    make_article(headline="Open to all")
    hidden = make_article(headline="For the desk", section=closed)
    client = client_of(alice)
    page = client.get(LIST).content.decode()
    assert "Open to all" in page
    assert "For the desk" not in page
    assert client.get(change(hidden)).status_code == 302


def test_a_reporter_may_not_change_the_article_of_a_closed_desk_by_hand(alice: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    article = make_article(section=closed, headline="Theirs")
    client_of(alice).post(change(article), form_of(article, headline="Mine"))
    article.refresh_from_db()
    assert article.headline == "Theirs"


def test_a_reporter_cannot_move_an_article_to_a_closed_desk(alice: User, berta: User) -> None:
    closed = make_section("Culture")
    closed.editors.add(berta)
    article = make_article(by=alice)
    page = client_of(alice).post(change(article), form_of(article, section=closed.pk)).content.decode()
    assert "This section has a desk that you do not belong to." in page


def test_a_reporter_cannot_give_an_article_away(alice: User, anton: User) -> None:
    article = make_article(by=alice)
    client_of(alice).post(change(article), form_of(article, owner=anton.pk))
    article.refresh_from_db()
    assert article.owner == alice


def test_an_outsider_is_refused(mallory: User) -> None:
    article = make_article()
    client = client_of(mallory)
    for address in (LIST, ADD, change(article)):
        assert client.get(address).status_code == 403
        assert client.post(address, form_of(article, headline="Mine")).status_code == 403


def test_a_draft_that_was_never_published_can_be_deleted_by_its_owner(alice: User) -> None:
    article = make_article(by=alice, lead=make_image())
    address = reverse("admin:articles_article_delete", args=[article.pk])
    assert client_of(alice).post(address, {"post": "yes"}).status_code == 302
    assert not Article.objects.exists()


def test_a_colleagues_draft_is_deleted_by_an_editor_of_its_desk_and_not_by_any_reporter(
    alice: User, anton: User, bob: User, berta: User
) -> None:
    section = make_section("Culture")
    article = make_article(by=anton, section=section)
    address = reverse("admin:articles_article_delete", args=[article.pk])
    assert client_of(alice).post(address, {"post": "yes"}).status_code == 403
    section.editors.add(berta)
    client_of(bob).post(address, {"post": "yes"})
    assert Article.objects.exists()
    assert client_of(berta).post(address, {"post": "yes"}).status_code == 302
    assert not Article.objects.exists()


def test_what_was_ever_published_or_planned_is_never_deleted(root: User) -> None:
    article = make_live().article
    address = reverse("admin:articles_article_delete", args=[article.pk])
    assert client_of(root).post(address, {"post": "yes"}).status_code == 403
    assert Article.objects.exists()


# What the form says ------------------------------------------------------------------------


def test_the_form_shows_both_states_in_one_line(bob: User) -> None:
    with time_machine.travel("2026-11-22 09:10:00+00:00", tick=False):
        article = make_live().article
    with time_machine.travel("2026-11-22 11:00:00+00:00", tick=False):
        article.refresh_from_db()
        edit(article, by=bob, headline="An update")
        assert "Draft of an update, live since 09:10 UTC" in client_of(bob).get(change(article)).content.decode()


def test_a_withdrawn_articles_timeline_says_so_in_every_row_with_the_notice(charlie: User) -> None:
    article = make_live(headline="Bridge closed").article
    article.refresh_from_db()
    publishing.withdraw(article, by=charlie, notice="It was never closed.", reason="error")
    response = client_of(charlie).get(change(article))
    assert [row.state for row in response.context["timeline"].rows if row.edition] == ["withdrawn"]
    assert "It was never closed." in response.content.decode()
    article.refresh_from_db()
    publishing.reinstate(article, by=None)
    page = client_of(charlie).get(change(article))
    assert [row.state for row in page.context["timeline"].rows if row.edition] == ["live"]
    assert "It was never closed." in page.content.decode()


def test_the_changes_asked_for_stand_above_the_form_until_they_are_made(alice: User, bob: User) -> None:
    article = make_article(by=alice, status=Status.IN_REVIEW)
    article = workflow.perform("request_changes", article, by=bob, note="Who says so?")
    page = client_of(alice).get(change(article)).content.decode()
    assert "Bob asks for changes:" in page
    assert page.index("Who says so?") < page.index('id="id_headline"')
    article = workflow.perform("submit", article, by=alice)
    assert "Bob asks for changes:" not in client_of(alice).get(change(article)).content.decode()


def test_the_section_says_why_some_are_not_offered(alice: User) -> None:
    page = client_of(alice).get(ADD).content.decode()
    assert "Sections with a desk of their own are offered to its members only." in page


def test_times_are_shown_in_the_editors_own_zone(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(time_zone="Asia/Tokyo")
    with time_machine.travel("2026-11-22 09:10:00+00:00", tick=False):
        article = make_live().article
        assert "live since 18:10 JST" in client_of(bob).get(change(article)).content.decode()


def test_each_problem_leads_to_its_field(bob: User) -> None:
    article = make_article(authors=[], standfirst="", section=None)
    page = client_of(bob).get(change(article)).content.decode()
    assert "Nobody is credited." in page
    assert 'href="#bylines-group"' in page
    assert 'href="#id_section"' in page
    assert 'href="#id_standfirst"' in page


def test_the_public_page_is_linked_while_it_is_live(bob: User) -> None:
    edition = make_live()
    assert f'href="{edition.path}"' in client_of(bob).get(change(edition.article)).content.decode()
    assert "See it as readers do" not in client_of(bob).get(change(make_article())).content.decode()


def test_the_form_costs_the_same_queries_for_one_picture_and_for_many(alice: User) -> None:
    client, costs = client_of(alice), []
    for number in (1, 12):
        article = make_article(by=alice, authors=[make_author() for _ in range(number)])
        for _ in range(number):
            ArticleImage.objects.create(article=article, image=make_image(), place=Place.GALLERY)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(change(article)).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 30


# The list ----------------------------------------------------------------------------------


def queries_of_list(user: User, query: str = "") -> list[str]:
    client = client_of(user)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST + query).status_code == 200
    return [query["sql"] for query in queries]


def make_many(number: int, by: User) -> None:
    for _ in range(number):
        make_article(by=by, lead=make_image(), authors=[make_author(), make_author()])


def test_the_list_costs_the_same_queries_for_five_rows_and_for_fifty(alice: User) -> None:
    make_many(5, alice)
    few = queries_of_list(alice)
    make_many(45, alice)
    many = queries_of_list(alice)
    assert len(many) == len(few) <= 9
    assert Article.objects.count() == 50


@pytest.mark.parametrize("query", ["", "?q=Headline", "?status__exact=draft", "?public=live", "?whose=mine", "?p=2"])
def test_the_list_counts_nothing_and_reads_no_texts(alice: User, query: str) -> None:
    make_many(51 if query == "?p=2" else 3, alice)
    for sql in queries_of_list(alice, query):
        assert "COUNT(" not in sql
        assert '"articles_article"."body"' not in sql
        assert '"articles_revision"."content"' not in sql


def test_the_newest_change_stands_first(alice: User) -> None:
    old, new = make_article(headline="Old"), make_article(headline="New")
    edit(old, headline="Old, changed now")
    rows = client_of(alice).get(LIST).context["cl"].result_list
    assert [row.pk for row in rows] == [old.pk, new.pk]


def test_a_row_shows_what_editors_look_for(bob: User, alice: User) -> None:
    image = make_image(renditions=[{"width": 320, "height": 200, "type": "image/webp", "path": "ab/cd/320.webp"}])
    make_live(headline="Bridge closed", lead=image, authors=[make_author("Ada Writer")], by=alice)
    page = client_of(bob).get(LIST).content.decode()
    for shown in ("Bridge closed", "News", "Ada Writer", "approved", "live", "Alice", "/images/ab/cd/320.webp"):
        assert shown in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?public=live", {"live"}),
        ("?public=unpublished", {"mine", "draft"}),
        ("?whose=mine", {"mine"}),
        ("?whose=assigned", set()),
        ("?status__exact=approved", {"live"}),
        ("?q=draft", {"draft"}),
    ],
)
def test_filters_and_search_find_what_they_say(alice: User, query: str, found: set[str]) -> None:
    make_live(headline="live")
    make_article(headline="mine", by=alice)
    make_article(headline="draft")
    rows = client_of(alice).get(LIST + query).context["cl"].result_list
    assert {row.headline for row in rows} == found


def test_pages_follow_one_another(alice: User) -> None:
    make_many(51, alice)
    client = client_of(alice)
    first = client.get(LIST).content.decode()
    assert "Next page" in first
    assert "Previous page" not in first
    second = client.get(LIST + "?p=2")
    assert "Previous page" in second.content.decode()
    assert len(second.context["cl"].result_list) == 1


# Pins --------------------------------------------------------------------------------------


def act(user: User, action: str, *articles: Article) -> Any:
    data = {"action": action, "_selected_action": [article.pk for article in articles]}
    return client_of(user).post(LIST, data)


def test_an_editor_pins_and_unpins_with_an_event_for_each(bob: User) -> None:
    article = make_live().article
    act(bob, "pin", article)
    article.refresh_from_db()
    assert article.pinned_at is not None
    act(bob, "unpin", article)
    article.refresh_from_db()
    assert article.pinned_at is None
    assert [event.verb for event in article.events.filter(by=bob)] == ["unpin", "pin"]


def test_a_reporter_may_not_pin(alice: User) -> None:
    article = make_article(by=alice)
    act(alice, "pin", article)
    article.refresh_from_db()
    assert article.pinned_at is None


def test_nobody_deletes_articles_in_bulk(root: User) -> None:
    article = make_article()
    act(root, "delete_selected", article)
    assert Article.objects.filter(pk=article.pk).exists()


def test_approving_by_a_forged_field_does_nothing(alice: User) -> None:
    article = make_article(by=alice)
    client_of(alice).post(change(article), form_of(article, status="approved", revision="", timeline_version=9))
    article.refresh_from_db()
    assert (article.status, article.timeline_version) == (Status.DRAFT, 0)


def test_completing_names_finds_colleagues_only_for_those_who_write(alice: User, erik: User) -> None:
    address = reverse("admin:autocomplete")
    query = {"app_label": "articles", "model_name": "article", "field_name": "assignee", "term": "Erik"}
    assert [row["text"] for row in client_of(alice).get(address, query).json()["results"]] == ["Erik"]
    assert client_of(erik).get(address, query).status_code == 403


def test_nobody_is_offered_who_has_left(alice: User, erik: User) -> None:
    User.objects.filter(pk=erik.pk).update(is_active=False)
    query = {"app_label": "articles", "model_name": "article", "field_name": "assignee", "term": "Erik"}
    assert client_of(alice).get(reverse("admin:autocomplete"), query).json()["results"] == []


def test_a_reporter_reads_whose_article_it_is_and_is_led_to_no_closed_page(alice: User) -> None:
    article = make_article(by=alice)
    page = client_of(alice).get(change(article)).content.decode()
    assert "/admin/newsroom/user/" not in page
    assert re.search(r'field-owned_by.*?<div class="readonly" dir="auto">Alice', page, re.DOTALL)
