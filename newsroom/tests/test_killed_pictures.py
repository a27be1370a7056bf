"""A picture that was taken down is named at no public address, also where a page was kept before.

The test asks the URLconf for all addresses: whoever adds one says here how to ask for a picture there.
"""

import io
from typing import Any

import pytest
import time_machine
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.test import Client
from django.urls import get_resolver
from PIL import Image as Pillow

from articles import figures, library, publishing
from articles.factories import approve, edit, make_article, make_author, make_live, make_section, make_tag
from articles.models import ArticleImage, Edition, Image, Place
from articles.tests.pictures import files, kept
from newsroom.models import User
from newsroom.tests.test_leaks import public_names
from subscribers.factories import make_newsletter, make_sent

__all__ = ["files"]

pytestmark = pytest.mark.django_db

NOTICE = "The agency has withdrawn this picture."


def taken(**words: Any) -> Image:
    file = io.BytesIO()
    Pillow.new("RGB", (300, 200), "navy").save(file, "JPEG")
    file.seek(0)
    return library.add(file, name="secretfile.jpg", **words)[0]


@pytest.fixture
def image(files: Any, django_capture_on_commit_callbacks: Any) -> Image:
    with django_capture_on_commit_callbacks(execute=True):
        image = taken(alt="secretalt", caption="secretcaption", credit="secretcredit", copyright="secretright")
    image.refresh_from_db()
    return image


@pytest.fixture
def edition(image: Image, bob: User) -> Edition:
    """Live for the second time, with the picture in every place; what was live before has it, too."""
    with time_machine.travel("2026-11-22 12:00:00+00:00", tick=False) as traveller:
        text = f"<p>Text</p>{figures.markup(figures.Figure(image.pk))}"
        author = make_author("Ada Writer", portrait=image)
        made = {"section": make_section("News"), "authors": [author], "tags": [make_tag("Bridges")], "lead": image}
        article = make_live(headline="Bridge closed", slug="bridge", body=text, **made).article
        traveller.shift(3600)
        ArticleImage.objects.create(article=article, image=image, place=Place.GALLERY, position=0)
        approve(edit(article, headline="Bridge closed for long", body=text + "<p>More</p>"))
        publishing.publish(article, by=bob)
        page = FlatPage.objects.create(url="/about/", title="About us", content=text)
        page.sites.add(Site.objects.get_current())
        make_article(headline="A draft", lead=image)
        traveller.shift(3600)
        live = Edition.objects.live().get()
        make_sent(live, newsletter=make_newsletter(slug="the-week"), key="one")
        yield live


def places(edition: Edition) -> dict[str, list[str]]:
    feeds = {
        "latest": "/latest/",
        "section": "/section/news/",
        "author": "/author/ada-writer/",
        "topic": "/topic/bridges/",
    }
    lists = {f"articles:{name}": [path] for name, path in feeds.items()}
    lists |= {f"articles:{name}-feed": [f"{path}feed/"] for name, path in feeds.items()}
    return lists | {
        "theme": ["/theme.css"],
        "sitemap": ["/sitemap.xml"],
        "robots": ["/robots.txt"],
        "healthz": ["/healthz"],
        "readyz": ["/readyz"],
        "image": [],  # asked for by themselves
        "mailbox": ["/mail/"],
        "mailbox-mail": ["/mail/1/"],
        "mailbox-html": ["/mail/1/html/"],
        "articles:front": ["/", "/?page=1", "/de/"],
        "articles:article": [edition.path],
        "articles:history": [f"{edition.path}history/"],
        "articles:search": ["/search/", "/search/?q=bridge", "/search/?q=secretcaption"],
        "articles:corrections": ["/corrections/"],
        "articles:corrections-feed": ["/corrections/feed/"],
        "articles:feed": ["/feed/"],
        "articles:feed-rss": ["/feed/rss/"],
        "articles:feed-json": ["/feed.json"],
        "comments:write": [f"{edition.path}comments/"],
        "comments:shown": [f"/comments/shown/{edition.article_id}/"],
        "comments:ask": ["/comments/mine/"],
        "comments:mine": ["/comments/mine/x/"],
        "comments:export": ["/comments/mine/x/export/"],
        "comments:erase": ["/comments/erase/x/"],
        "comments:mails": ["/comments/mails/x/"],
        "comments:confirm": ["/comments/confirm/x/"],
        "comments:report": ["/comments/x/report/"],
        "comments:status": ["/comments/status/x/"],
        "comments:permalink": ["/comments/x/"],
        "newsletter": ["/newsletter/"],
        "newsletter-almost-there": ["/newsletter/almost-there/"],
        "newsletter-confirmed": ["/newsletter/confirmed/"],
        "newsletter-confirm": ["/newsletter/confirm/x/"],
        "newsletter-unsubscribe": ["/newsletter/unsubscribe/x/"],
        "newsletter-find": ["/newsletter/preferences/"],
        "newsletter-link-sent": ["/newsletter/preferences/sent/"],
        "newsletter-preferences": ["/newsletter/preferences/x/"],
        "newsletter-events": ["/newsletter/events/mailgun/"],
        "newsletter-archive": ["/newsletter/the-week/"],
        "newsletter-feed": ["/newsletter/the-week/feed/"],
        "newsletter-issue": ["/newsletter/the-week/one/"],
        "elsewhere": ["/about/", "/old/bridge/"],
    }


def answers(client: Client, edition: Edition) -> dict[str, str]:
    """What each public address answers to a reader without a cookie, from the cache where it is kept there."""
    client.cookies.clear()
    found = {}
    for paths in places(edition).values():
        for path in paths:
            response = client.get(path, follow=True)
            words = b"".join(response.streaming_content) if response.streaming else response.content
            found[path] = words.decode(errors="replace")
    return found


def named_at(image: Image, answers: dict[str, str]) -> set[str]:
    return {path for path, words in answers.items() if image.sha256 in words}


def test_every_public_address_is_known_here(edition: Edition) -> None:
    assert set(public_names(get_resolver().url_patterns)) == set(places(edition))


def test_a_picture_that_is_taken_down_is_named_nowhere_and_comes_back_everywhere(
    client: Client, files: Any, edition: Edition, image: Image, dora: User, django_capture_on_commit_callbacks: Any
) -> None:
    before = named_at(image, answers(client, edition))
    # Where it is known to show: else the test below would ask for nothing.
    assert before >= {edition.path, "/", "/latest/", "/section/news/", "/author/ada-writer/", "/feed.json", "/about/"}
    assert "/newsletter/the-week/one/" in before
    addresses = [f"/images/{path}" for path in kept(files / "renditions")]
    assert len(addresses) > 10
    assert client.get(addresses[0]).status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        library.kill(image, by=dora, notice=NOTICE, reason="They called.")
    after = answers(client, edition)
    assert named_at(image, after) == set()
    assert NOTICE in after[edition.path]
    assert NOTICE in after["/about/"]
    assert "secretcredit" not in "".join(after.values())
    assert "They called." not in "".join(after.values())
    assert "secretalt" not in after[edition.path]
    for address in addresses:
        assert client.get(address).status_code == 410, address

    with django_capture_on_commit_callbacks(execute=True):
        library.restore(image, by=dora)
    again = answers(client, edition)
    assert named_at(image, again) == before
    assert NOTICE not in "".join(again.values())
    assert client.get(addresses[0]).status_code == 200


def test_a_new_publication_with_a_picture_that_is_down_is_refused(image: Image, edition: Edition, dora: User) -> None:
    from articles import workflow

    library.kill(image, by=dora, notice=NOTICE, reason="They called.")
    problems = [problem.sentence for problem in workflow.checks(edition.article)]
    assert "The lead image was taken down. Remove it or choose another." in problems
    assert "Picture 1 of the text was taken down. Remove it or choose another." in problems
    assert "Picture 1 of the gallery was taken down. Remove it or choose another." in problems
