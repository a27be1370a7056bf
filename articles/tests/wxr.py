"""Small WordPress exports for tests."""

from pathlib import Path

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="{ns}/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="{ns}/">
<channel><title>Old Post</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_login>jdoe</wp:author_login><wp:author_display_name>Jane Doe</wp:author_display_name></wp:author>
<wp:category><wp:category_nicename>world</wp:category_nicename><wp:category_parent/></wp:category>
<wp:category><wp:category_nicename>peru</wp:category_nicename><wp:category_parent>world</wp:category_parent></wp:category>
"""


def post(number: int = 7, content: str = "Water.", more: str = "", **fields: str) -> str:
    """One item. `fields` are those of the wp namespace; `more` is XML that stands among them."""
    said = {"post_type": "post", "status": "publish", "post_date_gmt": "2014-03-12 08:00:00", "post_name": "flood"}
    said |= fields
    inside = "".join(f"<wp:{name}>{value}</wp:{name}>" for name, value in said.items())
    return (
        f"<item><title>Flood</title><link>https://old.example/2014/03/flood/</link><dc:creator>jdoe</dc:creator>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded><wp:post_id>{number}</wp:post_id>{inside}{more}</item>\n"
    )


def attachment(
    number: int = 9, file: str = "2014/03/river.jpg", parent: int = 7, *, title: str = "", more: str = ""
) -> str:
    """A picture with all its words; `title` is made of the file's name where none is given."""
    return (
        f"<item><title>{title or file.rpartition('/')[2].partition('.')[0]}</title>"
        f"<content:encoded>Seen from the bridge</content:encoded>"
        f"<excerpt:encoded>The river at night</excerpt:encoded><wp:post_id>{number}</wp:post_id>"
        f"<wp:post_parent>{parent}</wp:post_parent><wp:status>inherit</wp:status><wp:post_type>attachment</wp:post_type>"
        f"<wp:attachment_url>https://old.example/wp-content/uploads/{file}</wp:attachment_url>"
        f"{meta('_wp_attachment_image_alt', 'Brown water')}{meta('_wp_attached_file', file)}{more}</item>\n"
    )


def meta(key: str, value: str) -> str:
    return (
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )


def export(folder: Path, *items: str, ns: str = "http://wordpress.org/export/1.2", name: str = "old.xml") -> Path:
    """A file with these items."""
    file = folder / name
    file.write_text(HEAD.format(ns=ns) + "".join(items) + "</channel></rss>", "utf-8")
    return file
