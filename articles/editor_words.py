"""The sentences that the editor's scripts say, in the user's language. What is filled in stands as %s."""

from django.utils.translation import gettext as now


def words() -> dict[str, str]:
    return _buttons() | _pictures() | _uploads() | _linked() | _beside()


def _buttons() -> dict[str, str]:
    return {
        "h2": now("Heading"),
        "h3": now("Subheading"),
        "h4": now("Small heading"),
        "figure": now("Picture"),
        "badLink": now(
            "Readers cannot follow this address. Begin it with https:// or http://, or write a path of this "
            "site such as /about/."
        ),
    }


def _pictures() -> dict[str, str]:
    """Of a picture in the text: what is shown of it, and what is told of what happens to it."""
    return {
        "caption": now("Caption"),
        "alt": now("Alt text"),
        "credit": now("Credit"),
        "named": now("Picture: %s"),
        "nameless": now("without a name"),
        "says": now("Alt text: %s"),
        "decorative": now("Decorative, without alt text."),
        "linkedOnes": now("From the library: %s."),
        "missing": now("This picture is no longer in the library. Remove it or choose another."),
        "noAlt": now("No alt text: say in “Alt text” what the picture shows."),
        "lacksAlt": now("no alt text"),
        "isDecorative": now("decorative"),
        "selected": now(
            "%s – Enter opens its words, Alt with the up or down arrow moves it, Delete removes it, "
            "Escape goes back to the text."
        ),
        "inserted": now("Put into the text: %s"),
        "removed": now("The picture was removed from the text. Undo brings it back."),
        "replaced": now("Another picture stands there now: %s"),
        "movedUp": now("Moved up."),
        "movedDown": now("Moved down."),
        "isFirst": now("It stands at the top of the text already."),
        "isLast": now("It stands at the end of the text already."),
    }


def _uploads() -> dict[str, str]:
    return {
        "failed": now("The server did not answer. Look at your connection and try again."),
        "signedOut": now("You are signed out. Sign in again, then choose the file once more."),
        "forbidden": now("You may not add pictures to the library. Ask the picture desk, or choose one that is there."),
        "tooLarge": now("The file is larger than the server takes. Save it smaller and try again."),
        "uploading": now("Uploading %s…"),
        "uploaded": now("%s is in the library now."),
        "known": now("%s was in the library before. That picture is used."),
        "chosen": now("Choose “%s”"),
        "fromLibrary": now("Choose from the library"),
        "another": now("Choose another picture"),
        "manyChosen": now("Chosen: %s"),
    }


def _linked() -> dict[str, str]:
    """A word that comes from the library until the article has its own."""
    return {
        "linked": now("From the library: %s"),
        "librarySays": now("The library says: %s"),
        "same": now("The library says the same."),
        "libraryLacks": now("The library has none."),
        "makeOwn": now("Change it for this article"),
        "useLibrary": now("Use the library’s again"),
        "ownCaption": now("This article’s own, written under the picture."),
    }


def _beside() -> dict[str, str]:
    """Of the lead image and the gallery."""
    return {
        "isLead": now("Lead image"),
        "inGallery": now("Picture %s of the gallery"),
        "empty": now("no picture chosen"),
        "addLead": now("Choose the lead image"),
        "addGallery": now("Add pictures to the gallery"),
        "addByName": now("Add a picture by its name"),
        "moveUp": now("Move up"),
        "moveDown": now("Move down"),
        "makeLead": now("Make it the lead image"),
        "makeGallery": now("Move to the gallery"),
        "remove": now("Remove"),
        "keep": now("Keep it"),
        "drag": now("Drag to another place"),
        "goes": now("It is removed when you save."),
        "nowAt": now("%s is number %s of %s now."),
        "nowLead": now("%s is the lead image now."),
        "nowInGallery": now("%s is in the gallery now."),
        "nowRemoved": now("%s is removed when you save. “Keep it” brings it back."),
        "nowKept": now("%s stays."),
        "added": now("%s was added."),
        "steppedBack": now("%s was the lead image and is the first of the gallery now."),
    }
