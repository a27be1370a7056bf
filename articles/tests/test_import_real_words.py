"""Words of pictures in sites that others have published, whose picture files are made here, since they came without."""

import hashlib
import html
import os
import re
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from PIL import Image as Pillow

from articles.importers.running import Order, run
from articles.importers.site import Site
from articles.models import Article, ArticleImage, Image
from articles.tests.pictures import files

__all__ = ["files"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not os.environ.get("NEWSROOM_TEST_DATA"), reason="NEWSROOM_TEST_DATA names no sites"),
]
DATA = Path(os.environ.get("NEWSROOM_TEST_DATA", ""))
_colours = count(1)


def picture(path: Path) -> str:
    """Make a picture like no other, whatever its name says it is, and return its digest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = next(_colours)
    Pillow.new("RGB", (8, 8), (number % 256, number // 256, 90)).save(path, "PNG")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def plain(text: str | None) -> str:
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", "", text or "")).split())


def attachments(export: Path, media: Path) -> dict[str, dict[str, str]]:
    """What an export says of each picture, by the digest of the file that is made for it."""
    found = {}
    for item in ElementTree.parse(export).getroot().iter("item"):
        said = {child.tag.rpartition("}")[2]: child.text or "" for child in item if "excerpt" not in child.tag}
        if said.get("post_type") != "attachment":
            continue
        said["caption"] = plain(next((child.text for child in item if "excerpt/}encoded" in child.tag), ""))
        metas = [{part.tag.rpartition("}")[2]: part.text or "" for part in child} for child in item]
        said["alt"] = plain(
            next((m["meta_value"] for m in metas if m.get("meta_key") == "_wp_attachment_image_alt"), "")
        )
        found[picture(media / "/".join(said["attachment_url"].rsplit("/", 3)[1:]))] = said
    return found


@pytest.mark.parametrize(
    ("export", "pictures"),
    [
        ("theme-test-data/themeunittestdata.wordpress.xml", "theme-test-data/themeunittestdata.wordpress.xml"),
        pytest.param("wporg-news", "wporg-news/media.xml", marks=pytest.mark.drill),
    ],
)
def test_the_words_of_an_exports_attachments_are_the_librarys(files: Path, export: str, pictures: str) -> None:
    folder = DATA / "import-wordpress"
    described = attachments(folder / pictures, files / "media")
    run(Order(folder / export, media=files / "media"))

    held = [(image, described[image.sha256]) for image in Image.objects.all()]
    assert len(held) >= 10
    for image, said in held:
        assert image.alt == said["alt"] or not said["alt"], image.file_name
        assert plain(image.caption) == said["caption"], image.file_name
        assert ("Description: " in image.file_words) == bool(plain(said["encoded"])), image.file_name
    assert any(said["caption"] for _image, said in held) or export == "wporg-news"
    assert {entry.outcome for entry in run(Order(folder / export, media=files / "media")).entries} == {"unchanged"}


def test_a_gallery_of_the_theme_unit_test_is_a_gallery_in_its_order(files: Path) -> None:
    export = DATA / "import-wordpress/theme-test-data/themeunittestdata.wordpress.xml"
    described = attachments(export, files / "media")
    run(Order(export, media=files / "media"))

    names = {said["post_id"]: said["attachment_url"].rpartition("/")[2] for said in described.values()}
    wanted = [names[number] for number in ("755", "757", "758", "760", "766", "763") if number in names]
    assert len(wanted) > 2
    tiled = ArticleImage.objects.filter(place="gallery", image__file_name=wanted[0]).values_list("article", flat=True)
    orders = [
        list(article.image_uses.filter(place="gallery").order_by("position").values_list("image__file_name", flat=True))
        for article in Article.objects.filter(pk__in=tiled)
    ]
    assert wanted in orders


def test_what_digital_gov_says_of_its_pictures_is_the_librarys(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = DATA / "articles-digitalgov"
    described = {}
    for file in (root / "data/images").glob("*.yml"):
        data = yaml.safe_load(file.read_text("utf-8"))
        described[f"{data['uid']}.{data['format']}"] = data
        picture(files / "media" / f"{data['uid']}.{data['format']}")
    uses = [
        f
        for f in Site(root / "content/news").files()
        if re.search(r"\{\{<\s*img\s|^primary_image:", f.read_text(), re.M)
    ]
    monkeypatch.setattr(Site, "files", lambda site: uses[:40])
    run(Order(root / "content/news", media=files / "media"))

    held = Image.objects.all()
    assert len(held) >= 20
    for image in held:
        data = described[image.file_name]
        for name in ("alt", "caption", "credit"):
            if said := plain(str(data.get(name) or "")):
                assert plain(getattr(image, name)) == said[:500].rstrip(), f"{image.file_name}: {name}"
    differing = ArticleImage.objects.filter(place="lead").exclude(alt="").select_related("article")
    assert differing, "some articles say of a picture what others do not"
    for use in differing:
        assert use.alt in plain((root / use.article.import_id).read_text("utf-8"))
