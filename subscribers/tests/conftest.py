"""What the tests of newsletters share."""

from pytest import fixture

from subscribers.factories import make_newsletter


@fixture
def newsletter(db):
    return make_newsletter(name="The Week", slug="week")


@fixture
def subscribe(client, newsletter, django_capture_on_commit_callbacks):
    """Send the form, and let the jobs run."""

    def send(email="reader@example.org", **options):
        data = {"email": email, "consent": newsletter.consent_texts.latest("pk").pk, "page": "/2026/05/04/flood/"}
        data |= options.pop("data", {})
        address = options.pop("address", "/newsletter/")
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, data, **options)

    return send


@fixture
def press(client, django_capture_on_commit_callbacks):
    """Press the button of a page, and let the jobs run."""

    def send(address, data=None, **options):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, data or {}, **options)

    return send
