"""Pictures as readers and machines get them: shapes, widths, words, and nothing that may not be shown."""

import json
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from defusedxml import ElementTree
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile

from articles import library, pictures, publishing, renditions
from articles.factories import approve, edit, make_article, make_author, make_image, make_live, make_section
from articles.models import Article, ArticleImage, EditionImage, Image, Place
from articles.publishing import import_edition
from articles.rendering import holds_credit
from articles.tests.pictures import files, scene, upload  # noqa: F401
from newsroom import pagecache

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KINDS = {"image/avif": "avif", "image/webp": "webp", "image/jpeg": "jpg"}
SHAPES = {"": (3, 2), "16x9": (16, 9), "3x2": (3, 2), "1x1": (1, 1)}
WIDTHS = (320, 768, 1200, 1920)


def rendition(width, kind="image/jpeg", crop="", sha="ab"):
    across, down = SHAPES[crop]
    item = {"width": width, "height": width * down // across, "type": kind}
    name = f"{crop}-50-50-{width}" if crop else str(width)
    return item | {"path": f"{sha}/{name}.{KINDS[kind]}"} | ({"crop": crop} if crop else {})


def all_of(*shapes, kinds=tuple(KINDS), widths=WIDTHS, sha="ab"):
    return [rendition(width, kind, crop, sha) for crop in shapes for width in widths for kind in kinds]


EVERYTHING = all_of(*SHAPES)


def image_of(**fields):
    return Image(**({"width": 3000, "height": 2000, "renditions": EVERYTHING} | fields))


def text_of(response):
    return response.content.decode()


def afresh():
    """Keep no page, but know until when pages may be kept: that is asked once for all."""
    pagecache.forget()
    pagecache.generation()


# Which file for which place -----------------------------------------------------------------


def test_the_best_format_comes_first_and_jpeg_is_for_everyone_else():
    shown = pictures.picture(image_of(), "lead", "Words")
    assert [source.type for source in shown.sources] == ["image/avif", "image/webp"]
    assert shown.sources[0].srcset.split(", ")[:2] == ["/images/ab/320.avif 320w", "/images/ab/768.avif 768w"]
    assert shown.srcset.endswith("/images/ab/1920.jpg 1920w")
    assert (shown.width, shown.height, shown.alt) == (1920, 1280, "Words")


@pytest.mark.parametrize(
    ("place", "crop"),
    [("front", "16x9"), ("card", "3x2"), ("thumb", "3x2"), ("portrait", "1x1"), ("lead", ""), ("gallery", "")],
)
def test_each_place_has_its_shape(place, crop):
    shown = pictures.picture(image_of(), place, "")
    assert all(crop in name for name in shown.srcset.split(", "))
    across, down = SHAPES[crop]
    assert shown.width * down == pytest.approx(shown.height * across, abs=across)
    assert bool(shown.focus) is not bool(crop)


def test_until_there_are_crops_the_style_sheet_cuts_around_the_focal_point():
    early = image_of(renditions=[rendition(1200)], focal_x=0.9, focal_y=0.1)
    shown = pictures.picture(early, "card", "")
    assert (shown.src, shown.sources, shown.focus) == ("/images/ab/1200.jpg", (), "fx-4 fy-0")
    assert (shown.width, shown.height) == (1200, 800)


def test_a_crop_that_only_some_browsers_could_show_is_not_shown_yet():
    half = image_of(renditions=[*all_of(""), *all_of("3x2", kinds=["image/avif"])])
    assert "3x2" not in pictures.picture(half, "card", "").sources[0].srcset


def test_a_format_that_is_half_made_is_left_out():
    half = image_of(renditions=[*all_of("", kinds=["image/jpeg", "image/webp"]), rendition(320, "image/avif")])
    assert [source.type for source in pictures.picture(half, "lead", "").sources] == ["image/webp"]


def test_small_places_are_not_offered_files_that_no_screen_needs():
    shown = pictures.picture(image_of(), "portrait", "")
    assert [name.split()[-1] for name in shown.srcset.split(", ")] == ["320w", "768w"]


@pytest.mark.parametrize(
    ("place", "size", "sizes"),
    [
        ("lead", (3, 2), "(min-width: 78rem) 74rem, (min-width: 64rem) calc(100vw - 4rem), calc(100vw - 2.5rem)"),
        ("page", (3, 2), "(min-width: 42.5rem) 40rem, calc(100vw - 2.5rem)"),
        ("page", (1, 2), "(min-width: 42.5rem) min(40rem, 25rem), min(100vw - 2.5rem, 25rem)"),
        ("portrait", (1, 1), "7rem"),
    ],
)
def test_sizes_say_how_wide_a_picture_is_shown_a_tall_one_being_narrower(place, size, sizes):
    assert pictures.LAYOUTS[place].sizes(*size) == sizes


def test_a_tall_picture_in_a_gallery_is_as_narrow_as_its_box_makes_it():
    first = pictures.LAYOUTS["gallery"].sizes(800, 1200).split(", ")[0]
    assert first == "(min-width: 78rem) calc((40rem) * 0.444)"


# What machines are told -----------------------------------------------------------------------


@pytest.fixture
def lead(db):
    words = {"credit": "Ada Lens / Agency", "creator": "Ada Lens", "copyright": "© Agency", "caption": "The <b>ridge"}
    return make_image(renditions=EVERYTHING, **words)


def structured(page):
    return json.loads(re.search(r'<script type="application/ld\+json">(.+?)</script>', page)[1])[0]


def test_search_engines_get_the_lead_image_in_three_shapes_with_its_makers(client, lead):
    found = structured(text_of(client.get(make_live(lead=lead).path)))["image"]
    assert [(one["width"], one["height"]) for one in found] == [(1920, 1080), (1920, 1280), (1920, 1920)]
    for one in found:
        assert one["@type"] == "ImageObject" and one["url"].startswith(settings.SITE_URL + "/images/ab/")
        assert one["url"].endswith(".jpg") and one["encodingFormat"] == "image/jpeg"
        assert one["creditText"] == "Ada Lens / Agency" and one["copyrightNotice"] == "© Agency"
        assert one["creator"] == {"@type": "Person", "name": "Ada Lens"}


def test_they_get_the_whole_picture_while_there_is_no_crop_and_no_word_that_nobody_wrote(client):
    image = make_image(renditions=[rendition(1200)], credit="", creator="", copyright="")
    found = structured(text_of(client.get(make_live(lead=image).path)))["image"]
    assert [one["url"] for one in found] == [f"{settings.SITE_URL}/images/ab/1200.jpg"]
    assert not {"creator", "creditText", "copyrightNotice"} & found[0].keys()


def test_other_sites_show_a_link_with_the_picture_in_sixteen_to_nine(client, lead):
    page = text_of(client.get(make_live(lead=lead).path))
    assert f'property="og:image" content="{settings.SITE_URL}/images/ab/16x9-50-50-1920.jpg"' in page
    assert 'property="og:image:width" content="1920"' in page and 'property="og:image:height" content="1080"' in page


ATOM, MEDIA = "{http://www.w3.org/2005/Atom}", "{http://search.yahoo.com/mrss/}"


@pytest.fixture
def kept(lead, files):  # noqa: F811
    cache.clear()
    renditions.storage().save("ab/16x9-50-50-1920.jpg", ContentFile(b"x" * 1234))
    return make_live(lead=lead)


def test_feeds_enclose_the_picture_with_its_type_and_length_and_name_its_maker(client, kept):
    address = f"{settings.SITE_URL}/images/ab/16x9-50-50-1920.jpg"
    rss = ElementTree.fromstring(client.get("/feed/rss/").content).find("channel/item")
    assert rss.find("enclosure").attrib == {"url": address, "type": "image/jpeg", "length": "1234"}
    atom = ElementTree.fromstring(client.get("/feed/").content).find(f"{ATOM}entry")
    link = atom.find(f"{ATOM}link[@rel='enclosure']")
    assert (link.get("href"), link.get("type"), link.get("length")) == (address, "image/jpeg", "1234")
    for item in (rss, atom):
        media = item.find(f"{MEDIA}content")
        told = {"url": address, "type": "image/jpeg", "medium": "image", "fileSize": "1234"}
        assert media.attrib == told | {"width": "1920", "height": "1080"}
        assert media.findtext(f"{MEDIA}credit") == "Ada Lens / Agency"
        assert media.findtext(f"{MEDIA}description") == "The <b>ridge"
    assert json.loads(client.get("/feed.json").content)["items"][0]["image"] == address


def test_a_feed_does_not_name_a_file_that_is_not_there(client, lead, files):  # noqa: F811
    cache.clear()
    make_live(lead=lead)
    assert b"enclosure" not in client.get("/feed/rss/").content


def test_a_feed_costs_the_same_for_one_article_and_for_ten(client, lead, django_assert_num_queries):
    for _ in range(2):
        make_live(lead=lead)
    afresh()
    with django_assert_num_queries(4):
        client.get("/feed/rss/")
    for _ in range(8):
        make_live(lead=lead)
    afresh()
    with django_assert_num_queries(4):
        client.get("/feed/rss/")


SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SITEMAP_IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"


def test_the_sitemap_names_every_picture_of_an_article(client, lead, django_assert_num_queries):
    inside, shown = (make_image(renditions=all_of("", sha=sha)) for sha in ("cd", "ef"))
    body = f'<p>One</p><figure data-image="{inside.pk}"><img alt="x"></figure>'
    live = with_gallery(shown, lead=lead, body=body)
    make_live(headline="Without")
    afresh()
    with django_assert_num_queries(2):
        answer = client.get("/sitemap.xml")
    entries = ElementTree.fromstring(answer.content).findall(f"{SITEMAP}url")
    named = {
        entry.findtext(f"{SITEMAP}loc"): {image.text for image in entry.iter(f"{SITEMAP_IMAGE}loc")}
        for entry in entries
    }
    addresses = {f"{settings.SITE_URL}/images/{sha}/1920.jpg" for sha in ("ab", "cd", "ef")}
    assert named[settings.SITE_URL + live.path] == addresses
    assert sorted(map(len, named.values())) == [0, 0, 3]


# What may not be shown -----------------------------------------------------------------------


def with_gallery(*images, **fields):
    """A live article with these pictures as its gallery."""
    article = make_article(**fields)
    for position, image in enumerate(images):
        ArticleImage.objects.create(article=article, image=image, place=Place.GALLERY, position=position)
    return import_edition(edit(article))


GONE = "This picture is no longer available."


@pytest.fixture
def everywhere(lead):
    """One picture in every place in which readers can meet one, and their addresses."""
    author = make_author("Amara Okafor", portrait=lead)
    figure = f'<p>One</p><figure data-image="{lead.pk}"><img alt="x"></figure>'
    edition = with_gallery(
        lead, lead=lead, body=figure, authors=[author], section=make_section("World"), headline="Ridge walk"
    )
    lists = ["/", "/latest/", "/section/world/", "/author/amara-okafor/", "/search/?q=ridge"]
    machines = ["/feed/", "/feed/rss/", "/feed.json", "/latest/feed/", "/sitemap.xml"]
    return edition, lists, machines


def test_a_usable_picture_is_met_in_all_these_places(client, everywhere, files):  # noqa: F811
    edition, lists, machines = everywhere
    cache.clear()
    renditions.storage().save("ab/16x9-50-50-1920.jpg", ContentFile(b"x"))
    for path in [edition.path, *lists, *machines]:
        assert "/images/ab/" in text_of(client.get(path)), path


@pytest.mark.parametrize(
    ("change", "notice"),
    [
        ({"killed_at": NOON, "kill_notice": "The agency <recalled> it."}, "The agency &lt;recalled&gt; it."),
        ({"killed_at": NOON}, GONE),
        ({"rights_denied": "No contract", "kill_notice": "Never shown"}, GONE),
        ({"rights_until": NOON, "kill_notice": "Never shown"}, GONE),
    ],
    ids=["taken down with a notice", "taken down", "denied", "run out"],
)
def test_a_picture_that_may_not_be_shown_leaves_a_notice_in_articles_and_nothing_elsewhere(
    client, everywhere, change, notice
):
    edition, lists, machines = everywhere
    Image.objects.update(**change)
    pagecache.forget()
    page = text_of(client.get(edition.path))
    assert page.count(notice) == 3
    for path in [edition.path, f"{edition.path}history/", *lists, *machines]:
        answer = text_of(client.get(path))
        assert "/images/" not in answer and "Ada Lens" not in answer and "No contract" not in answer, path
        assert "Never shown" not in answer
    assert "image" not in structured(page) and "og:image" not in page


def test_past_editions_show_the_notice_too(client, lead):
    article = make_live(lead=lead, body="<p>One.</p>").article
    approve(edit(article, body="<p>Two.</p>"))
    edition = publishing.publish(Article.objects.get(pk=article.pk), by=None)
    Image.objects.update(killed_at=NOON, kill_notice="The agency recalled it.")
    page = text_of(client.get(f"{edition.path}history/"))
    assert "The agency recalled it." in page and "/images/" not in page


def test_a_picture_taken_down_is_gone_at_once_and_comes_back_when_restored(
    client,
    dora,
    files,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    with django_capture_on_commit_callbacks(execute=True):
        image, _new = library.add(upload(scene(400, 300)), alt="Scene", credit="Ada Lens")
        path = make_live(lead=image).path
    assert "/images/" in text_of(client.get(path))
    with django_capture_on_commit_callbacks(execute=True):
        library.kill(image, by=dora, notice="It was not ours to show.", reason="Claim")
    page = text_of(client.get(path))
    assert "It was not ours to show." in page and "/images/" not in page
    with django_capture_on_commit_callbacks(execute=True):
        library.restore(image, by=dora)
    page = text_of(client.get(path))
    assert "/images/" in page and "It was not ours to show." not in page


def test_every_page_changes_at_the_second_at_which_the_rights_end(client, everywhere):
    edition, lists, _machines = everywhere
    Image.objects.update(rights_until=NOON + timedelta(hours=1))
    with time_machine.travel(NOON, tick=False) as clock:
        pagecache.forget()
        EditionImage.objects.first().edition.article.editions.update(live_from=NOON - timedelta(days=1))
        paths = [edition.path, *lists, "/feed.json"]
        clock.shift(timedelta(minutes=59, seconds=59))
        assert all("/images/ab/" in text_of(client.get(path)) for path in paths)
        clock.shift(1)
        assert not any("/images/ab/" in text_of(client.get(path)) for path in paths)


# Words under pictures ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caption", "credit", "held"),
    [
        ("The ridge. Photo: Ada Lens", "Ada Lens", True),
        ("The ridge (Ada Lens)", "Ada Lens", True),
        ("The ridge. <em>© ADA LENS</em>", "Ada Lens", True),
        ("The ridge, taken by Ada  Lens in May", "Ada Lens", True),
        ("The ridge. Ada Lens", "Ada Lens", True),
        ("Ada Lens on the ridge", "Ada Lens", False),
        ("The offices of Reuters in London", "Reuters", False),
        ("The ridge. Photo: Ada Lensing", "Ada Lens", False),
        ("The ridge", "Ada Lens", False),
        ("The ridge", "", False),
        ("", "Ada Lens", False),
    ],
)
def test_a_credit_that_the_caption_holds_already_is_known(caption, credit, held):
    assert holds_credit(caption, credit) is held


def test_looking_for_a_credit_takes_no_longer_than_reading_the_caption():
    before = time.process_time()
    assert not holds_credit("." * 100_000 + "end", ".")
    assert holds_credit("Ada Lens" + "." * 100_000, "Ada Lens.")
    assert time.process_time() - before < 1


def test_a_credit_is_said_once(client):
    image = make_image(renditions=EVERYTHING, caption="The ridge. Photo: Ada Lens", credit="Ada Lens")
    page = text_of(client.get(make_live(lead=image).path))
    figure = page[page.index("<figure") : page.index("</figure>")]
    assert figure.count("Ada Lens") == 1 and "Picture:" not in figure


@pytest.mark.parametrize(("credit", "label"), [("Ada Lens", True), ("© Ada Lens", False), ("Foto: Ada Lens", False)])
def test_a_credit_that_says_itself_what_it_is_gets_no_second_label(client, credit, label):
    page = text_of(client.get(make_live(lead=make_image(renditions=EVERYTHING, credit=credit)).path))
    assert ("Picture:" in page) is label and credit in page


def test_the_picture_on_top_comes_first_and_no_other_is_hurried(client, lead):
    figure = f'<figure data-image="{lead.pk}"><img alt="x"></figure>'
    edition = with_gallery(lead, lead=lead, body=f"<p>One</p>{figure}", section=make_section("World"))
    for path in (edition.path, "/"):
        page = text_of(client.get(path))
        images = re.findall(r"<img [^>]+>", page)
        assert ["fetchpriority" in image for image in images] == [True, *[False] * (len(images) - 1)], path
        assert ["lazy" in image for image in images] == [False, *[True] * (len(images) - 1)], path
        assert all('decoding="async"' in image and "width=" in image and "height=" in image for image in images)


def test_an_article_with_a_gallery_costs_no_more_queries(client, lead, django_assert_max_num_queries):
    images = [make_image(renditions=EVERYTHING) for _ in range(8)]
    path = with_gallery(*images, lead=lead).path
    afresh()
    with django_assert_max_num_queries(8):
        page = text_of(client.get(path))
    assert page.count("<li data-status=") == 8 and "1 of 8" in page and 'data-status="8 of 8"' in page


def test_a_gallery_of_one_needs_no_buttons(client, lead):
    page = text_of(client.get(with_gallery(lead).path))
    assert '<ol class="gallery-list">' in page and "<button" not in page[page.index("gallery-list") :].split("</ol>")[0]
    assert "gallery-bar" not in page and "gallery.js" not in page
