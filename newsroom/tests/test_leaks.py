"""Nothing that readers may not see shows at any public address, named or guessed.

The test asks the URLconf itself for all addresses. One it does not know fails it: whoever adds a public
address says here how to ask for what is hidden there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import URLPattern, URLResolver, get_resolver

from articles import addresses, publishing
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
from articles.models import Address, Article, Edition
from articles.states import Status
from comments.factories import make_published
from comments.models import Comment
from newsroom.lib import clock
from subscribers.factories import make_newsletter, make_sent

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Hidden:
    """An article that readers may not see, and what must appear in no answer."""

    name: str
    article: Article
    comment: Comment
    # What its own addresses answer: 404 where it was never live, 410 where it was.
    status: int

    @property
    def paths(self) -> list[str]:
        planned = addresses.path_of(self.article, self.article.language, self.article.slug, NOON)
        reserved = [address.path for address in self.article.addresses.all() if self.article.slug in address.path]
        return sorted({planned, *reserved})

    @property
    def secrets(self) -> list[str]:
        """Every word of it carries its name, which no live article holds."""
        return [f"{self.name}secret"]


def make_hidden(name: str, make: Callable[..., Article | Edition], **fields) -> Article:
    """An article whose headline, slug, text, section, author, topic and picture all carry its name."""
    secret = f"{name}secret"
    image = make_image(alt=f"{secret} alt", caption=f"{secret} caption", credit=f"{secret} credit")
    made = make(
        headline=f"{secret} headline",
        slug=f"{secret}-slug",
        kicker=f"{secret} kicker",
        standfirst=f"{secret} standfirst",
        body=f'<p>{secret} body</p><figure data-image="{image.pk}"><img alt="x"></figure>',
        section=make_section(f"{secret} section", description=f"{secret} words"),
        authors=[make_author(f"{secret} author", role=f"{secret} role")],
        tags=[make_tag(f"{secret} topic")],
        lead=image,
        **fields,
    )
    return made.article if isinstance(made, Edition) else made


def draft() -> Article:
    return make_hidden("draft", make_article)


def in_review() -> Article:
    return make_hidden("review", make_article, status=Status.IN_REVIEW)


def approved() -> Article:
    return make_hidden("approved", make_article, status=Status.APPROVED)


def parked() -> Article:
    return make_hidden("parked", make_article, status=Status.PARKED)


def scheduled() -> Article:
    article = make_hidden("scheduled", make_article, status=Status.APPROVED)
    publishing.schedule(article, by=None, starts_at=NOON + timedelta(days=1))
    return article


def cancelled() -> Article:
    article = make_hidden("cancelled", make_article, status=Status.APPROVED)
    publishing.cancel(publishing.schedule(article, by=None, starts_at=NOON + timedelta(days=1)))
    return article


def withdrawn() -> Article:
    article = make_hidden("withdrawn", make_live)
    publishing.withdraw(article, by=None, notice="It was wrong.", reason="error")
    return article


def withdrawn_before_its_time() -> Article:
    article = make_hidden("unborn", make_article, status=Status.APPROVED)
    publishing.schedule(article, by=None, starts_at=NOON + timedelta(seconds=30))
    publishing.withdraw(article, by=None, notice="It was unborn.", reason="error")
    return article


def expired() -> Article:
    article = make_hidden("expired", make_article)
    publishing.import_edition(article, until=NOON + timedelta(seconds=30))
    return article


STATES: list[tuple[Callable[[], Article], int]] = [
    (draft, 404),
    (in_review, 404),
    (approved, 404),
    (parked, 404),
    (scheduled, 404),
    (cancelled, 404),
    (withdrawn, 410),
    (withdrawn_before_its_time, 404),
    (expired, 410),
]


@pytest.fixture
def hidden() -> Iterator[list[Hidden]]:
    """One of each, an old address for each, and a live article beside them; a minute later."""
    with time_machine.travel(NOON, tick=False) as traveller:
        made = []
        for make, status in STATES:
            article = make()
            name = article.headline.removesuffix("secret headline")
            Address.objects.create(path=f"/old/{name}/", article=article, made_at=clock.now())
            Address.objects.create(path=f"/?p={article.pk}", article=article, made_at=clock.now())
            comment = make_published(article, body=f"{name}secret comment")
            made.append(Hidden(name, article, comment, status))
        traveller.shift(60)
        edition = make_live(headline="In the open")
        make_sent(edition, newsletter=make_newsletter(slug="the-week"), key="one")
        # An update that is only planned: its words must not show before its time.
        article = edit(edition.article, headline="plannedsecret headline", slug="plannedsecret-slug")
        approve(article)
        publishing.schedule(article, by=None, starts_at=clock.now() + timedelta(days=1))
        yield made


# How to ask for what is hidden, for every public address ----------------------------------

Ask = Callable[[Hidden], list[str]]


def at(*paths: str) -> Ask:
    return lambda hidden: list(paths)


def below_articles(end: str) -> Ask:
    return lambda hidden: [path + end for path in hidden.paths]


def by_slug(kind: str, end: str = "") -> Ask:
    return lambda hidden: [f"/{kind}/{hidden.name}secret-{kind}/{end}"]


PLACES: dict[str, Ask] = {
    "theme": at("/theme.css"),
    "sitemap": at("/sitemap.xml"),
    "robots": at("/robots.txt"),
    "healthz": at("/healthz"),
    "readyz": at("/readyz"),
    # Renditions are named by the content of the picture: nobody can guess one.
    "image": lambda hidden: [f"/images/{use.image.original.name}" for use in hidden.article.image_uses.all()],
    # Only on one's own machine with DEMO=1.
    "mailbox": at("/mail/"),
    "mailbox-mail": at("/mail/1/"),
    "mailbox-html": at("/mail/1/html/"),
    "articles:front": lambda hidden: ["/", "/de/", f"/?p={hidden.article.pk}"],
    "articles:article": lambda hidden: hidden.paths,
    "articles:history": below_articles("history/"),
    "articles:latest": at("/latest/"),
    "articles:latest-feed": at("/latest/feed/"),
    "articles:section": by_slug("section"),
    "articles:section-feed": by_slug("section", "feed/"),
    "articles:author": by_slug("author"),
    "articles:author-feed": by_slug("author", "feed/"),
    "articles:topic": by_slug("topic"),
    "articles:topic-feed": by_slug("topic", "feed/"),
    # All but the last letter: the page repeats what was asked, and finds what begins so.
    "articles:search": lambda hidden: [
        f"/search/?q={hidden.name}secre",
        "/search/?q=plannedsecre",
        "/search/?q=headline",
        f"/search/?author={hidden.name}secre",
        f"/search/?q=body&section={hidden.name}secret-section",
        f"/search/?section={hidden.name}secret-section",
    ],
    "articles:corrections": at("/corrections/"),
    "articles:corrections-feed": at("/corrections/feed/"),
    "articles:feed": at("/feed/"),
    "articles:feed-rss": at("/feed/rss/"),
    "articles:feed-json": at("/feed.json"),
    "comments:write": below_articles("comments/"),
    "comments:shown": lambda hidden: [f"/comments/shown/{hidden.article.pk}/"],
    "comments:ask": at("/comments/mine/"),
    "comments:mine": at("/comments/mine/x/"),
    "comments:export": at("/comments/mine/x/export/"),
    "comments:erase": at("/comments/erase/x/"),
    "comments:mails": at("/comments/mails/x/"),
    "comments:confirm": at("/comments/confirm/x/"),
    "comments:report": lambda hidden: [f"/comments/{hidden.comment.public_id}/report/"],
    "comments:status": at("/comments/status/x/"),
    "comments:permalink": lambda hidden: [f"/comments/{hidden.comment.public_id}/"],
    "newsletter": at("/newsletter/"),
    "newsletter-almost-there": at("/newsletter/almost-there/"),
    "newsletter-confirmed": at("/newsletter/confirmed/"),
    "newsletter-confirm": at("/newsletter/confirm/x/"),
    "newsletter-unsubscribe": at("/newsletter/unsubscribe/x/"),
    "newsletter-find": at("/newsletter/preferences/"),
    "newsletter-link-sent": at("/newsletter/preferences/sent/"),
    "newsletter-preferences": at("/newsletter/preferences/x/"),
    "newsletter-events": at("/newsletter/events/mailgun/"),
    "newsletter-archive": at("/newsletter/the-week/"),
    "newsletter-feed": at("/newsletter/the-week/feed/"),
    "newsletter-issue": at("/newsletter/the-week/one/"),
    "elsewhere": lambda hidden: [f"/old/{hidden.name}/", f"/old/{hidden.name}", f"/{hidden.name}secret-slug/"],
}
# Addresses that exist only for what is hidden: they say that it is not there.
OWN = {
    "articles:article",
    "articles:history",
    "articles:section",
    "articles:section-feed",
    "articles:author",
    "articles:author-feed",
    "articles:topic",
    "articles:topic-feed",
    "comments:write",
    "comments:permalink",
    "comments:report",
    "image",
}


def public_names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """The names of all addresses of the site but the admin's, namespaces in front."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or str(pattern.pattern))
        elif pattern.namespace != "admin":
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from public_names(pattern.url_patterns, inner)


def test_every_public_address_is_known_here():
    assert set(public_names(get_resolver().url_patterns)) == set(PLACES)


def test_what_is_hidden_appears_in_no_answer(client, hidden):
    for one in hidden:
        for ask in PLACES.values():
            for path in ask(one):
                response = client.get(path, follow=True)
                words = b"".join(response.streaming_content) if response.streaming else response.content
                page = words.decode(errors="replace").lower()
                shown = path.lower()  # a page may say under which address it was asked for
                page = page.replace(shown, "")
                for other in hidden:
                    for secret in other.secrets:
                        assert secret not in page, (secret, path)
                assert "plannedsecret" not in page, path


def test_no_word_of_what_is_hidden_finds_it(client, hidden):
    for one in hidden:
        for words in (f"{one.name}secret", f'"{one.name}secret headline"', f"{one.name}secret body"):
            page = client.get("/search/", {"q": words}).content.decode()
            assert "Nothing was found" in page and "card-headline" not in page, words
    assert "card-headline" not in client.get("/search/", {"q": "plannedsecret"}).content.decode()
    assert "card-headline" in client.get("/search/", {"q": "open"}).content.decode()


def test_the_live_article_beside_it_is_there(client, hidden):
    for path in ("/", "/latest/", "/feed/", "/sitemap.xml"):
        assert Edition.objects.live().get().path.encode() in client.get(path).content


def test_what_is_hidden_answers_as_if_it_had_never_been_or_is_gone(client, hidden):
    for one in hidden:
        for name in OWN:
            for path in PLACES[name](one):
                own_page = name in ("articles:article", "articles:history", "comments:write")
                expected = one.status if own_page else 404
                assert client.get(path).status_code == expected, (name, path)


def test_an_old_address_leads_to_nothing_hidden(client, hidden):
    for one in hidden:
        for path in (f"/old/{one.name}/", f"/old/{one.name}", f"/?p={one.article.pk}"):
            expected = 200 if path.startswith("/?p=") and one.status == 404 else one.status
            assert client.get(path).status_code == expected, path


def test_nobody_comments_on_what_is_hidden(client, hidden):
    before = Comment.objects.count()
    for one in hidden:
        for path in PLACES["comments:write"](one):
            response = client.post(path, {"name": "Mallory", "body": "Hello"})
            assert response.status_code in (404, 410), path
    assert Comment.objects.count() == before


def test_a_planned_address_is_unknown_until_its_time(client, hidden):
    planned = Edition.objects.get(headline="plannedsecret headline")
    assert client.get(planned.path).status_code == 404
    assert client.get(f"{planned.path}history/").status_code == 404


def test_the_record_of_the_live_article_holds_nothing_that_is_planned(client, hidden):
    page = client.get(f"{Edition.objects.live().get().path}history/").content.decode()
    assert "In the open" in page and "plannedsecret" not in page
