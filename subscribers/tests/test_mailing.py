"""The mail of an issue: what stands in it, in which form and with which headers, and what cannot get into it."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import settings
from django.template import engines

from articles.factories import make_image, make_live
from articles.models import Image
from newsroom.models import SiteSettings
from subscribers import leaving
from subscribers.admin.issue_views import nobodys_links
from subscribers.factories import make_issue, make_newsletter, make_subscriber
from subscribers.issues import intro, mailing, rendering, workflow
from subscribers.models import Issue, Subscription

pytestmark = pytest.mark.django_db

ID = "<1.2.abc@newsroom.example>"
EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script>"\'&{{ 7|add:7 }}{% now "Y" %}'


def made_ready(*editions: Any, **fields: Any) -> Issue:
    return workflow.change(make_issue(*editions, **fields), "ready")


def sent(issue: Issue, subscription: Subscription | None = None) -> EmailMessage:
    """The mail as it arrives."""
    subscription = subscription or subscribed(issue)
    raw = mailing.message(issue, subscription, message_id=ID).message().as_bytes()
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def subscribed(issue: Issue, email: str = "", **fields: Any) -> Subscription:
    reader = make_subscriber(email, issue.newsletter, **fields)
    return Subscription.objects.select_related("subscriber", "newsletter").get(subscriber=reader)


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part
    return part.get_content()


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part
    return part.get_content()


def pictured(**fields: Any) -> Image:
    """A picture in two widths and a crop; the files are not looked at."""
    made = [
        {"width": width, "height": width // 3 * 2, "type": kind, "path": f"ab/{kind[6:]}-{width}", **crop}
        for kind in ("image/avif", "image/webp", "image/jpeg")
        for width, crop in ((480, {}), (1920, {}), (768, {"crop": "16x9"}), (1200, {"crop": "16x9"}))
    ]
    return make_image(renditions=made, **fields)


# What stands in it ------------------------------------------------------------------------


def test_it_holds_the_articles_in_order_in_the_editors_words_or_their_own_as_html_and_as_text() -> None:
    own = make_live(headline="Ferry stops", standfirst="It rests.")
    other = make_live(headline="Bridge opens", standfirst="It stands.")
    issue = make_issue(other, own, intro="Good **morning**.")
    issue.items.filter(article=own.article).update(headline="No ferry", text="None today.")
    mail = sent(workflow.change(issue, "ready"))
    assert mail["Subject"] == issue.subject
    for words in (html_of(mail), text_of(mail)):
        found = [words.index(part) for part in ("Good", "Bridge opens", "It stands.", "No ferry", "None today.")]
        assert found == sorted(found)
        assert "Ferry stops" not in words and "It rests." not in words
        assert settings.SITE_URL + own.path in words
    assert "Good morning." in text_of(mail)
    assert ">morning</strong>" in html_of(mail)


def test_each_subscriber_gets_their_own_links_and_all_else_alike() -> None:
    issue = made_ready(make_live())
    first, second = subscribed(issue), subscribed(issue)
    one, other = html_of(sent(issue, first)), html_of(sent(issue, second))
    own = re.compile(r"newsletter/(unsubscribe|preferences)/[^/]+/")
    assert one != other
    assert own.sub("", one) == own.sub("", other)
    assert len(own.findall(one)) == len(own.findall(text_of(sent(issue, first)))) == 2


def test_the_link_in_the_mail_and_the_one_in_the_header_end_this_subscription() -> None:
    issue = made_ready(make_live())
    subscription = subscribed(issue)
    mail = sent(issue, subscription)
    token = mail["List-Unsubscribe"].strip("<>").rstrip("/").rpartition("/")[2]
    assert leaving.subscription_of(token) == subscription
    assert f"/newsletter/unsubscribe/{token}/" in text_of(mail)


def test_a_mail_costs_no_query_and_runs_no_template(django_assert_num_queries: Any, monkeypatch: Any) -> None:
    issue = made_ready(make_live())
    subscription = subscribed(issue)
    monkeypatch.setattr(engines["django"], "get_template", None)
    with django_assert_num_queries(0):
        mailing.message(issue, subscription, message_id=ID).message().as_bytes()


def test_an_issue_that_was_not_made_ready_is_not_sent() -> None:
    issue = make_issue(make_live())
    with pytest.raises(ValueError, match="ready"):
        mailing.message(issue, subscribed(issue), message_id=ID)


def test_what_was_frozen_is_sent_though_the_article_and_the_site_are_called_otherwise_by_now() -> None:
    edition = make_live(headline="As it was")
    issue = made_ready(edition)
    type(edition).objects.filter(pk=edition.pk).update(headline="As it is")
    SiteSettings.objects.update_or_create(pk=1, defaults={"name": "Another name"})
    html = html_of(sent(issue))
    assert "As it was" in html and "As it is" not in html and "Another name" not in html


def test_laying_out_costs_the_same_queries_for_one_article_and_for_ten(django_assert_num_queries: Any) -> None:
    for count in (1, 10):
        issue = make_issue(*(make_live(lead=pictured()) for _number in range(count)))
        issue = Issue.objects.select_related("newsletter").get(pk=issue.pk)
        with django_assert_num_queries(4):
            rendering.content_of(issue)


# Headers ----------------------------------------------------------------------------------


def test_its_headers_say_what_it_is_and_how_to_leave() -> None:
    newsletter = make_newsletter(name="The week", slug="the-week", sender_address="week@news.example")
    mail = sent(made_ready(make_live(), newsletter=newsletter))
    assert mail["From"] == "The week <week@news.example>"
    assert mail["Message-ID"] == ID
    assert mail["List-Id"] == f"<the-week.{rendering.urlsplit(settings.SITE_URL).hostname}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Archive"] == f"<{settings.SITE_URL}/newsletter/the-week/>"
    assert mail["Precedence"] == "bulk"
    assert mail["Content-Language"] == "en"
    assert "Auto-Submitted" not in mail


def test_a_newsletters_own_list_id_and_sender_are_used() -> None:
    newsletter = make_newsletter(list_id="weekly.news.example", sender_name="Nora of the Post")
    mail = sent(made_ready(make_live(), newsletter=newsletter))
    assert mail["List-Id"] == "<weekly.news.example>"
    assert mail["From"].startswith("Nora of the Post <")


@pytest.mark.parametrize(
    "breaking", ["\r\nBcc: all@example.org", "\nX: 1", "\x01", "\u2028Bcc: x", "\u202e", "%0aBcc: x"]
)
def test_no_text_of_an_editor_breaks_out_of_a_header(breaking: str) -> None:
    newsletter = make_newsletter(name=f'We"ek, <x@y.example>{breaking}')
    mail = sent(made_ready(make_live(), subject=f"News{breaking}", newsletter=newsletter))
    assert mail["Bcc"] is None and mail["X"] is None
    assert mail["Subject"].startswith("News") and not set(mail["Subject"]) & set("\r\n\1\u2028\u202e")
    assert mail["From"].addresses[0].addr_spec.endswith("localhost") and len(mail["From"].addresses) == 1


def test_names_in_other_scripts_arrive_as_they_are_written() -> None:
    newsletter = make_newsletter(name="أسبوع, الميناء", language="ar")
    mail = sent(made_ready(make_live(language="ar"), subject="العبّارة عادت 🚢", newsletter=newsletter))
    assert mail["Subject"] == "العبّارة عادت 🚢"
    assert mail["From"].addresses[0].display_name == "أسبوع, الميناء"


# What cannot get into it ------------------------------------------------------------------


def test_whatever_is_typed_is_text_and_runs_nowhere() -> None:
    edition = make_live(headline=f"Article {EVIL}", standfirst=EVIL)
    issue = make_issue(edition, intro=EVIL, newsletter=make_newsletter(name="N <b>x"))
    issue.items.update(headline=EVIL, text=EVIL)
    content = workflow.change(issue, "ready").content
    assert content
    html = mailing.filled(content["html"], dict.fromkeys(rendering.PERSONAL, "https://x.example/"))
    assert "<script" not in html and "<img" not in html and "<b>" not in html
    assert "&lt;script&gt;" in html and "{{ 7|add:7 }}" in html
    text = "".join(part for part in content["text"] if isinstance(part, str))
    assert EVIL in " ".join(text.split())


def test_what_looks_like_a_personal_link_stays_what_was_typed() -> None:
    typed = "{'link': 'unsubscribe'} {{ unsubscribe }} -unsubscribe %(unsubscribe)s {unsubscribe}"
    mail = sent(made_ready(make_live(headline=typed[:190]), intro=typed))
    assert text_of(mail).count("/newsletter/unsubscribe/") == 1
    assert "{{ unsubscribe }} -unsubscribe %(unsubscribe)s {unsubscribe}" in " ".join(text_of(mail).split())


@pytest.mark.parametrize(
    ("typed", "html", "text"),
    [
        ("One\n\nTwo\nThree", "<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        ("**Bold** and *slanted*", "<p><strong>Bold</strong> and <em>slanted</em></p>", "Bold and slanted"),
        (
            "[here](https://a.example/?b=1&c=2)",
            '<p><a href="https://a.example/?b=1&amp;c=2" rel="noopener">here</a></p>',
            "here (https://a.example/?b=1&c=2)",
        ),
        (
            "[news](/latest/)",
            f'<p><a href="{settings.SITE_URL}/latest/" rel="noopener">news</a></p>',
            f"news ({settings.SITE_URL}/latest/)",
        ),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>", "[x](javascript:alert(1))"),
        ("<b onclick=x>y</b>", "<p>&lt;b onclick=x&gt;y&lt;/b&gt;</p>", "<b onclick=x>y</b>"),
        ("![x](https://evil.example/pixel.gif)", None, None),
        ("", "", ""),
    ],
)
def test_an_introduction_knows_paragraphs_lists_emphasis_and_links_and_nothing_else(
    typed: str, html: str | None, text: str | None
) -> None:
    made = re.sub(r"\n", "", intro.to_html(typed))
    assert "<img" not in made
    if html is not None:
        assert made == html
        assert intro.to_text(typed) == text


def test_no_mail_tells_who_opened_it() -> None:
    """No picture but the articles' own, no address that counts, nothing of the recipient in any but two links."""
    issue = made_ready(make_live(lead=pictured()))
    html = html_of(sent(issue, subscribed(issue, "secret.name@readers.example")))
    assert "secret.name" not in html
    assert html.count("<img") == 1
    for address in re.findall(r'(?:href|src)="([^"]+)"', html):
        assert address.startswith(settings.SITE_URL) and "?" not in address


# Pictures and looks -----------------------------------------------------------------------


def test_a_picture_is_a_whole_address_of_a_file_that_exists_with_its_size_and_alt_text() -> None:
    content = made_ready(make_live(lead=pictured(alt="A ferry at a quay", credit="Ada Lens"))).content
    assert content
    html = "".join(part for part in content["html"] if isinstance(part, str))
    tag = re.search(r"<img [^>]+>", html)
    assert tag
    assert f'src="{settings.SITE_URL}/images/ab/jpeg-1200"' in tag[0]
    assert 'width="560" height="373" alt="A ferry at a quay"' in tag[0]
    assert "Ada Lens" in html


def test_a_picture_that_may_not_be_shown_or_was_not_made_yet_is_left_out() -> None:
    denied, waiting = pictured(rights_denied="Not ours"), make_image()
    content = made_ready(make_live(lead=denied), make_live(lead=waiting)).content
    assert content and [block["image"] for block in content["blocks"]] == [None, None]


def test_a_decorative_picture_has_an_empty_alt_text() -> None:
    edition = make_live(lead=pictured(decorative=True, alt="Ornament"))
    content = made_ready(edition).content
    assert content and content["blocks"][0]["image"]["alt"] == ""


@pytest.mark.parametrize(("language", "direction", "align"), [("en", "ltr", "left"), ("ar", "rtl", "right")])
def test_it_reads_in_the_newsletters_direction_though_a_mail_program_keeps_the_body_alone(
    language: str, direction: str, align: str
) -> None:
    newsletter = make_newsletter(language=language)
    html = html_of(sent(made_ready(make_live(language=language), newsletter=newsletter)))
    body = html.partition("<body")[2]
    [outer] = re.findall(r'<table class="paper"[^>]*>', body)
    assert f'dir="{direction}"' in outer and f'lang="{language}"' in outer
    assert f"text-align: {align}" in body


def test_its_styles_stand_on_the_elements_and_dark_colours_in_the_head() -> None:
    html = html_of(sent(made_ready(make_live())))
    head, _, body = html.partition("</head>")
    assert "prefers-color-scheme: dark" in head and 'name="color-scheme"' in head
    assert re.search(r"<h2 style=", body) and re.search(r'<p class="read" style=', body)
    assert "<style" not in body and "<link" not in html


def test_its_tables_are_for_the_eye_and_its_column_is_narrow_in_outlook_too() -> None:
    html = html_of(sent(made_ready(make_live(lead=pictured(alt="A quay")))))
    assert html.count("<table") == html.count('role="presentation"') == 4  # one of them is seen by Outlook alone
    assert '<!--[if mso]><table role="presentation" width="600"' in html
    assert "position:" not in html and "flex" not in html and "float" not in html


def test_a_picture_without_words_is_no_link_for_it_could_not_be_named() -> None:
    html = html_of(sent(made_ready(make_live(lead=pictured(alt="", decorative=True)))))
    assert re.search(r'<p class="picture"[^>]*><img [^>]*alt=""', html)


@pytest.mark.parametrize(
    ("intro", "begins"),
    [
        ("Good **morning**\n\nMore", "Good morning"),
        ("- One\n- Two", "- One"),
        ("", "Ferry stops · Bridge opens"),
        ("\u202eturned " + "x" * 200, "turned " + "x" * 132 + "…"),
    ],
)
def test_beside_the_subject_stands_how_it_begins_or_what_is_in_it(intro: str, begins: str) -> None:
    issue = made_ready(make_live(headline="Ferry stops"), make_live(headline="Bridge opens"), intro=intro)
    html = html_of(sent(issue))
    found = re.search(r'<div class="preheader" style="display: none[^>]*><bdi>([^<]*)</bdi></div>', html)
    assert found and found[1] == begins
    assert html.index(found[0]) < html.index("<h1")


def test_lines_of_its_text_fit_and_addresses_stay_whole() -> None:
    edition = make_live(headline="Long " * 30, standfirst="Word " * 60, slug="a-" * 55 + "b")
    issue = made_ready(edition, intro="- " + "point " * 30)
    text = text_of(sent(issue))
    assert all(len(line) <= 72 for line in text.splitlines() if "http" not in line)
    assert f"{settings.SITE_URL}{edition.path}" in text.splitlines()
    assert "\n  point" in text  # under the words of its list


def test_an_article_in_another_language_says_so() -> None:
    html = html_of(sent(made_ready(make_live(language="ar"), newsletter=make_newsletter(language="en"))))
    assert re.search(r'<td (?=[^>]* dir="rtl")(?=[^>]* align="right")[^>]*class="block last"', html)


def test_the_links_of_a_preview_open_nothing() -> None:
    for link in nobodys_links(None).values():
        assert leaving.subscription_of(link.rstrip("/").rpartition("/")[2]) is None
