"""The form on every page."""

from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from pytest import fixture

from subscribers import defaults
from subscribers.factories import make_newsletter, make_notice
from subscribers.models import Newsletter


@fixture
def form(db):
    """The tag on a page, rendered."""

    def render(path="/2026/05/04/flood/", times=1, **context):
        words = {"request": RequestFactory().get(path), **context}
        return Template("{% load subscribers_tags %}" + "{% newsletter_form %}" * times).render(Context(words)).strip()

    return render


def test_a_fresh_site_shows_no_form(form):
    assert form() == ""


def test_the_page_of_a_site_without_newsletters_says_so(client, db):
    assert "There is no newsletter at present." in client.get("/newsletter/").text


def test_a_newsletter_without_a_notice_is_not_offered(form):
    make_newsletter(notice="")
    assert form() == ""


def test_the_form_holds_the_notice_its_version_the_page_and_no_token(form, newsletter):
    html = form()
    assert "We keep your address until you unsubscribe." in html
    assert f'name="consent" value="{newsletter.consent_texts.get().pk}"' in html
    assert 'name="page" value="/2026/05/04/flood/"' in html
    assert "csrf" not in html


def test_the_form_costs_one_query_however_many_newsletters_and_versions_there_are(form, django_assert_num_queries):
    for _ in range(3):
        newsletter = make_newsletter()
        for n in range(3):
            make_notice(newsletter, f"Wording {n}.")
    with django_assert_num_queries(1):
        assert form().count('type="checkbox"') == 3


def test_only_the_newest_wording_is_shown(form, newsletter):
    make_notice(newsletter, "Newer words.")
    html = form()
    assert "Newer words." in html
    assert "until you unsubscribe" not in html


def test_the_notice_is_in_the_language_of_the_page_where_there_is_one(form, newsletter):
    make_notice(newsletter, "Auf Deutsch.", language="de")
    with translation.override("de"):
        assert "Auf Deutsch." in form()
    with translation.override("ar"):
        assert '<div lang="en" dir="auto"><p>We keep' in form()


def test_a_wording_shared_by_several_newsletters_is_shown_once(form):
    make_newsletter("The same words.")
    make_newsletter("The same words.")
    assert form().count("The same words.") == 1


def test_notices_that_differ_name_their_newsletters(form):
    make_newsletter("These words.", name="Morning")
    make_newsletter("Those words.", name="Evening")
    html = " ".join(form().split())
    assert '<p><bdi>Morning</bdi>:</p> <div lang="en" dir="auto"><p>These words.' in html


def test_addresses_in_a_notice_become_links_and_markup_stays_text(form, newsletter):
    make_notice(newsletter, "See https://example.org/privacy and <b>us</b>.")
    html = form()
    assert '<a href="https://example.org/privacy"' in html
    assert "&lt;b&gt;us&lt;/b&gt;" in html


def test_a_page_shows_the_form_once_and_some_pages_do_not(form, newsletter):
    assert form(times=2).count("<form") == 1
    assert form(newsletter_form=False) == ""


def test_a_change_of_the_words_makes_kept_pages_stale(client, newsletter, django_capture_on_commit_callbacks):
    assert "until you unsubscribe" in client.get("/newsletter/").text
    with django_capture_on_commit_callbacks(execute=True):
        make_notice(newsletter, "Newer words.")
    assert "Newer words." in client.get("/newsletter/").text


def test_the_default_newsletter_is_made_once_with_a_notice_in_each_language(form):
    assert defaults.newsletter() == defaults.newsletter()
    assert Newsletter.objects.count() == 1
    assert "The Newsroom uses your address only" in form()
    with translation.override("ar"):
        assert 'lang="ar"' in form()
