"""The sentences that the scripts of the article's form say."""

from django.utils.translation import gettext


def words() -> dict[str, str]:
    """By name; what is filled in by the scripts stands in braces."""
    return {
        # How far what was typed is safe
        "kept": gettext("What you type is kept. It is not saved yet."),
        "alone": gettext(
            "Kept on this device only since {time}: the server does not answer. Go on, and leave this page open."
        ),
        "aloneSignedOut": gettext("Kept on this device only since {time}: you are signed out."),
        "aloneRefused": gettext("Kept on this device only since {time}."),
        "nowhere": gettext(
            "Nothing you type is kept now: neither this browser nor the server takes it. Copy your text."
        ),
        "noJournal": gettext("What you type is kept by the server alone: this browser keeps nothing for this site."),
        "back": gettext("What you typed has reached the server again. It is not saved yet."),
        "saving": gettext("Saving…"),
        "notSent": gettext(
            "Nothing was sent: the server does not answer. What you typed is kept on this device. "
            "Try to save again in a moment."
        ),
        # What was typed before
        "here": gettext("You typed this at {time} and did not save it."),
        "open": gettext("You typed this at {time} in another window, which is still open, and did not save it."),
        "elsewhere": gettext("You typed this at {time} on another device and did not save it."),
        "older": gettext("The article was saved since. If you restore this, both texts are compared when you save."),
        "restored": gettext("What you typed is in the form again. Look at it, then save."),
        "setAside": gettext("What stood in the form before is kept, and offered above."),
        "discarded": gettext("It was discarded."),
        "notDiscarded": gettext("It was not discarded: the server does not answer. Try again in a moment."),
        "nothing": gettext("empty"),
        # Signing in again
        "wrongUser": gettext(
            "{name} is signed in here now. This text is yours: sign in as yourself, and they are signed out."
        ),
        "noAnswer": gettext("The server does not answer. Try again in a moment."),
        "notSignedIn": gettext("This did not work. Look at your password, and try again."),
    }
