"""Comments from WordPress and Disqus: each once, in their threads and order, and a sentence for what is left out."""

import json
import os
import tracemalloc
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from articles.factories import make_live
from articles.models import Address, Article, Edition
from comments import moderation, policy, privacy
from comments.importers import words
from comments.importers.items import Said
from comments.importers.running import Order, Report, run
from comments.importers.writing import parents_first
from comments.models import Comment, Commenter, Lesson, ModerationAction
from comments.states import State
from newsroom.lib import clock
from newsroom.models import User

pytestmark = pytest.mark.django_db

WXR = """<?xml version="1.0"?>
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><wp:base_blog_url>https://old.example</wp:base_blog_url>
<item><title>Rain</title><link>https://old.example/2020/01/rain/</link><wp:post_id>7</wp:post_id>
<wp:post_type>post</wp:post_type>{}</item></channel></rss>"""
SITE = "wordpress:old.example"
DISQUS = """<?xml version="1.0"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="2"><link>https://old.example/2020/01/rain/?utm=1</link><title>Rain</title></thread>{}</disqus>"""


def wp(number: int, content: str = "Well said.", **fields: Any) -> str:
    said = {
        "id": number, "author": "Rosa", "author_email": "rosa@example.org", "author_IP": "203.0.113.9",
        "date_gmt": f"2020-01-02 10:{number % 60:02}:00", "content": content, "approved": 1, "type": "", "parent": 0,
    } | fields  # fmt: skip
    tags = "".join(f"<wp:comment_{name}><![CDATA[{value}]]></wp:comment_{name}>" for name, value in said.items())
    return f"<wp:comment>{tags}</wp:comment>"


def post(number: int, message: str = "<p>Well said.</p>", parent: int = 0, thread: int = 2, **fields: Any) -> str:
    said = {"createdAt": f"2020-01-02T10:{number % 60:02}:00Z", "isDeleted": "false", "isSpam": "false"} | fields
    tags = "".join(f"<{name}>{value}</{name}>" for name, value in said.items())
    above = f'<parent dsq:id="{parent}"/>' if parent else ""
    author = "<author><name>Rosa</name><email>rosa@example.org</email></author>"
    return (
        f'<post dsq:id="{number}"><message><![CDATA[{message}]]></message>{author}{tags}'
        f'<thread dsq:id="{thread}"/>{above}</post>'
    )


@pytest.fixture
def edition() -> Edition:
    """An article that came from the same WordPress site."""
    edition = make_live()
    Article.objects.filter(pk=edition.article_id).update(import_source="wordpress:old.example", import_id="7")
    return edition


@pytest.fixture
def bring(tmp_path: Path) -> Any:
    """Import a file with these comments."""

    def bring(*comments: str, base: str = WXR, **order: Any) -> Report:
        file = tmp_path / "export.xml"
        file.write_text(base.format("".join(comments)), encoding="utf-8")
        return run(Order(file, **order))

    return bring


def of(number: int) -> Comment:
    return Comment.objects.get(source=f"wordpress:old.example:{number}")


# What comes in ------------------------------------------------------------------------------


def test_a_comment_comes_in_with_its_words_its_name_and_its_date(edition: Edition, bring: Any) -> None:
    report = bring(wp(5, "Well said,\n\nRosa &amp; all"))
    comment = of(5)
    assert (comment.article_id, comment.display_name, comment.body) == (
        edition.article_id, "Rosa", "Well said,\n\nRosa & all",
    )  # fmt: skip
    assert comment.created_at == comment.published_at == datetime(2020, 1, 2, 10, 5, tzinfo=UTC)
    assert (report.exit_status, report.sentences) == (0, [])


@pytest.mark.parametrize(
    "approved, state", [("1", State.PUBLISHED), ("0", State.PENDING), ("spam", State.SPAM), ("trash", State.REJECTED)]
)
def test_it_comes_in_in_the_state_that_it_had_there(approved: str, state: State, edition: Edition, bring: Any) -> None:
    bring(wp(5, approved=approved))
    assert of(5).state == state


def test_what_was_decided_there_is_logged_once_as_a_rule_s(
    edition: Edition, bring: Any, erik: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        bring(wp(5, approved="spam"))
    action = ModerationAction.objects.get()
    assert (action.decision, action.rule, action.automated, action.by) == ("import", "import", True, None)
    assert not Lesson.objects.exists()
    with pytest.raises(moderation.Refused):
        moderation.undo(of(5), by=erik, expected=of(5).versions)


def test_numbers_are_given_in_the_order_of_dates_behind_those_that_are_there(edition: Edition, bring: Any) -> None:
    bring(wp(3, date_gmt="2020-03-01 10:00:00"), wp(1), wp(4, approved="0"), wp(2))
    assert [of(number).number for number in (1, 2, 3, 4)] == [1, 2, 3, None]
    bring(wp(9, date_gmt="2019-01-01 00:00:00"))
    assert of(9).number == 4


def test_replies_stand_under_what_they_answer_however_the_dates_are(edition: Edition, bring: Any) -> None:
    report = bring(wp(1, parent=2), wp(2, date_gmt="2021-01-01 00:00:00"))
    assert of(1).parent == of(2) == of(1).root
    assert report.sentences == []


@pytest.mark.parametrize("parent", ["²", "9" * 5000])
def test_a_parent_that_is_no_number_is_none(parent: str, edition: Edition, bring: Any) -> None:
    assert bring(wp(1, parent=parent)).exit_status == 0
    assert Comment.objects.get().parent is None


def test_threads_are_capped_where_ours_are(edition: Edition, bring: Any) -> None:
    bring(*(wp(number, parent=number - 1) for number in range(1, 31)))
    assert [of(number).depth for number in (1, 2, 5, 6, 30)] == [0, 1, 4, 4, 4]
    assert of(30).parent == of(29)
    assert of(30).root == of(1)


def test_a_reply_to_what_is_not_there_stands_by_itself_and_is_told(edition: Edition, bring: Any) -> None:
    report = bring(wp(1, parent=99), wp(2, approved="spam"), wp(3, parent=2))
    assert of(1).parent is None
    assert of(3).parent is None
    assert report.sentences == [
        f"Comment {SITE}:1 answers {SITE}:99, which is not there: it stands by itself.",
        f"Comment {SITE}:3 answers {SITE}:2, which readers do not see: it stands by itself.",
    ]
    assert report.exit_status == 0


def test_replies_in_a_circle_are_kept() -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    circle = [Said(str(n), "t", at, State.PUBLISHED, parent=str((n + 1) % 3)) for n in range(3)]
    assert {said.source for said in parents_first(circle)} == {"0", "1", "2"}


def test_pingbacks_are_left_out_and_counted(edition: Edition, bring: Any) -> None:
    report = bring(wp(1), wp(2, type="pingback"), wp(3, type="trackback"))
    assert Comment.objects.count() == 1
    assert report.totals()["left out, pingback"] == report.totals()["left out, trackback"] == 1
    assert report.exit_status == 0


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"approved": "odd"}, "Comment 1 is in a state that is not known here: “odd”."),
        ({"type": "review"}, "Number 1 is no comment but of the kind “review”."),
        ({"date_gmt": "never"}, "Comment 1 has no number or date that can be read."),
        ({"content": "<br>"}, "Comment wordpress:old.example:1 has no words, or far too many for one."),
        ({"content": "x" * 60_000}, "Comment wordpress:old.example:1 has no words, or far too many for one."),
    ],
)
def test_what_cannot_be_kept_is_told_in_a_sentence(
    fields: dict[str, str], sentence: str, edition: Edition, bring: Any
) -> None:
    report = bring(wp(1, **fields))
    assert report.sentences == [sentence]
    assert report.exit_status == 1
    assert not Comment.objects.exists()


def test_comments_on_an_article_that_was_not_imported_are_told_together(bring: Any) -> None:
    report = bring(wp(1), wp(2))
    sentence = "No article is known for “Rain”: its 2 comments were left out. Import the articles first."
    assert report.sentences == [sentence]
    assert report.exit_status == 1


def test_an_article_is_found_by_an_address_that_it_had(bring: Any) -> None:
    edition = make_live()
    Address.objects.create(article=edition.article, path="/2020/01/rain/", made_at=clock.now())
    bring(wp(1))
    bring(post(1), base=DISQUS)
    assert set(Comment.objects.values_list("article", flat=True)) == {edition.article_id}
    assert Comment.objects.count() == 2


# Again, and what happened meanwhile ------------------------------------------------------------


def test_importing_again_changes_nothing_and_adds_what_is_new(edition: Edition, bring: Any) -> None:
    bring(wp(1), wp(2, parent=1))
    before = list(Comment.objects.order_by("pk").values())
    report = bring(wp(1, "Other words"), wp(2, parent=1), wp(3, parent=2))
    assert list(Comment.objects.order_by("pk").values())[:2] == before
    assert (report.before, report.kept.total()) == (2, 1)
    assert of(3).parent == of(2)


def test_what_was_erased_here_does_not_come_back(edition: Edition, bring: Any) -> None:
    bring(wp(1))
    privacy.erase("rosa@example.org")
    bring(wp(1))
    assert Comment.objects.get().state == State.ERASED
    assert not Commenter.objects.filter(email="rosa@example.org").exists()


def test_a_rehearsal_says_the_same_and_writes_nothing(edition: Edition, bring: Any) -> None:
    comments = [wp(1), wp(2, parent=1), wp(3, parent=77)]
    rehearsed = bring(*comments, rehearse=True)
    assert not Comment.objects.exists()
    assert not Commenter.objects.exists()
    report = bring(*comments)
    assert (rehearsed.totals(), rehearsed.sentences) == (report.totals(), report.sentences)


# People -----------------------------------------------------------------------------------


def test_an_address_is_kept_unconfirmed_and_earns_nothing(edition: Edition, bring: Any) -> None:
    bring(wp(1), wp(2, author_email="ROSA@example.org"), wp(3, author_email="no address"))
    commenter = Commenter.objects.get()
    assert (commenter.verified_at, commenter.wants_outcome, commenter.wants_replies) == (None, False, False)
    assert of(1).commenter == of(2).commenter == commenter
    assert of(3).commenter is None
    assert policy.trust_in(commenter.pk) == 0


def test_its_owner_can_take_it_along(edition: Edition, bring: Any) -> None:
    bring(wp(1))
    assert privacy.export("rosa@example.org")["comments"][0]["imported_from"] == "wordpress:old.example:1"


def test_addresses_can_be_left_out(edition: Edition, bring: Any) -> None:
    bring(wp(1), addresses=False)
    assert not Commenter.objects.exists()
    assert of(1).display_name == "Rosa"


def test_nobody_is_mailed_about_what_was_said_elsewhere(edition: Edition, bring: Any) -> None:
    Commenter.objects.create(email="rosa@example.org", verified_at=clock.now(), wants_outcome=True, wants_replies=True)
    bring(wp(1), wp(2, approved="spam"), wp(3, approved="trash"), wp(4, approved="0"), wp(5, parent=1))
    assert not Comment.objects.exclude(tell_at=None).exists()
    assert not Comment.objects.filter(announced_at=None).exists()


@pytest.mark.parametrize("days, network", [(29, "203.0.113.0/24"), (31, "")])
def test_networks_are_shortened_and_those_of_long_ago_left_out(
    days: int, network: str, edition: Edition, bring: Any
) -> None:
    at = clock.now() - timedelta(days=days)
    bring(wp(1, date_gmt=f"{at:%Y-%m-%d %H:%M:%S}"))
    assert (of(1).address_prefix, bool(of(1).address_hmac)) == (network, bool(network))


def test_readers_see_what_was_published_at_once(
    edition: Edition, bring: Any, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    client.get(edition.path)
    with django_capture_on_commit_callbacks(execute=True):
        bring(wp(1, "Seen by all"), wp(2, "Not yet", approved="0"), wp(3, "Never", approved="spam"))
    page = client.get(edition.path).content.decode()
    assert "Seen by all" in page
    assert "Not yet" not in page
    assert "Never" not in page


# Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html, plain",
    [
        ("one\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("<p>one</p>\n\n\n<p>two<br />three</p>", "one\n\ntwo\n\nthree".replace("two\n\nthree", "two\nthree")),
        ("a <b>bold</b> &lt;word&gt;", "a bold <word>"),
        ('see <a href="https://a.example/x">this</a>', "see this (https://a.example/x)"),
        ('see <a href="https://a.example/">https://a.example</a>', "see https://a.example"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ('<a href="data:text/html,x">click</a>', "click"),
        ("<script>alert(1)</script>safe", "safe"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("\u202eevil\u0000", "evil"),
    ],
)
def test_html_becomes_plain_text(html: str, plain: str) -> None:
    assert words.plain(html) == plain


def test_nothing_of_an_export_runs_on_our_pages(edition: Edition, bring: Any, client: Client) -> None:
    bring(wp(1, "&lt;img src=x onerror=alert(1)&gt;", author="<script>alert(2)</script>"))
    page = client.get(edition.path).content.decode()
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


# Disqus -----------------------------------------------------------------------------------


@pytest.fixture
def old_address(edition: Edition) -> Edition:
    Address.objects.create(article=edition.article, path="/2020/01/rain/", made_at=clock.now())
    return edition


def test_disqus_comments_come_in_by_the_link_of_their_thread(old_address: Edition, bring: Any) -> None:
    report = bring(
        post(5, parent=4), post(4), post(6, isSpam="true"), post(7, isApproved="false"), post(8, isDeleted="true"),
        base=DISQUS,
    )  # fmt: skip
    states = dict(Comment.objects.values_list("source", "state"))
    assert states == {
        "disqus:4": State.PUBLISHED, "disqus:5": State.PUBLISHED, "disqus:6": State.SPAM, "disqus:7": State.PENDING,
    }  # fmt: skip
    assert Comment.objects.get(source="disqus:5").parent == Comment.objects.get(source="disqus:4")
    assert report.sentences == ["Comment 8 was deleted there."]
    assert report.exit_status == 0


def test_threads_that_stand_behind_their_comments_are_found(old_address: Edition, bring: Any) -> None:
    thread = '<thread dsq:id="3"><link>https://old.example/2020/01/rain/</link></thread>'
    bring(post(5, thread=3) + thread, base=DISQUS)
    assert Comment.objects.get().article_id == old_address.article_id


def test_a_comment_of_a_thread_that_is_not_there_is_told(old_address: Edition, bring: Any) -> None:
    report = bring(post(5, thread=1337), base=DISQUS)
    assert report.sentences == [
        "No article is known for “disqus:thread:1337”: its comment was left out. Import the articles first."
    ]


# Damage and attacks -----------------------------------------------------------------------------


@pytest.mark.parametrize("base", [WXR, DISQUS])
@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) * 2 // 3],
        lambda text: text.replace("</", "<", 1),
        lambda text: "",
        lambda text: "\x00\x01\x02",
        lambda text: "<html></html>",
        lambda text: '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + text.split("?>")[1],
        lambda text: '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + text.split("?>")[1],
    ],
)
def test_a_damaged_file_ends_with_one_sentence(base: str, damage: Any, edition: Edition, tmp_path: Path) -> None:
    comment = wp(1) if base == WXR else post(1)
    file = tmp_path / "export.xml"
    file.write_text(damage(base.format(comment * 20)), encoding="utf-8")
    report = run(Order(file, format="wordpress" if base == WXR else "disqus"))
    broken = [sentence for sentence in report.sentences if "export.xml" in sentence]
    assert len(broken) == 1
    assert broken[0].endswith(".")
    assert report.exit_status == 1


def test_memory_does_not_grow_with_the_export(edition: Edition, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        file = tmp_path / f"{count}.xml"
        with file.open("w", encoding="utf-8") as opened:
            head, tail = DISQUS.split("{}")
            opened.write(head)
            for number in range(count):
                opened.write(post(number + 1, "x" * 2000, thread=number + 10))
            opened.write(tail)
        tracemalloc.start()
        run(Order(file))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(50)
    assert peak(1000) < peak(200) + 2_000_000


# The command ------------------------------------------------------------------------------------


def command(*args: Any) -> str:
    out = StringIO()
    call_command("import_comments", *args, stdout=out)
    return out.getvalue()


def test_the_command_reports_as_text_and_as_json(edition: Edition, tmp_path: Path) -> None:
    file = tmp_path / "export.xml"
    file.write_text(WXR.format(wp(1) + wp(2, approved="0")), encoding="utf-8")
    data = json.loads(command(file, "--dry-run", "--json"))
    assert data["dry_run"]
    assert data["totals"]["imported"] == 2
    said = command(file)
    assert "imported: 2" in said
    assert "imported, pending: 1" in said
    assert "here before: 2" in command(tmp_path)


def test_what_is_left_out_makes_the_command_fail_and_wrong_use_fails_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "export.xml"
    file.write_text(WXR.format(wp(1)), encoding="utf-8")
    with pytest.raises(SystemExit) as left_out:
        command(file)
    assert left_out.value.code == 1
    (tmp_path / "empty").mkdir()
    for wrong in (tmp_path / "nothing.xml", tmp_path / "empty"):
        with pytest.raises(CommandError) as error:
            command(wrong)
        assert error.value.returncode == 2


# Real exports -------------------------------------------------------------------------------


@pytest.fixture
def data() -> Path:
    if not (folder := os.environ.get("NEWSROOM_TEST_DATA")):
        pytest.skip("NEWSROOM_TEST_DATA is not set: the exports are not part of this project.")
    return Path(folder)


def test_real_wordpress_exports_come_in_with_their_threads(data: Path) -> None:
    file = data / "import-wordpress/theme-test-data/themeunittestdata.wordpress.xml"
    with pytest.raises(SystemExit):  # pictures are not at hand
        call_command("import_articles", file, stdout=StringIO())
    report = run(Order(file))
    assert report.skipped.keys() <= {"pingback", "trackback", "article"}
    assert report.kept.total() >= 20
    assert Comment.objects.exclude(parent=None).exists()
    again = run(Order(file))
    assert (again.before, again.kept.total()) == (report.kept.total(), 0)


def test_every_real_export_of_comments_ends_with_a_report(data: Path) -> None:
    article = make_live().article
    Address.objects.create(article=article, path="/blog/2013/02/12/redacted/index.html", made_at=clock.now())
    report = run(Order(data / "import-other/disqus-isso/disqus.xml"))
    assert Comment.objects.get().source == "disqus:8"
    assert any("was deleted there" in sentence for sentence in report.sentences)
    for file in sorted((data / "import-wordpress").rglob("*.xml")):
        assert all(sentence.endswith(".") for sentence in run(Order(file)).sentences), file
