"""Issues in the admin: composed, previewed, tried out and let go, by whoever may and by nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.core import mail
from django.urls import reverse

from articles import publishing
from articles.factories import make_article, make_live, make_section
from newsroom.models import User
from newsroom.testing import client_of
from subscribers import consent, leaving
from subscribers.factories import make_issue, make_newsletter, make_sent, make_subscriber
from subscribers.issues import workflow
from subscribers.models import Delivery, Issue, Newsletter
from subscribers.states import IssueState, SuppressionReason

pytestmark = pytest.mark.django_db

ADD = "/admin/subscribers/issue/add/"
LIST = "/admin/subscribers/issue/"
BERLIN = ZoneInfo("Europe/Berlin")
EVIL = '"><script>alert(1)</script>'


def page_of(issue: Issue, page: str = "change", *args: str) -> str:
    return reverse(f"admin:subscribers_issue_{page}", args=[issue.pk, *args])


def form_of(issue: Issue, *rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What the form sends for an issue whose stored rows are the first of `rows`."""
    initial = issue.items.count()
    data = {
        "subject": issue.subject,
        "key": issue.key,
        "intro": issue.intro,
        "seen": f"{issue.state}.{issue.version}",
        "items-TOTAL_FORMS": len(rows),
        "items-INITIAL_FORMS": initial,
        "_save": "Save",
        **fields,
    }
    for number, row in enumerate(rows):
        for name, value in {"headline": "", "text": "", "position": number, "issue": issue.pk, **row}.items():
            data[f"items-{number}-{name}"] = value
    return data


def fresh(issue: Issue) -> Issue:
    return Issue.objects.select_related("newsletter").get(pk=issue.pk)


def stored(issue: Issue) -> list[dict[str, Any]]:
    return [{"id": item.pk, "article": item.article_id, "position": item.position} for item in issue.items.all()]


def told(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


# Composing --------------------------------------------------------------------------------


def test_an_issue_is_begun_with_its_newsletter_and_its_key_is_made_of_the_subject(nora: User) -> None:
    newsletter = make_newsletter()
    response = client_of(nora).post(ADD, {"newsletter": newsletter.pk, "subject": "Spring is here", "key": ""})
    issue = Issue.objects.get()
    assert response.headers["Location"] == page_of(issue)
    assert (issue.key, issue.owner, issue.state) == ("spring-is-here", nora, IssueState.DRAFT)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("feed", "is an address of the site"),
        ("Unsubscribe", "is an address of the site"),
        ("a/b", "Enter a valid “slug”"),
        ("taken", "Another issue of this newsletter has this key"),
        ("2026-05-04", "A day alone is the key of a digest"),
    ],
)
def test_a_key_that_is_reserved_taken_or_no_slug_is_refused(nora: User, key: str, sentence: str) -> None:
    newsletter = make_newsletter()
    make_issue(newsletter=newsletter, key="taken")
    response = client_of(nora).post(ADD, {"newsletter": newsletter.pk, "subject": "S", "key": key})
    assert sentence in response.content.decode()
    assert Issue.objects.count() == 1


def test_a_subject_without_latin_letters_asks_for_a_key(nora: User) -> None:
    response = client_of(nora).post(ADD, {"newsletter": make_newsletter().pk, "subject": "العبّارة", "key": ""})
    assert "Write a key of small Latin letters" in response.content.decode()


def test_articles_are_added_put_in_order_told_in_own_words_and_removed(nora: User) -> None:
    one, two, three = make_live(), make_live(), make_live()
    issue = make_issue(one, two)
    rows = stored(issue)
    rows = [rows[0] | {"position": 1}, rows[1] | {"DELETE": "on"}]
    rows.append({"article": three.article_id, "position": 0, "headline": "Own", "text": "Words"})
    response = client_of(nora).post(page_of(issue), form_of(issue, *rows, intro="Hello"), follow=True)
    assert "The draft is saved." in told(response)
    assert [(i.article_id, i.headline, i.text) for i in issue.items.all()] == [
        (three.article_id, "Own", "Words"),
        (one.article_id, "", ""),
    ]
    saved = fresh(issue)
    assert (saved.intro, saved.version) == ("Hello", 1)
    assert [event.verb for event in saved.events.all()] == ["compose"]


def test_an_article_that_readers_cannot_see_is_not_taken_in_and_not_named(nora: User) -> None:
    draft = make_article(headline="Secret plans")
    issue = make_issue()
    response = client_of(nora).post(page_of(issue), form_of(issue, {"article": draft.pk}))
    page = response.content.decode()
    assert "Readers cannot see this article now." in page and "Secret plans" not in page
    assert not issue.items.exists()


def test_an_article_stands_in_an_issue_once(nora: User) -> None:
    edition = make_live()
    issue = make_issue(edition)
    form = form_of(issue, *stored(issue), {"article": edition.article_id})
    assert client_of(nora).post(page_of(issue), form).status_code == 200
    assert issue.items.count() == 1


@pytest.mark.parametrize("damage", ["x", "", "99999999999999999999999", "-1", "0"])
def test_a_damaged_form_changes_nothing_and_breaks_nothing(nora: User, damage: str) -> None:
    issue = make_issue()
    response = client_of(nora).post(page_of(issue), form_of(issue, {"article": damage, "headline": "x"}))
    assert response.status_code == 200
    assert not issue.items.exists()


def test_of_two_who_write_at_once_the_second_is_told_and_overwrites_nothing(nora: User, root: User) -> None:
    issue = make_issue(subject="As it was")
    form = form_of(issue)
    client_of(root).post(page_of(issue), form | {"subject": "By the first"})
    response = client_of(nora).post(page_of(issue), form | {"subject": "By the second"})
    page = response.content.decode()
    assert "Root was faster: “Composed”, just now." in page
    assert "By the second" in page  # what was typed is still there
    assert fresh(issue).subject == "By the first"


def test_what_was_typed_is_shown_again_to_who_saves_in_the_same_moment(nora: User, monkeypatch: Any) -> None:
    issue = make_issue(make_live(), subject="As it was")
    form = form_of(issue, *stored(issue), subject="By the second")
    real, calls = admin.ModelAdmin.changeform_view, iter([True])

    def too_late(*args: Any, **kwargs: Any) -> Any:
        if next(calls, False):
            workflow.change(workflow.change(issue, "ready"), "edit")
            raise workflow.Stale(issue)
        return real(*args, **kwargs)

    monkeypatch.setattr(admin.ModelAdmin, "changeform_view", too_late)
    page = client_of(nora).post(page_of(issue), form).content.decode()
    assert "was faster" in page
    assert "By the second" in page
    assert fresh(issue).subject == "As it was"


def test_what_was_made_ready_meanwhile_is_not_written_into(nora: User) -> None:
    issue = make_issue(make_live())
    form = form_of(issue, *stored(issue), subject="Too late")
    workflow.change(issue, "ready")
    response = client_of(nora).post(page_of(issue), form, follow=True)
    assert response.redirect_chain == [(page_of(issue), 302)]
    assert "Load the issue again to see how it stands now; nothing of yours was saved over it." in told(response)
    assert fresh(issue).subject == issue.subject


def test_the_key_of_a_digest_says_its_day_and_stays(nora: User) -> None:
    now = datetime.now(tz=UTC)
    issue = make_issue(make_live(), key="2026-05-04", period_from=now - timedelta(days=1), period_until=now)
    client_of(nora).post(page_of(issue), form_of(issue, *stored(issue), key="another", subject="New"))
    assert (fresh(issue).key, fresh(issue).subject) == ("2026-05-04", "New")


def test_what_is_typed_is_shown_as_text(nora: User) -> None:
    edition = make_live(headline=f"A{EVIL}")
    issue = make_issue(edition, subject=f"S{EVIL}", intro=f"I{EVIL}")
    issue.items.update(headline=f"H{EVIL}", text=f"T{EVIL}")
    client = client_of(nora)
    pages = [LIST, page_of(issue), page_of(issue, "preview"), page_of(issue, "preview_html")]
    workflow.change(issue, "ready")
    pages += [page_of(issue), page_of(issue, "preview"), page_of(issue, "transition", "schedule")]
    for page in pages:
        assert "<script>alert" not in client.get(page).content.decode()


def test_warnings_are_told_beside_the_form(nora: User) -> None:
    newsletter = make_newsletter()
    told_before = make_live(headline="Ferry stops")
    make_sent(told_before, newsletter=newsletter, subject="Last week")
    make_issue(told_before, newsletter=newsletter, subject="Next week")
    issue = make_issue(
        told_before, make_live(headline="Bridge", language="de"), newsletter=newsletter, subject="S" * 90
    )
    page = client_of(nora).get(page_of(issue)).content.decode()
    for sentence in (
        "The subject has 90 letters.",
        "Nobody gets this newsletter yet",
        "“Ferry stops” stands in the issue “Last week” of this newsletter already.",
        "“Ferry stops” stands in the draft “Next week” of this newsletter as well.",
        "“Ferry stops” comes without a picture",
        "“Bridge” is in another language",
    ):
        assert sentence in page


def test_an_article_that_was_withdrawn_is_named_as_standing_in_the_way(nora: User) -> None:
    edition = make_live(headline="Ferry stops")
    issue = make_issue(edition)
    publishing.withdraw(edition.article, by=None, notice="Wrong", reason="error")
    page = client_of(nora).get(page_of(issue)).content.decode()
    assert "Readers cannot see “Ferry stops” now. Remove it, or ask its desk to publish it again." in page


def test_a_mail_that_gmail_would_cut_off_is_warned_of(nora: User) -> None:
    issue = make_issue(*(make_live(standfirst="Long. " * 1500) for _number in range(12)))
    said = "kB. Gmail shows about 100 kB of it"
    assert said in client_of(nora).get(page_of(issue, "preview")).content.decode()
    workflow.change(issue, "ready")
    assert said in client_of(nora).get(page_of(issue)).content.decode()


def test_an_article_published_anew_since_it_was_made_ready_is_pointed_out(nora: User) -> None:
    edition = make_live(headline="Ferry stops")
    issue = workflow.change(make_issue(edition), "ready")
    assert issue.content
    issue.content["blocks"][0]["edition"] = 0
    Issue.objects.filter(pk=issue.pk).update(content=issue.content)
    assert "“Ferry stops” was published anew since." in client_of(nora).get(page_of(issue)).content.decode()


# The picker -------------------------------------------------------------------------------


def found(user: User, newsletter: Newsletter, words: str = "", **query: Any) -> list[str]:
    address = reverse("admin:subscribers_issue_articles")
    answer = client_of(user).get(address, {"newsletter": newsletter.pk, "q": words, **query}).json()
    return [row["headline"] for row in answer["articles"]]


def test_the_picker_finds_what_readers_can_see_by_all_words_and_the_newest_without_any(nora: User) -> None:
    newsletter = make_newsletter()
    now = datetime.now(tz=UTC)
    make_live(headline="Ferry in the harbour", published_at=now - timedelta(days=2))
    make_live(headline="Harbour: a new ferry", published_at=now - timedelta(days=1))
    make_live(headline="A bridge", kicker="Harbour")
    make_live(headline="Die Fähre im Harbour", language="de")
    make_article(headline="Ferry draft of the harbour")
    withdrawn = make_live(headline="Ferry, withdrawn from the harbour")
    publishing.withdraw(withdrawn.article, by=None, notice="Wrong", reason="error")
    assert sorted(found(nora, newsletter, "ferry HARBOUR")) == ["Ferry in the harbour", "Harbour: a new ferry"]
    assert found(nora, newsletter, "brid") == ["A bridge"]
    assert found(nora, newsletter) == ["A bridge", "Harbour: a new ferry", "Ferry in the harbour"]
    assert found(nora, newsletter, "nothing like it") == []
    assert found(nora, newsletter, "%") == found(nora, newsletter, "x " * 500) == []


def test_the_picker_says_what_stood_in_an_issue_before(nora: User) -> None:
    newsletter, edition = make_newsletter(), make_live()
    draft = make_issue(edition, newsletter=newsletter)
    address = reverse("admin:subscribers_issue_articles")
    for said in ("stands in another draft", "stood in an issue before"):
        [row] = client_of(nora).get(address, {"newsletter": newsletter.pk, "q": ""}).json()["articles"]
        assert row["told"] == said
        Issue.objects.filter(pk=draft.pk).update(state=IssueState.SENT, content_hash="x")


def test_the_picker_costs_the_same_for_one_article_and_for_twenty(
    nora: User, django_assert_max_num_queries: Any
) -> None:
    newsletter, client = make_newsletter(), client_of(nora)
    for _number in range(22):
        make_live(section=make_section())
    with django_assert_max_num_queries(8):
        answer = client.get(reverse("admin:subscribers_issue_articles"), {"newsletter": newsletter.pk})
    assert len(answer.json()["articles"]) == 20


@pytest.mark.parametrize("query", [{}, {"newsletter": "x"}, {"newsletter": "0"}, {"newsletter": "1" * 18}])
def test_the_picker_needs_a_newsletter(nora: User, query: dict[str, str]) -> None:
    answer = client_of(nora).get(reverse("admin:subscribers_issue_articles"), query)
    assert answer.json()["articles"] == []


# Who --------------------------------------------------------------------------------------


def test_whoever_is_no_newsletter_editor_meets_nothing_of_it(alice: User, charlie: User, mallory: User) -> None:
    issue = make_issue(make_live())
    pages = [
        LIST,
        ADD,
        page_of(issue),
        page_of(issue, "preview"),
        page_of(issue, "preview_html"),
        page_of(issue, "test"),
        page_of(issue, "transition", "cancel"),
        reverse("admin:subscribers_issue_articles"),
    ]
    for outsider in (alice, charlie, mallory):
        client = client_of(outsider)
        for page in pages:
            assert client.get(page).status_code == 403, page
            assert client.post(page, {}).status_code == 403, page
    assert fresh(issue).state == IssueState.DRAFT


def test_an_issue_is_not_deleted_but_cancelled(nora: User, root: User) -> None:
    issue = make_issue()
    for user in (nora, root):
        assert client_of(user).post(page_of(issue, "delete"), {"post": "yes"}).status_code == 403


# Transitions ------------------------------------------------------------------------------


def test_save_and_make_ready_freezes_what_was_typed(nora: User) -> None:
    issue = make_issue(make_live(), subject="As it was")
    form = form_of(issue, *stored(issue), subject="As typed", _ready="1")
    response = client_of(nora).post(page_of(issue), form, follow=True)
    assert "It is ready" in told(response)
    ready = fresh(issue)
    assert ready.content and ready.content["subject"] == "As typed"


def test_what_stands_in_the_way_of_making_it_ready_is_told_and_the_draft_is_saved(nora: User) -> None:
    issue = make_issue()
    response = client_of(nora).post(page_of(issue), form_of(issue, subject="Kept", _ready="1"), follow=True)
    assert "The issue is empty." in told(response)
    assert (fresh(issue).state, fresh(issue).subject) == (IssueState.DRAFT, "Kept")


def test_an_issue_is_scheduled_edited_again_and_cancelled_by_hand(nora: User) -> None:
    issue = workflow.change(make_issue(make_live()), "ready")
    client = client_of(nora)
    nora.time_zone = "Europe/Berlin"
    nora.save()
    tomorrow = datetime.now(tz=BERLIN) + timedelta(days=1)
    asked = {"seen": f"ready.{issue.version}", "starts_at": f"{tomorrow:%Y-%m-%d}T07:00"}
    response = client.post(page_of(issue, "transition", "schedule"), asked, follow=True)
    assert "It is scheduled" in told(response)
    starts = fresh(issue).starts_at
    assert starts and starts.astimezone(BERLIN) == tomorrow.replace(hour=7, minute=0, second=0, microsecond=0)
    response = client.post(page_of(issue, "transition", "edit"), {}, follow=True)
    assert "It is a draft again" in told(response)
    client.post(page_of(issue, "transition", "cancel"), {"note": "Not this week"})
    event = fresh(issue).events.first()
    assert event and (fresh(issue).state, event.note, event.by) == (IssueState.CANCELLED, "Not this week", nora)


def test_a_time_that_clocks_leave_out_is_refused_in_a_sentence(nora: User) -> None:
    issue = workflow.change(make_issue(make_live()), "ready")
    nora.time_zone = "Europe/Berlin"
    nora.save()
    page = client_of(nora).post(page_of(issue, "transition", "schedule"), {"starts_at": "2027-03-28T02:30"})
    assert "the clocks are put forward" in page.content.decode()
    assert fresh(issue).state == IssueState.READY


def test_looking_at_a_transition_changes_nothing(nora: User) -> None:
    issue = workflow.change(make_issue(make_live()), "ready")
    for name in ("schedule", "send_now", "edit", "cancel"):
        assert client_of(nora).get(page_of(issue, "transition", name)).status_code == 200
    assert fresh(issue).version == issue.version


def test_whoever_acts_on_what_a_colleague_has_changed_is_told(nora: User, root: User) -> None:
    issue = workflow.change(make_issue(make_live()), "ready")
    seen = {"seen": f"ready.{issue.version}"}
    workflow.change(issue, "cancel", by=root)
    response = client_of(nora).post(page_of(issue, "transition", "send_now"), seen, follow=True)
    assert "Root was faster: “Cancel”" in told(response)
    assert fresh(issue).state == IssueState.CANCELLED


def test_what_is_not_possible_now_is_said_and_the_sites_own_transitions_are_refused(nora: User) -> None:
    issue = make_issue(make_live())
    response = client_of(nora).get(page_of(issue, "transition", "schedule"), follow=True)
    assert "“Schedule” is not possible now: the issue is “draft”." in told(response)
    assert client_of(nora).post(page_of(issue, "transition", "materialise")).status_code == 403
    assert client_of(nora).post(page_of(issue, "transition", "nonsense")).status_code == 404


# Preview and test mail --------------------------------------------------------------------


def test_a_preview_is_the_mail_as_that_subscriber_gets_it_with_links_that_open_nothing(nora: User) -> None:
    issue = make_issue(make_live(headline="Ferry stops"))
    reader = make_subscriber("ingrid@readers.example", issue.newsletter, language="de")
    page = client_of(nora).get(page_of(issue, "preview"), {"as": "Ingrid@readers.example"}).content.decode()
    assert "ingrid@readers.example" in page and "Ferry stops" in page
    assert "/de/newsletter/unsubscribe/preview/" in page
    token = reader.subscriptions.get()
    assert leaving.subscription_of("preview") is None and token.state == "active"


def test_a_preview_shows_names_and_not_how_they_are_written_in_a_header(nora: User) -> None:
    issue = make_issue(make_live(), newsletter=make_newsletter(name="أخبار الميناء"))
    page = client_of(nora).get(page_of(issue, "preview")).content.decode()
    assert "أخبار الميناء &lt;" in page and "=?utf-8?" not in page


def test_a_failed_issue_that_may_not_be_sent_any_more_says_that_cancelling_is_left(nora: User) -> None:
    edition = make_live(headline="Ferry stops")
    issue = workflow.change(make_issue(edition), "ready")
    Issue.objects.filter(pk=issue.pk).update(state=IssueState.FAILED)
    publishing.withdraw(edition.article, by=None, notice="Wrong", reason="error")
    page = client_of(nora).post(page_of(issue, "transition", "retry"), {}).content.decode()
    assert "when this is sent. Nothing more of this issue can be sent: choose “Cancel”." in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("nobody@example.org", "No subscriber of this newsletter"), ("nonsense", "not a complete email address")],
)
def test_a_preview_as_somebody_else_says_what_is_wrong(nora: User, typed: str, sentence: str) -> None:
    issue = make_issue(make_live())
    make_subscriber("nobody@example.org", make_newsletter())
    assert sentence in client_of(nora).get(page_of(issue, "preview"), {"as": typed}).content.decode()


def test_the_frame_of_a_preview_runs_nothing_and_belongs_to_nobody(nora: User) -> None:
    issue = make_issue(make_live())
    response = client_of(nora).get(page_of(issue, "preview_html"))
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy and "sandbox" in policy and "allow-scripts" not in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    page = client_of(nora).get(page_of(issue, "preview")).content.decode()
    assert page.count('sandbox="allow-popups') == 2


def test_a_template_error_is_a_sentence_in_the_preview(nora: User, monkeypatch: Any) -> None:
    def broken(*args: Any) -> str:
        raise ValueError("Template")

    issue = make_issue(make_live())
    monkeypatch.setattr("subscribers.issues.rendering.render_to_string", broken)
    for page in ("preview", "preview_html"):
        assert "cannot be laid out" in client_of(nora).get(page_of(issue, page)).content.decode()


def test_a_test_mail_goes_to_oneself_or_another_marked_and_is_no_delivery(nora: User) -> None:
    issue = make_issue(make_live(), subject="Spring")
    make_subscriber("", issue.newsletter)
    client = client_of(nora)
    client.post(page_of(issue, "test"), {"address": ""})
    response = client.post(page_of(issue, "test"), {"address": "colleague@newsroom.example"}, follow=True)
    assert "on its way to colleague@newsroom.example" in told(response)
    assert [sent.to for sent in mail.outbox] == [[nora.email], ["colleague@newsroom.example"]]
    for sent in mail.outbox:
        assert sent.subject == "[Test] Spring"
        assert "List-Unsubscribe" not in sent.extra_headers
        assert "/newsletter/unsubscribe/preview/" in sent.body
    assert not Delivery.objects.exists()
    assert [(event.verb, event.to_state) for event in issue.events.all()] == [("test", "draft")] * 2


def test_test_mails_are_few_in_an_hour(nora: User) -> None:
    issue, client = make_issue(make_live()), client_of(nora)
    for _number in range(20):
        client.post(page_of(issue, "test"), {})
    response = client.post(page_of(issue, "test"), {}, follow=True)
    assert "You have sent many test mails." in told(response)
    assert len(mail.outbox) == 20


@pytest.mark.parametrize("address", ["nonsense", "a@b.example, c@d.example", "a@b.example\nBcc: x@y.example"])
def test_a_test_mail_goes_to_one_address_alone(nora: User, address: str) -> None:
    issue = make_issue(make_live())
    client_of(nora).post(page_of(issue, "test"), {"address": address})
    assert mail.outbox == []


def test_whoever_is_suppressed_gets_no_test_mail_either(nora: User) -> None:
    issue = make_issue(make_live())
    consent.suppress("gone@readers.example", reason=SuppressionReason.COMPLAINED)
    response = client_of(nora).post(page_of(issue, "test"), {"address": "gone@readers.example"}, follow=True)
    assert "asked not to be mailed" in told(response)
    assert mail.outbox == []


def test_a_mail_server_that_refuses_is_told_of(nora: User, monkeypatch: Any) -> None:
    def refuse(*args: Any, **kwargs: Any) -> int:
        raise ConnectionRefusedError("Connection refused")

    issue = make_issue(make_live())
    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    response = client_of(nora).post(page_of(issue, "test"), {}, follow=True)
    assert "It said: “ConnectionRefusedError: Connection refused”." in told(response)
    assert not issue.events.exists()


def test_looking_at_the_address_of_a_test_mail_sends_none(nora: User) -> None:
    issue = make_issue(make_live())
    client_of(nora).get(page_of(issue, "test"))
    assert mail.outbox == []


# The list ---------------------------------------------------------------------------------


def test_the_list_costs_the_same_for_one_issue_and_for_many(nora: User, django_assert_max_num_queries: Any) -> None:
    client = client_of(nora)
    for _number in range(12):
        workflow.change(make_issue(make_live(), owner=nora), "ready")
    client.get(LIST)
    with django_assert_max_num_queries(8):
        page = client.get(LIST).content.decode()
    assert page.count('class="tag tag-ready"') == 12


def test_the_first_page_names_what_is_on_its_way_what_stands_still_first(nora: User, alice: User) -> None:
    for state in ("sent", "paused", "scheduled", "cancelled"):
        issue = workflow.change(make_issue(make_live(), subject=f"The {state} one"), "ready")
        Issue.objects.filter(pk=issue.pk).update(state=state)
    make_issue(subject="The drafted one")
    page = client_of(nora).get("/admin/").content.decode()
    found = [page.index(f"The {state} one") for state in ("paused", "drafted", "scheduled")]
    assert found == sorted(found)
    assert "The sent one" not in page and "The cancelled one" not in page
    assert "Issues on their way" not in client_of(alice).get("/admin/").content.decode()
