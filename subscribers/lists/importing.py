"""A list from elsewhere, taken in: nobody is revived by it who has left, complained or was erased.

Rows are judged and written a few hundred at a time, each lot in a transaction of its own: an import that is
stopped is simply begun again, and finds what is in already.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.lib import clock
from newsroom.lib.emails import Email, parse
from newsroom.models import User, validate_zone
from subscribers import leaving, proofs
from subscribers.leaving import LEAVABLE
from subscribers.lists import tables
from subscribers.lists.columns import Claim, Columns, Standing, Unknown
from subscribers.lists.tables import Unreadable
from subscribers.models import ConsentEvent, Import, Newsletter, Subscriber, Subscription, Suppression
from subscribers.states import ConsentKind, SubscriptionState, SuppressionReason

AT_ONCE = 500

REASONS = {
    Standing.BOUNCED: SuppressionReason.BOUNCED,
    Standing.BLOCKED: SuppressionReason.IMPORTED,
    Standing.COMPLAINED: SuppressionReason.COMPLAINED,
}
ENDED = (ConsentKind.WITHDRAWN, ConsentKind.COMPLAINED)


class Verdict(TextChoices):
    """What became of one line."""

    SUBSCRIBED = "subscribed", gettext_lazy("subscribed")
    PRESENT = "present", gettext_lazy("already there")
    UNSUBSCRIBED = "unsubscribed", gettext_lazy("unsubscribed")
    SUPPRESSED = "suppressed", gettext_lazy("suppressed")
    UNCONFIRMED = "unconfirmed", gettext_lazy("never confirmed")
    DOUBLE = "double", gettext_lazy("double")
    ELSEWHERE = "elsewhere", gettext_lazy("of another newsletter")
    INVALID = "invalid", gettext_lazy("invalid")


# What is as the list says it: nothing was left out.
TAKEN = (Verdict.SUBSCRIBED, Verdict.PRESENT)


@dataclass(frozen=True)
class Finding:
    """One line of the report, and why, in one sentence."""

    line: int
    email: str
    verdict: Verdict
    sentence: str


@dataclass
class _Entry:
    """A claim about an address, and what became of it."""

    claim: Claim
    email: Email
    verdict: Verdict = Verdict.SUBSCRIBED
    sentence: str = ""

    def end(self, verdict: Verdict, sentence: str) -> None:
        self.verdict, self.sentence = verdict, sentence

    def finding(self) -> Finding:
        return Finding(self.claim.line, self.email.typed, self.verdict, self.sentence)


def take_in(
    file: BinaryIO, newsletter: Newsletter, *, source: Import | None = None, by: User | None = None, dry_run: bool
) -> Iterator[Finding]:
    """Import a seekable file into `newsletter`, and say of each line what becomes of it, in the order of the file.

    Consent is recorded as claimed by `source`. A dry run says the same and writes nothing. Memory does not
    grow with the file. Raises Unreadable at once where it is no list; where it is broken further down, that
    is the last finding.
    """
    rows = tables.read(file)
    first = next(rows, None)
    if first is None:
        raise Unreadable(_("This file is empty. Choose another one."))
    columns = Columns(first)
    lot = _Lot(newsletter, source, by, dry_run)
    if columns.headless:
        rows = _before(first, rows)
    return _findings(_readable(rows), columns, lot)


def _before(first: tables.Row, others: Iterable[tables.Row]) -> Iterator[tables.Row]:
    yield first
    yield from others


def _readable(rows: Iterator[tables.Row]) -> Iterator[tables.Row | Finding]:
    try:
        yield from rows
    except Unreadable as error:
        yield Finding(0, "", Verdict.INVALID, str(error))


def _findings(rows: Iterator["tables.Row | Finding"], columns: Columns, lot: "_Lot") -> Iterator[Finding]:
    with closing(_Seen()) as seen:
        for row in rows:
            found = row if isinstance(row, Finding) else _entry(row, columns, lot.newsletter)
            if isinstance(found, _Entry):
                double, stricter = seen.add(found)
                if stricter:
                    yield from lot.close()  # what the earlier line did is there to be changed
                elif double:
                    sentence = _("This address stands in line %(line)d already.") % {"line": double}
                    found = Finding(found.claim.line, found.email.typed, Verdict.DOUBLE, sentence)
            lot.entries.append(found)
            if len(lot.entries) >= AT_ONCE:
                yield from lot.close()
        yield from lot.close()


def _entry(row: tables.Row, columns: Columns, newsletter: Newsletter) -> _Entry | Finding:
    """What is to be done about a row, or why nothing can be."""
    try:
        claim = columns.claim(row)
    except Unknown as error:
        return Finding(row.line, " ".join(row.cells)[:80], Verdict.INVALID, str(error))
    if claim.newsletter and claim.newsletter != newsletter.slug:
        sentence = _("This line is of the newsletter “%(slug)s”. Import it there.") % {"slug": claim.newsletter[:80]}
        return Finding(claim.line, claim.email, Verdict.ELSEWHERE, sentence)
    try:
        email = parse(claim.email)
    except ValidationError as error:
        return Finding(claim.line, claim.email[:254], Verdict.INVALID, error.messages[0])
    if claim.standing == Standing.PENDING:
        sentence = _("Its owner never confirmed it, so nobody may write to it.")
        return Finding(claim.line, email.typed, Verdict.UNCONFIRMED, sentence)
    return _Entry(claim, email)


class _Seen:
    """The addresses met so far, in a file of its own: a million of them do not fit into the promise of memory."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)  # gone when it is closed
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("PRAGMA journal_mode=OFF")
        self._file.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, line INTEGER, standing INTEGER) WITHOUT ROWID")

    def close(self) -> None:
        self._file.close()

    def add(self, entry: _Entry) -> tuple[int, bool]:
        """The line of the same address before (0: none), and whether this one says something stricter of it."""
        key = hashlib.blake2b(entry.email.norm.encode(), digest_size=16).digest()
        values = [key, entry.claim.line, entry.claim.standing]
        if self._file.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", values).rowcount:
            return 0, False
        line, standing = self._file.execute("SELECT line, standing FROM seen WHERE key = ?", [key]).fetchone()
        stricter = entry.claim.standing > max(standing, Standing.PAUSED)
        if stricter:
            self._file.execute("UPDATE seen SET standing = ? WHERE key = ?", [entry.claim.standing, key])
        return line, stricter


@dataclass
class _Lot:
    """The entries that are judged by a handful of queries, and written by another."""

    newsletter: Newsletter
    source: Import | None
    by: User | None
    dry_run: bool
    entries: list[_Entry | Finding] = field(default_factory=list)

    def close(self) -> list[Finding]:
        """Judge and write what has gathered, and begin anew."""
        mine = [entry for entry in self.entries if isinstance(entry, _Entry)]
        if mine:
            with transaction.atomic():
                self._settle(mine)
        findings = [entry.finding() if isinstance(entry, _Entry) else entry for entry in self.entries]
        self.entries = []
        return findings

    def _settle(self, entries: list[_Entry]) -> None:
        if not self.dry_run:  # one import of a newsletter at a time: the other one finds what this one has written
            Newsletter.objects.select_for_update(no_key=True).get(pk=self.newsletter.pk)
        norms = [entry.email.norm for entry in entries]
        hmacs = {hmac: norm for norm in norms for hmac in proofs.hmacs(norm)}
        here, barred = self._subscriptions(norms), self._barred(hmacs)
        last, confirmed, mine = self._history(hmacs)
        new: list[_Entry] = []
        leaves: list[_Entry] = []
        bars: list[_Entry] = []
        for entry in entries:
            norm, standing = entry.email.norm, entry.claim.standing
            row, at = here.get(norm), entry.claim.at
            left = last.get(norm) in ENDED
            gets = row is not None and row.state in LEAVABLE
            if gets and standing >= Standing.UNSUBSCRIBED and at and norm in confirmed and confirmed[norm] > at:
                entry.end(Verdict.PRESENT, _("Its owner subscribed here after that day, and stays subscribed."))
            elif standing in REASONS:
                bars.append(entry)
                entry.end(Verdict.SUPPRESSED, _("As the list says, it is not written to from now on."))
            elif standing == Standing.UNSUBSCRIBED:
                self._judge_unsubscribed(entry, row, norm in barred, left, new, leaves)
            elif gets and norm in mine:
                entry.end(Verdict.SUBSCRIBED, _("It is subscribed, with the consent that you claim."))
            else:
                self._judge_active(entry, row, barred.get(norm), left, new)
        if not self.dry_run:
            complaints = [entry for entry in bars if entry.claim.standing == Standing.COMPLAINED]
            fresh = [entry for entry in complaints if last.get(entry.email.norm) != ConsentKind.COMPLAINED]
            self._write(new, leaves, bars, fresh, here)

    def _judge_active(
        self, entry: _Entry, row: Subscription | None, reason: str | None, left: bool, new: list[_Entry]
    ) -> None:
        if reason is not None:
            words = SuppressionReason(reason).label
            entry.end(Verdict.SUPPRESSED, _("It must not be written to (%(reason)s).") % {"reason": words})
        elif row is not None and row.state in LEAVABLE:
            entry.end(Verdict.PRESENT, _("It gets this newsletter already."))
        elif row is not None or left:
            entry.end(Verdict.UNSUBSCRIBED, _("Its owner has left this newsletter here, and only they can come back."))
        else:
            entry.end(Verdict.SUBSCRIBED, _("It is subscribed, with the consent that you claim."))
            new.append(entry)

    def _judge_unsubscribed(
        self,
        entry: _Entry,
        row: Subscription | None,
        barred: bool,
        left: bool,
        new: list[_Entry],
        leaves: list[_Entry],
    ) -> None:
        if row is not None and row.state in LEAVABLE:
            leaves.append(entry)
            entry.end(Verdict.UNSUBSCRIBED, _("As the list says, it is unsubscribed here now, too."))
        elif row is not None or left or barred:
            entry.end(Verdict.UNSUBSCRIBED, _("It does not get this newsletter here either, and that stays so."))
        else:
            new.append(entry)
            entry.end(Verdict.UNSUBSCRIBED, _("As the list says, it is noted as unsubscribed and not written to."))

    # What is known ------------------------------------------------------------------------------

    def _subscriptions(self, norms: list[str]) -> dict[str, Subscription]:
        rows = Subscription.objects.filter(newsletter=self.newsletter, subscriber__email_norm__in=norms)
        return {row.subscriber.email_norm: row for row in rows.select_related("subscriber", "newsletter")}

    def _barred(self, hmacs: dict[str, str]) -> dict[str, str]:
        """Addresses that must not be written to, and why."""
        scope = Q(newsletter=None) | Q(newsletter=self.newsletter)
        rows = Suppression.objects.filter(scope, email_hmac__in=list(hmacs)).values_list("email_hmac", "reason")
        return {hmacs[hmac]: reason for hmac, reason in rows}

    def _history(self, hmacs: dict[str, str]) -> tuple[dict[str, str], dict[str, datetime], set[str]]:
        """What each address did last with this newsletter, also where it is forgotten since.

        And when each last confirmed it by their own hand, and those that this import took in before it was stopped.
        """
        kinds = (*ENDED, ConsentKind.CONFIRMED, ConsentKind.IMPORTED)
        events = ConsentEvent.objects.filter(email_hmac__in=list(hmacs), newsletter=self.newsletter, kind__in=kinds)
        last: dict[str, str] = {}
        confirmed: dict[str, datetime] = {}
        mine: set[str] = set()
        for hmac, kind, at, source in events.order_by("at", "pk").values_list("email_hmac", "kind", "at", "imported"):
            last[hmacs[hmac]] = kind
            if kind == ConsentKind.CONFIRMED:
                confirmed[hmacs[hmac]] = at
            if kind == ConsentKind.IMPORTED and self.source and source == self.source.pk:
                mine.add(hmacs[hmac])
        return last, confirmed, mine

    # What is written ----------------------------------------------------------------------------

    def _write(
        self,
        new: list[_Entry],
        leaves: list[_Entry],
        bars: list[_Entry],
        complaints: list[_Entry],
        here: dict[str, Subscription],
    ) -> None:
        now = clock.now()
        self._add(new, now)
        for entry in (*leaves, *complaints):
            if entry.email.norm in here:
                leaving.leave(here[entry.email.norm], way="import", by=self.by)
        self._record(complaints, now, ConsentKind.COMPLAINED)
        self._suppress(bars, now)

    def _add(self, entries: list[_Entry], now: datetime) -> None:
        """Subscribers and subscriptions. Whoever has come by another way meanwhile is left as they are."""
        people = [
            Subscriber(
                email=entry.email.typed,
                email_norm=entry.email.norm,
                language=_language(entry.claim, self.newsletter),
                time_zone=_zone(entry.claim.time_zone),
                created_at=now,
            )
            for entry in entries
        ]
        Subscriber.objects.bulk_create(people, ignore_conflicts=True)
        found = Subscriber.objects.filter(email_norm__in=[entry.email.norm for entry in entries])
        keys = dict(found.values_list("email_norm", "pk"))
        rows = [self._subscription(entry, keys[entry.email.norm], now) for entry in entries]
        Subscription.objects.bulk_create(rows, ignore_conflicts=True)
        self._record([entry for entry in entries if entry.verdict == Verdict.SUBSCRIBED], now, ConsentKind.IMPORTED)
        self._record([entry for entry in entries if entry.verdict != Verdict.SUBSCRIBED], now, ConsentKind.WITHDRAWN)

    def _subscription(self, entry: _Entry, subscriber: int, now: datetime) -> Subscription:
        state, until = SubscriptionState.ACTIVE, None
        if entry.verdict == Verdict.UNSUBSCRIBED:
            state = SubscriptionState.UNSUBSCRIBED
        elif entry.claim.standing == Standing.PAUSED:
            state, until = SubscriptionState.PAUSED, entry.claim.paused_until
        return Subscription(
            subscriber_id=subscriber, newsletter=self.newsletter, state=state, paused_until=until, since=now
        )

    def _record(self, entries: list[_Entry], now: datetime, kind: ConsentKind) -> None:
        ConsentEvent.objects.bulk_create(
            ConsentEvent(
                email_hmac=proofs.hmac_of(entry.email.norm),
                newsletter=self.newsletter,
                kind=kind,
                at=now,
                way="import",
                by=self.by,
                imported=self.source,
                claimed_at=entry.claim.agreed_at if kind == ConsentKind.IMPORTED else entry.claim.at,
            )
            for entry in entries
        )

    def _suppress(self, entries: list[_Entry], now: datetime) -> None:
        """From every newsletter: a mailbox that is gone or has complained is so for all of them."""
        hmacs = {hmac: entry.email.norm for entry in entries for hmac in proofs.hmacs(entry.email.norm)}
        known = Suppression.objects.filter(newsletter=None, email_hmac__in=list(hmacs))
        known.filter(reason=SuppressionReason.ERASED).delete()  # the reason that comes is the stricter one
        done = {hmacs[hmac] for hmac in known.values_list("email_hmac", flat=True)}
        Suppression.objects.bulk_create(
            (
                Suppression(
                    email_hmac=proofs.hmac_of(entry.email.norm),
                    reason=REASONS[entry.claim.standing],
                    at=now,
                    by=self.by,
                )
                for entry in entries
                if entry.email.norm not in done
            ),
            ignore_conflicts=True,
        )


def _language(claim: Claim, newsletter: Newsletter) -> str:
    return claim.language if claim.language in dict(settings.LANGUAGES) else newsletter.language


@lru_cache(maxsize=1000)
def _zone(name: str) -> str:
    """The zone, or none where this machine does not know it. To know them all takes a look at many files."""
    try:
        validate_zone(name)
    except ValidationError:
        return ""
    return name
