"""Imports from the admin: the file is kept while it is needed, a worker reads it, and the report is kept for a week.

A worker may be stopped at any line, and its job may be lost: the import is found standing still and is gone on with
from the top of its file, which leaves as they are those who are in.
"""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from newsroom.lib import clock
from newsroom.models import User
from subscribers.lists import importing, tables
from subscribers.lists.importing import Finding, Verdict
from subscribers.models import Import, Newsletter
from subscribers.states import ImportState

KEPT_FOR = timedelta(days=7)
# So long without a sign of life, and its worker was stopped.
LOST_AFTER = timedelta(minutes=10)
# So many workers begin it by themselves. A file that ends each of them is a matter for people.
MOST_TRIES = 3
TOLD_EVERY = 500
COLUMNS = ("line", "address", "result", "why")
OPEN = (ImportState.WAITING, ImportState.RUNNING)


class Overtaken(Exception):
    """This import stood still for so long that another worker has it now."""


def begin(
    newsletter: Newsletter, file: File, *, claim: str, by: User | None = None, dry_run: bool, file_name: str = ""
) -> Import:
    """Keep the file and note the import. Enqueue subscribers.jobs.take_in with its key on commit."""
    made = _note(newsletter, file, file_name or file.name or "", claim, by, dry_run)
    made.upload = _storage().save(f"imports/{made.pk}.csv", file)
    made.save(update_fields=["upload"])
    return made


def at_once(
    newsletter: Newsletter, file: BinaryIO, *, file_name: str, claim: str = "", by: User | None = None, dry_run: bool
) -> Iterator[Finding]:
    """Import without a worker, and give the findings as they come. A dry run leaves no trace. Raises Unreadable."""
    if dry_run:
        return importing.take_in(file, newsletter, by=by, dry_run=True)
    one = _note(newsletter, file, file_name, claim, by, dry_run=False)
    try:
        findings = importing.take_in(file, newsletter, source=one, by=by, dry_run=False)
    except tables.Unreadable:
        one.delete()
        raise
    one.state = ImportState.RUNNING
    one.save(update_fields=["state"])
    return _to_the_end(one, findings)


def _to_the_end(one: Import, findings: Iterable[Finding]) -> Iterator[Finding]:
    with _noting_a_failure(one, BaseException):  # also a key that stops the command
        yield from _told(one, findings)
        _end(one, ImportState.DONE)


def _note(
    newsletter: Newsletter, file: File | BinaryIO, file_name: str, claim: str, by: User | None, dry_run: bool
) -> Import:
    now = clock.now()
    return Import.objects.create(
        newsletter=newsletter,
        file_name=file_name[:255],
        file_hash=digest(file),
        claim=claim,
        dry_run=dry_run,
        by=by,
        created_at=now,
        changed_at=now,
    )


def _told(one: Import, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings; on the way their sums are told to whoever looks at the import."""
    counts = Counter[str]()
    for number, finding in enumerate(findings, 1):
        counts[finding.verdict] += 1
        one.lines, one.counts = number, dict(counts)
        if number % TOLD_EVERY == 0:
            _tell(one)
        yield finding


@contextmanager
def _noting_a_failure(one: Import, *kinds: type[BaseException]) -> Iterator[None]:
    try:
        yield
    except Overtaken:
        raise
    except kinds:
        problem = _("Something went wrong here. What is in so far stays in; read the file once more.")
        _end(one, ImportState.FAILED, problem)
        raise


def repeat(old: Import, *, by: User | None = None, dry_run: bool) -> Import:
    """Another import of the same file: the real one after a dry run, or once more."""
    with _storage().open(old.upload) as file:
        return begin(old.newsletter, File(file), claim=old.claim, by=by, dry_run=dry_run, file_name=old.file_name)


def may_repeat(old: Import) -> bool:
    """Whether its file is there and was read to its end."""
    return bool(old.upload) and old.state == ImportState.DONE


def may_go_on(one: Import) -> bool:
    """Whether it was stopped on the way, and its file is there."""
    return bool(one.upload) and (one.state == ImportState.FAILED or is_lost(one))


def is_lost(one: Import) -> bool:
    """Whether it stands still: its worker was stopped, or its job is lost."""
    return one.state in OPEN and one.changed_at < clock.now() - LOST_AFTER


def go_on(one: Import) -> bool:
    """Let it wait for a worker once more. Enqueue subscribers.jobs.take_in on commit. False if somebody was faster.

    The file is read again from its top: who is in stays in, and whoever has left or was erased meanwhile stays out.
    """
    stopped = Import.objects.filter(pk=one.pk, state=ImportState.FAILED) | _lost().filter(pk=one.pk)
    return bool(stopped.update(state=ImportState.WAITING, changed_at=clock.now(), tries=0, problem=""))


def take_up_lost() -> list[int]:
    """The keys of imports that stood still and wait again, to be enqueued.

    Those that have stopped MOST_TRIES workers, and those of a command, whose file is not here, end with a sentence.
    """
    waiting = []
    for one in _lost().select_related("by"):
        again = bool(one.upload) and one.tries < MOST_TRIES
        state = ImportState.WAITING if again else ImportState.FAILED
        changed = {"state": state, "problem": "" if again else _why_ended(one), "changed_at": clock.now()}
        if _lost().filter(pk=one.pk).update(**changed) and again:
            waiting.append(one.pk)
    return waiting


def _lost() -> QuerySet[Import]:
    return Import.objects.filter(state__in=OPEN, changed_at__lt=clock.now() - LOST_AFTER)


def _why_ended(one: Import) -> str:
    with _language(one):
        if one.upload:
            return _(
                "Its worker was stopped %(count)d times. What is in so far stays in. See what the worker's log says "
                "of it before you go on."
            ) % {"count": one.tries}
        return _("It was stopped before its end. What is in so far stays in; import the file again.")


def work(key: int) -> bool:
    """Read the file of an import that waits, and write its report. Returns whether there was one to read."""
    if not Import.objects.filter(pk=key, state=ImportState.WAITING).update(
        state=ImportState.RUNNING, changed_at=clock.now(), tries=F("tries") + 1
    ):
        return False
    one = Import.objects.select_related("newsletter", "by").get(pk=key)
    with _language(one), _noting_a_failure(one, Exception), _storage().open(one.upload) as file:
        _read(one, file)
    return True


def _read(one: Import, file: File) -> None:
    source = None if one.dry_run else one
    try:
        findings = importing.take_in(
            cast(BinaryIO, file), one.newsletter, source=source, by=one.by, dry_run=one.dry_run
        )
    except tables.Unreadable as error:
        _end(one, ImportState.FAILED, str(error))
        return wipe(one)  # nobody can go on with it
    with tempfile.TemporaryFile() as lines:
        for line in tables.write(_report(_told(one, findings))):
            lines.write(line.encode())
        lines.seek(0)
        one.report = _storage().save(f"imports/{one.pk}-report.csv", File(lines))
    return _end(one, ImportState.DONE)


def _language(one: Import) -> translation.override:
    return translation.override((one.by.language if one.by else "") or None)


def _report(findings: Iterable[Finding]) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for finding in findings:
        yield str(finding.line or ""), finding.email, str(finding.verdict.label), finding.sentence


def _end(one: Import, state: ImportState, problem: str = "") -> None:
    one.state, one.problem = state, problem
    _tell(one)


def _tell(one: Import) -> None:
    """Write down how far it has come. Raises Overtaken where another worker has begun it since."""
    names = ("state", "problem", "lines", "counts", "report")
    mine = Import.objects.filter(pk=one.pk, tries=one.tries, state=ImportState.RUNNING)
    if not mine.update(changed_at=clock.now(), **{name: getattr(one, name) for name in names}):
        raise Overtaken


def report(one: Import) -> File:
    """The report as a file, open to be read."""
    return _storage().open(one.report)


def sums(one: Import) -> list[tuple[str, int]]:
    """What became of how many lines, in words."""
    return [(str(verdict.label), one.counts[verdict]) for verdict in Verdict if verdict in one.counts]


def wipe_old() -> int:
    """Delete files and reports after KEPT_FOR; they hold addresses. Returns how many imports had some."""
    old = Import.objects.filter(changed_at__lt=clock.now() - KEPT_FOR).exclude(upload="", report="")
    for one in old:
        wipe(one)
    return len(old)


def wipe(one: Import) -> None:
    """Delete its file and its report."""
    with transaction.atomic():
        Import.objects.filter(pk=one.pk).update(upload="", report="")
    for name in filter(None, (one.upload, one.report)):
        _storage().delete(name)


def digest(file: BinaryIO | File) -> str:
    """The SHA-256 of a seekable file, which stands at its beginning afterwards."""
    found = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(1 << 20):
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def _storage() -> Storage:
    """The private one: nothing in it has an address."""
    return storages["default"]
