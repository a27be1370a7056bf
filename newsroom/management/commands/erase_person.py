"""manage.py erase_person: forget the holder of an address, in all rooms of the newsroom."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from newsroom import privacy

# What is said of tables of which more is to be said than how many rows there were.
SENTENCES = {
    "comments.comments": lambda n: ngettext(
        "%(n)d comment was erased. Its place stays where others have answered it.",
        "%(n)d comments were erased. Their places stay where others have answered them.",
        n,
    ),
    "newsroom.accounts": lambda n: ngettext(
        "%(n)d account was emptied and closed. Nobody can sign in with it any more.",
        "%(n)d accounts were emptied and closed. Nobody can sign in with them any more.",
        n,
    ),
    "articles.autosaves": lambda n: ngettext(
        "%(n)d text that was typed and never saved was deleted.",
        "%(n)d texts that were typed and never saved were deleted.",
        n,
    ),
    "articles.authors": lambda n: ngettext(
        "%(n)d credit was taken off its account. It stays on what was published; edit the author to change it.",
        "%(n)d credits were taken off their accounts. They stay on what was published; edit the authors to change it.",
        n,
    ),
}


class Command(BaseCommand):
    help = (
        "Erases what the newsroom keeps about the holder of an email address: comments, reports, subscriptions, and "
        "the account with that address, which is emptied. Make sure first that it is their own wish. "
        "It cannot be taken back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="The email address.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        with override("en"):
            self._erase(options["address"], rehearsal=options["dry_run"])

    def _erase(self, address: str, *, rehearsal: bool) -> None:
        try:
            erasure = privacy.rehearse(address) if rehearsal else privacy.erase(address)
        except privacy.Refused as refused:
            raise CommandError(str(refused)) from refused
        for sentence in _sentences(erasure):
            self.stdout.write(sentence)
        if rehearsal:
            self.stdout.write(_("This was a rehearsal: nothing was changed."))


def _sentences(erasure: privacy.Erasure) -> Iterator[str]:
    if not erasure.done:
        yield _("Nothing was kept about this address.")
    for table, number in erasure.done.items():
        sentence = SENTENCES.get(table, _rows)(number)
        yield sentence % {"n": number, "table": table}
    for table, number in erasure.kept.items():
        yield _kept(number) % {"n": number, "table": table}
    if erasure.done:
        yield _(
            "Proof of consent, “never mail” and bans in force know the address as a digest only and stay. "
            "Backups, and mails that were kept as files, are yours to see to."
        )


def _rows(number: int) -> str:
    return ngettext(
        "%(n)d row of %(table)s was erased or emptied.", "%(n)d rows of %(table)s were erased or emptied.", number
    )


def _kept(number: int) -> str:
    return ngettext(
        "%(n)d row of %(table)s stays as the record of what was done, and names the empty account.",
        "%(n)d rows of %(table)s stay as the record of what was done, and name the empty account.",
        number,
    )
