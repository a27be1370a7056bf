"""A newsletter to begin with, and the words of its notice.

A fresh site offers none until an administrator makes one; the demo calls `newsletter()`.
"""

from datetime import time

from newsroom.models import SiteSettings
from subscribers import notices
from subscribers.models import Newsletter
from subscribers.states import Rhythm

SLUG = "the-week"

NAME = "The week in the newsroom"
DESCRIPTION = "Every Friday: what we reported, and what it means."

# Who, what for, how long, how to leave (GDPR, article 13). Kept here and not among the translations,
# since somebody agrees to exactly these words.
NOTICES = {
    "en": (
        "{site} uses your address only to send you this newsletter. You agree to this by the link that we mail to "
        "you first. We keep the address until you unsubscribe, which you can do at any time by the link in every "
        "mail, and delete it 30 days later. After that we keep proof that you had agreed, in a form that does not show "
        "your address. We do not pass your address on, and we do not record what you open or click."
    ),
    "de": (
        "{site} verwendet Ihre Adresse nur, um Ihnen diesen Newsletter zu senden. Sie willigen durch den Link ein, "
        "den wir Ihnen zuerst schicken. Wir speichern die Adresse, bis Sie sich abmelden; das können Sie jederzeit "
        "mit dem Link in jeder Mail. 30 Tage später löschen wir sie. Danach bewahren wir den Nachweis Ihrer "
        "Einwilligung in einer Form auf, die Ihre Adresse nicht zeigt. Wir geben Ihre Adresse nicht weiter und "
        "zeichnen nicht auf, was Sie öffnen oder anklicken."
    ),
    "ar": (
        "تستخدم {site} عنوانك فقط لإرسال هذه النشرة إليك. توافق على ذلك عبر الرابط الذي نرسله إليك أولاً. نحتفظ "
        "بالعنوان إلى أن تلغي اشتراكك، ويمكنك ذلك في أي وقت عبر الرابط الموجود في كل رسالة، ثم نحذفه بعد 30 يوماً. "
        "بعد ذلك نحتفظ بما يثبت موافقتك بصيغة لا تُظهر عنوانك. لا نعطي عنوانك لأحد، ولا نسجّل ما تفتحه أو تنقر عليه."
    ),
}


def notice(language: str) -> str:
    """The words to begin with in `language`, with the site's name; the English ones where there are no others."""
    return NOTICES.get(language, NOTICES["en"]).format(site=SiteSettings.current().name)


def newsletter(*, name: str = NAME, slug: str = SLUG, description: str = DESCRIPTION, **fields: object) -> Newsletter:
    """The newsletter of this slug with a notice in each language, made where it is not there yet."""
    fields = {"rhythm": Rhythm.WEEKLY, "weekday": 5, "send_at": time(7), **fields}
    found, new = Newsletter.objects.get_or_create(
        slug=slug, defaults={"name": name, "description": description, **fields}
    )
    if new:
        for language in NOTICES:
            notices.write(found, notice(language), language=language)
    return found
