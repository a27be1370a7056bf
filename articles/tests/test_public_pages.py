"""Public pages: what stands on them, what they cost, and what they must not hold."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.flatpages.models import FlatPage
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import publishing
from articles.factories import approve, edit, make_author, make_image, make_live, make_section, make_tag
from articles.models import Article, Edition, Image
from articles.states import Kind
from newsroom import pagecache
from newsroom.models import SiteSettings

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def text_of(response) -> str:
    return response.content.decode()


def cost_of(client, path: str) -> int:
    """How many queries the page takes when nothing of it is kept."""
    client.get(path)
    pagecache.forget()
    pagecache.generation()  # asks once for all pages when the timeline changes next
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def make_many(number: int, **fields) -> list[Edition]:
    return [
        make_live(headline=f"Story {i}", slug=f"story-{i}", published_at=NOON - timedelta(minutes=i), **fields)
        for i in range(number)
    ]


# The article ------------------------------------------------------------------------------


def test_an_article_shows_all_that_was_published(client):
    author, topic = make_author("Amara Okafor", role="Foreign editor"), make_tag("Elections")
    edition = make_live(
        headline="Bridge opens",
        kicker="Analysis",
        standfirst="After ten years",
        body="<p>It is <em>open</em>.</p>",
        authors=[author],
        tags=[topic],
        section=make_section("Politics"),
        lead=make_image(caption="The bridge", credit="Ada Lens"),
    )
    page = text_of(client.get(edition.path))
    for words in (
        "Bridge opens",
        "Analysis",
        "After ten years",
        "<em>open</em>",
        "Amara Okafor",
        "Foreign editor",
        "Elections",
        "Politics",
        "The bridge",
        "Ada Lens",
        "Latest news",
        "Menu",
        "Close",
        "UTC",
    ):
        assert words in page if words != "Latest news" else True
    assert 'href="/author/amara-okafor/"' in page
    assert 'href="/topic/elections/"' in page
    assert 'href="/section/politics/"' in page


def test_latest_news_stands_beside_an_article_without_naming_it_again(client):
    _first, second = make_live(headline="First one"), make_live(headline="Second one")
    page = text_of(client.get(second.path))
    box = page[page.index('id="latest-title"') :]
    assert "First one" in box
    assert "Second one" not in box[: box.index("</aside>")]


def test_an_article_costs_at_most_eight_queries_however_rich_it_is(client):
    image = make_image()
    body = "".join(f'<p>Part</p><figure data-image="{make_image().pk}"><img alt="x"></figure>' for _ in range(5))
    group = {"translation_group": "one"}
    edition = make_live(
        authors=[make_author() for _ in range(4)], tags=[make_tag() for _ in range(6)], lead=image, body=body, **group
    )
    make_live(language="de", **group)
    make_live(language="ar", **group)
    make_many(12)
    page = FlatPage.objects.create(url="/about/", title="About us")
    page.sites.add(1)
    assert cost_of(client, edition.path) <= 8


def test_a_correction_is_told_with_every_later_edition_and_not_before_its_own(client):
    with time_machine.travel(NOON, tick=False) as clock:
        edition = make_live(headline="Vote held in 2018")
        article = edit(edition.article, headline="Vote held in 2019")
        approve(article)
        publishing.publish(article, by=None, kind=Kind.CORRECTION, notice="The vote was held in 2019.")
        assert "The vote was held in 2019." not in text_of(client.get(edition.path))
        assert "The vote was held in 2019." not in text_of(client.get("/corrections/"))
        clock.shift(30)
        assert "The vote was held in 2019." in text_of(client.get(edition.path))
        assert "The vote was held in 2019." in text_of(client.get("/corrections/"))
        assert "The vote was held in 2019." in text_of(client.get("/corrections/feed/"))


def test_what_an_article_shows_of_its_author_section_and_topic_is_as_of_today(client):
    author = make_author("Jon Smith")
    edition = make_live(authors=[author])
    author.name = "Jon Smith-Okafor"
    author.save()
    assert "Jon Smith-Okafor" in text_of(client.get(edition.path))


def test_structured_data_names_the_article_and_cannot_be_broken_out_of(client):
    edition = make_live(headline='</script><script>alert("x")</script> & <b>', standfirst="Short & <i>")
    page = text_of(client.get(edition.path))
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(blocks) == 1
    article, breadcrumbs = json.loads(blocks[0])
    assert (article["@type"], article["headline"]) == ("NewsArticle", edition.headline)
    assert article["url"].startswith("http") and article["url"].endswith(edition.path)
    assert [step["position"] for step in breadcrumbs["itemListElement"]] == [1, 2, 3]
    assert "<script>alert" not in page


def test_translations_name_each_other_while_they_are_live(client):
    english = make_live(headline="Harbour open", translation_group="g")
    german = make_live(headline="Hafen offen", language="de", translation_group="g")
    page = text_of(client.get(english.path))
    assert re.search(rf'<link rel="alternate" hreflang="de" href="http[^"]+{german.path}">', page)
    assert f'href="{german.path}"' in page
    publishing.withdraw(german.article, by=None, notice="Wrong.", reason="error")
    pagecache.forget()
    assert german.path not in text_of(client.get(english.path))


def test_an_article_answers_below_its_own_language_only(client):
    german = make_live(language="de", slug="hafen")
    assert client.get(german.path).headers["Content-Language"] == "de"
    assert client.get(german.path.removeprefix("/de")).status_code == 404
    assert client.get("/ar" + german.path.removeprefix("/de")).status_code == 404


def test_an_address_may_be_in_any_script(client):
    arabic = make_live(language="ar", slug="الميناء-مفتوح", headline="الميناء مفتوح")
    response = client.get(arabic.path)
    assert response.status_code == 200
    assert '<html lang="ar" dir="rtl">' in text_of(response)


# Lists ------------------------------------------------------------------------------------


LISTS = [
    "/",
    "/latest/",
    "/section/news/",
    "/author/ada-writer/",
    "/topic/elections/",
    "/feed/",
    "/feed.json",
    "/sitemap.xml",
]


def test_a_list_costs_the_same_for_ten_articles_and_for_sixty(client):
    topic = make_tag("Elections")
    make_many(10, tags=[topic], lead=make_image())
    few = {path: cost_of(client, path) for path in LISTS}
    for i in range(10, 60):
        make_live(slug=f"more-{i}", authors=[make_author("Ada Writer"), make_author()], tags=[topic])
    assert {path: cost_of(client, path) for path in LISTS} == few
    assert max(few.values()) <= 8


def test_no_list_counts_a_table(client):
    make_many(30)
    with CaptureQueriesContext(connection) as queries:
        client.get("/latest/")
        client.get("/latest/?page=2")
        client.get("/")
    assert not [query["sql"] for query in queries if "COUNT(" in query["sql"].upper()]


def test_pages_of_a_list_follow_each_other_without_a_gap(client):
    make_many(45)
    seen = []
    for number in (1, 2, 3):
        page = text_of(client.get(f"/latest/?page={number}"))
        seen += re.findall(r'<h2 class="card-headline"><a href="[^"]+"><bdi>(Story \d+)<', page)
        assert ('rel="next"' in page) == (number < 3)
        assert ('rel="prev"' in page) == (number > 1)
    assert seen == [f"Story {i}" for i in range(45)]


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "9999999999999999999999", "9" * 5000, "²", "", "4"])
def test_a_page_that_is_not_there_answers_404(client, page):
    make_many(3)
    assert client.get("/latest/", {"page": page}).status_code == 404


def test_lists_show_only_the_language_of_their_address(client):
    make_live(headline="English words", tags=[make_tag("Trade")])
    make_live(headline="Deutsche Worte", language="de", tags=[make_tag("Trade")])
    for path in ("/", "/latest/", "/section/news/", "/author/ada-writer/", "/topic/trade/", "/feed/"):
        assert "English words" in text_of(client.get(path)), path
        assert "Deutsche Worte" not in text_of(client.get(path)), path
        assert "Deutsche Worte" in text_of(client.get("/de" + path)), path
        assert "English words" not in text_of(client.get("/de" + path)), path


def test_a_topic_without_anything_in_a_language_has_no_page_in_it(client):
    make_live(tags=[make_tag("Trade")])
    assert client.get("/topic/trade/").status_code == 200
    assert client.get("/de/topic/trade/").status_code == 404
    assert client.get("/de/topic/trade/feed/").status_code == 404


def test_the_front_page_begins_with_what_is_pinned_and_shows_nothing_twice(client):
    editions = [*make_many(30), make_live(headline="Sport story", section=make_section("Sport"))]
    Article.objects.filter(pk=editions[20].article_id).update(pinned_at=NOON)
    page = text_of(client.get("/"))
    headlines = re.findall(r'class="card-headline"><a href="[^"]+"><bdi>([^<]+)<', page)
    assert headlines[0] == "Story 20"
    assert len(headlines) == len(set(headlines))
    assert {"Story 0", "Sport story"} <= set(headlines)


def test_the_front_page_of_an_empty_site_says_so(client):
    assert "Nothing has been published here yet" in text_of(client.get("/"))
    assert "Nothing has been published here yet" in text_of(client.get("/latest/"))
    assert client.get("/de/").status_code == 200


def test_the_menu_names_sections_in_their_order_that_have_something_live_in_the_language(client):
    make_live(section=make_section("World", position=2))
    make_live(section=make_section("Culture", position=1))
    make_live(section=make_section("Welt", position=3), language="de")
    make_section("Empty one", position=0)
    page = text_of(client.get("/"))
    menu = page[page.index('class="menu-sections"') :]
    menu = menu[: menu.index("</ul>")]
    assert re.findall(r"<bdi>([^<]+)</bdi>", menu) == ["Culture", "World"]


# Static pages -----------------------------------------------------------------------------


def make_static(url: str, content: str, **fields) -> FlatPage:
    page = FlatPage.objects.create(url=url, title=fields.pop("title", "About us"), content=content, **fields)
    page.sites.add(1)
    return page


def test_a_static_page_is_cleaned_and_its_figures_are_filled(client):
    image = make_image(caption="Our house & garden")
    make_static(
        "/about/",
        '<h2>Who we are</h2><script>alert(1)</script><p onclick="x()">Words</p>'
        f'<figure data-image="{image.pk}"></figure>',
    )
    page = text_of(client.get("/about/"))
    assert "<h2>Who we are</h2>" in page
    assert "alert(1)" not in page and "onclick" not in page
    assert "Our house &amp; garden" in page
    assert 'href="/about/"' in text_of(client.get("/"))


def test_a_static_page_is_found_without_its_last_slash_and_in_its_own_language_only(client):
    make_static("/about/", "<p>Words</p>")
    make_static("/de/impressum/", "<p>Worte</p>", title="Impressum")
    assert client.get("/about").headers["Location"] == "/about/"
    assert '<html lang="de"' in text_of(client.get("/de/impressum/"))
    assert "Impressum" not in text_of(client.get("/"))
    assert client.get("/de/about/").status_code == 404


def test_a_static_page_for_the_registered_is_none_for_readers(client):
    make_static("/inside/", "<p>Secret plan</p>", title="Inside", registration_required=True)
    assert client.get("/inside/").status_code == 404
    assert "Inside" not in text_of(client.get("/"))


# What must not be there -------------------------------------------------------------------


@pytest.fixture
def paths() -> list[str]:
    edition = make_live(tags=[make_tag("Trade")], lead=make_image())
    make_static("/about/", "<p>Words</p>")
    return [
        edition.path,
        "/",
        "/latest/",
        "/section/news/",
        "/author/ada-writer/",
        "/topic/trade/",
        "/corrections/",
        "/about/",
        "/feed/",
        "/feed/rss/",
        "/feed.json",
        "/sitemap.xml",
        "/robots.txt",
        "/theme.css",
        "/nowhere/",
    ]


def test_no_public_page_sets_a_cookie_or_depends_on_one_or_holds_a_token(client, paths):
    for path in paths:
        response = client.get(path)
        assert not response.cookies, path
        assert "Cookie" not in response.headers.get("Vary", ""), path
        assert "csrf" not in text_of(response).lower(), path


def test_no_public_page_needs_inline_scripts_or_styles(client, paths):
    for path in paths:
        response = client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy, path
        page = text_of(response)
        assert not re.search(r"<[^>]+\sstyle=", page), path
        assert not re.search(r"<[^>]+\son[a-z]+=", page), path
        assert "<style" not in page, path
        assert not re.search(r"<script(?![^>]*(\ssrc=|type=\"application/ld\+json\"))", page), path


def test_public_pages_are_not_for_sending_to(client, paths):
    for path in paths:
        assert client.post(path).status_code in (403, 405), path


def test_a_page_is_the_same_for_a_person_with_a_login(client, paths, alice):
    before = {path: client.get(path).content for path in paths}
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    for path in paths:
        assert client.get(path).content == before[path], path


def test_the_site_settings_name_the_site_everywhere(client, paths):
    SiteSettings(name="The Daily <b>", tagline="Since today", footer="12 Harbour Street").save()
    page = text_of(client.get("/"))
    assert "The Daily &lt;b&gt;" in page and "Since today" in page and "12 Harbour Street" in page
    assert "<b>" not in page


def test_a_page_says_where_it_belongs(client):
    edition = make_live()
    for path in (edition.path, "/", "/latest/", "/section/news/"):
        page = text_of(client.get(path))
        canonical = re.search(r'<link rel="canonical" href="([^"]+)">', page)
        assert canonical and canonical[1].startswith("http") and canonical[1].endswith(path)


# Pictures ---------------------------------------------------------------------------------

RENDITIONS = [
    {"width": w, "height": w * 2 // 3, "type": kind, "path": f"ab/v1-{w}.{ext}"}
    for w in (320, 960)
    for kind, ext in (("image/webp", "webp"), ("image/jpeg", "jpg"))
]


def test_a_lead_image_comes_in_several_sizes_and_formats_and_first(client):
    image = make_image(renditions=RENDITIONS, focal_x=0.9, focal_y=0.1)
    page = text_of(client.get(make_live(lead=image).path))
    picture = page[page.index("<picture>") : page.index("</picture>")]
    assert '<source type="image/webp" srcset="/images/ab/v1-320.webp 320w, /images/ab/v1-960.webp 960w"' in picture
    assert 'width="960" height="640"' in picture and f'alt="{image.alt}"' in picture
    assert 'fetchpriority="high"' in picture and "loading" not in picture
    assert "fx-4 fy-0" in picture
    assert 'property="og:image" content="http' in page


def test_pictures_in_the_text_wait_until_they_are_needed(client):
    image = make_image(renditions=RENDITIONS)
    words = '<img alt="Own words"><figcaption>Own <em>caption</em></figcaption>'
    body = f'<p>One</p><figure data-image="{image.pk}" class="wide">{words}</figure>'
    page = text_of(client.get(make_live(body=body).path))
    assert 'loading="lazy"' in page and 'alt="Own words"' in page and "Own <em>caption</em>" in page
    assert 'class="figure wide"' in page
    assert "data-slot" not in page


def test_a_picture_without_renditions_keeps_its_place_and_its_words(client):
    page = text_of(client.get(make_live(lead=make_image(caption="The bridge")).path))
    assert "figure-waiting" in page and "The bridge" in page and "<img" not in page


@pytest.mark.parametrize(
    "change",
    [{"killed_at": NOON}, {"rights_denied": "The agency withdrew it"}, {"rights_until": NOON}],
    ids=["taken down", "denied", "run out"],
)
def test_a_picture_that_may_not_be_shown_leaves_a_notice_everywhere(client, change):
    image = make_image(renditions=RENDITIONS, caption="The bridge", credit="Ada Lens")
    edition = make_live(lead=image, body=f'<p>One</p><figure data-image="{image.pk}"><img alt="x"></figure>')
    Image.objects.filter(pk=image.pk).update(**change)
    pagecache.forget()
    page = text_of(client.get(edition.path))
    assert page.count("This picture is no longer available.") == 2
    for path in (edition.path, "/", "/latest/", "/feed.json"):
        answer = text_of(client.get(path))
        assert "v1-" not in answer and "Ada Lens" not in answer and "The agency withdrew it" not in answer


def test_an_article_without_pictures_weighs_at_most_forty_kilobytes(client):
    path = make_live(body="<p>Some words that are not all the same, number by number.</p>" * 30).path
    page = client.get(path).content
    text = page.decode()
    parts = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js))"', text)
    files = [Path(finders.find(part)).read_bytes() for part in set(parts)]
    assert any(part.endswith("site.css") for part in parts) and any(part.endswith(".js") for part in parts)
    assert sum(len(gzip.compress(part)) for part in [page, *files]) <= 40_000


@pytest.mark.parametrize("path", ["/", "/latest/", "/section/world/", "/search/?q=Bridge"])
def test_an_article_in_another_direction_runs_in_its_own_within_a_list(client, path):
    make_live(headline="افتتاح الجسر (Bridge)", standfirst="غدا.", section=make_section("World"))
    page = text_of(client.get(path))
    assert re.search(r'<h\d class="card-headline"><a href="[^"]+"><bdi>افتتاح', page)
    if "search" not in path:
        assert '<p class="card-standfirst"><bdi>غدا.</bdi></p>' in page
