"""Forms of other sites are refused, ours and plain clients are let in."""

from django.http import HttpResponse
from django.test import RequestFactory
from pytest import mark

from newsroom.lib.sameorigin import same_origin


@same_origin
def view(request):
    return HttpResponse("done")


def ask(method="post", **headers):
    request = RequestFactory().generic(method.upper(), "/", headers=headers, HTTP_HOST="localhost:8000")
    return view(request)


@mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "https://localhost:8000"},
    ],
)
def test_forms_of_this_site_and_plain_clients_are_let_in(headers):
    assert ask(**headers).content == b"done"


@mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8000"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "http://localhost:8000.evil.example"},
        {"Origin": "http://localhost:8000@evil.example"},
        {"Origin": "http://["},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
def test_forms_of_other_sites_are_refused_with_a_sentence(headers):
    response = ask(**headers)
    assert response.status_code == 403
    assert "another website" in response.text


def test_reading_is_never_refused():
    assert ask("get", **{"Sec-Fetch-Site": "cross-site"}).status_code == 200
    assert ask("head", Origin="https://evil.example").status_code == 200


def test_the_address_in_the_settings_is_this_site_too(settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://news.example"]
    assert ask(Origin="https://news.example").status_code == 200


def test_no_csrf_token_is_asked_for():
    assert view.csrf_exempt
