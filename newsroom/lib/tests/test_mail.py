"""A mail is one name, three templates, one language; nothing typed can reach its headers."""

from django.core import mail as outbox
from django.db import transaction
from pytest import fixture, mark, raises

from newsroom.lib import mail

TEMPLATES = {
    "emails/hello-subject.txt": "Hello\n {{ name }}",
    "emails/hello-body.txt": "Dear {{ name }},\n\n{% now 'F' %} {{ language }} {{ site_url }}",
    "emails/hello-body.html": '<p dir="{{ direction }}">{{ name }}</p>',
}


@fixture(autouse=True)
def templates(settings):
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)]},
        }
    ]


@fixture
def post(django_capture_on_commit_callbacks):
    """Send a mail and commit."""

    def send(name="<Ann & Bob>", to="ann@example.org", language="en", **rest):
        with django_capture_on_commit_callbacks(execute=True):
            mail.send("hello", to, {"name": name}, language, **rest)
        return outbox.outbox[-1]

    return send


@mark.django_db
def test_text_stays_as_it_is_and_html_is_escaped(post):
    message = post()
    html, _type = message.alternatives[0]
    assert message.to == ["ann@example.org"]
    assert message.subject == "Hello <Ann & Bob>"
    assert "Dear <Ann & Bob>," in message.body
    assert html == '<p dir="ltr">&lt;Ann &amp; Bob&gt;</p>'


@mark.django_db
def test_a_mail_is_written_in_the_language_asked_for(post):
    message = post(language="ar")
    assert 'dir="rtl"' in message.alternatives[0][0]
    assert " ar " in message.body


@mark.django_db
@mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\0"])
def test_the_subject_stays_one_line_whatever_is_in_it(post, break_):
    message = post(name=f"Ann{break_}Bcc: victim@example.org")
    raw = message.message().as_bytes()
    assert len(message.subject.splitlines()) == 1
    assert b"\nBcc:" not in raw.partition(b"\n\n")[0]


@mark.django_db
@mark.parametrize(
    "to",
    [
        "",
        "ann",
        "ann@example.org, bob@example.org",
        "ann@example.org;bob@example.org",
        "ann@example.org\nBcc: bob@example.org",
        "ann@example.org\r",
        "ann@example.org\u2028bob",
        "Ann <ann@example.org>",
        "ann@example.org@example.net",
        "ann@exa\0mple.org",
    ],
)
def test_a_mail_goes_to_exactly_one_address(post, to):
    with raises(ValueError):
        post(to=to)
    assert outbox.outbox == []


@mark.django_db
@mark.parametrize("text", ["x\r\nBcc: a@example.org", "x\ny", "x\u2028y", "x\0"])
def test_a_header_of_several_lines_is_refused(post, text):
    with raises(ValueError):
        post(headers={"List-Id": text})


@mark.django_db
def test_headers_are_added_and_the_message_is_known_by_an_id_of_its_own(post):
    message = post(headers={"List-Id": "<news.example.org>"})
    headers = message.message()
    assert headers["List-Id"] == "<news.example.org>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].endswith("@localhost>")


@mark.django_db(transaction=True)
def test_nothing_is_sent_when_the_transaction_is_rolled_back():
    with raises(ZeroDivisionError), transaction.atomic():
        mail.send("hello", "ann@example.org", {}, "en")
        raise ZeroDivisionError
    assert outbox.outbox == []


@mark.django_db
def test_a_mail_server_that_is_down_is_tried_again_later(settings, post):
    task = mail.deliver.s("a@example.org", "s", "t", "h", {})
    assert task.retries == 12
    assert 24 * 3600 < sum(30 * 2**n for n in range(task.retries)) < 48 * 3600
