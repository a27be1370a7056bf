"""Imports from the admin: the file is kept while it is needed, a worker reads it, and the report is kept for a week."""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
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
TOLD_EVERY = 500
COLUMNS = ("line", "address", "result", "why")


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
    return _told(one, findings)


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
    one.state, counts = ImportState.RUNNING, Counter[str]()
    try:
        for number, finding in enumerate(findings, 1):
            counts[finding.verdict] += 1
            one.lines, one.counts = number, dict(counts)
            if number % TOLD_EVERY == 0:
                _tell(one)
            yield finding
        one.state = ImportState.DONE
    except Exception:
        one.state = ImportState.FAILED
        one.problem = _("Something went wrong here. What is in so far stays in; import the file again.")
        raise
    finally:
        _tell(one)


def repeat(old: Import, *, by: User | None = None, dry_run: bool) -> Import:
    """Another import of the same file: the real one after a dry run, or once more after a worker was lost."""
    with _storage().open(old.upload) as file:
        return begin(old.newsletter, File(file), claim=old.claim, by=by, dry_run=dry_run, file_name=old.file_name)


def may_repeat(old: Import) -> bool:
    """Whether its file is there and nobody reads it."""
    return bool(old.upload) and (old.state in (ImportState.DONE, ImportState.FAILED) or is_lost(old))


def is_lost(one: Import) -> bool:
    return one.state == ImportState.RUNNING and one.changed_at < clock.now() - LOST_AFTER


def work(key: int) -> bool:
    """Read the file of an import that waits, and write its report. Returns whether there was one to read."""
    if not Import.objects.filter(pk=key, state=ImportState.WAITING).update(
        state=ImportState.RUNNING, changed_at=clock.now()
    ):
        return False
    one = Import.objects.select_related("newsletter", "by").get(pk=key)
    with translation.override((one.by.language if one.by else "") or None), _storage().open(one.upload) as file:
        _read(one, file)
    return True


def _read(one: Import, file: File) -> None:
    try:
        source = None if one.dry_run else one
        findings = importing.take_in(
            cast(BinaryIO, file), one.newsletter, source=source, by=one.by, dry_run=one.dry_run
        )
    except tables.Unreadable as error:
        one.state, one.problem = ImportState.FAILED, str(error)
        return _tell(one)
    with tempfile.TemporaryFile() as lines:
        for line in tables.write(_report(_told(one, findings))):
            lines.write(line.encode())
        lines.seek(0)
        one.report = _storage().save(f"imports/{one.pk}-report.csv", File(lines))
    return _tell(one)


def _report(findings: Iterable[Finding]) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for finding in findings:
        yield str(finding.line or ""), finding.email, str(finding.verdict.label), finding.sentence


def _tell(one: Import) -> None:
    one.changed_at = clock.now()
    one.save(update_fields=["state", "problem", "lines", "counts", "report", "changed_at"])


def report(one: Import) -> File:
    """The report as a file, open to be read."""
    return _storage().open(one.report)


def sums(one: Import) -> list[tuple[str, int]]:
    """What became of how many lines, in words."""
    return [(str(verdict.label), one.counts[verdict]) for verdict in Verdict if verdict in one.counts]


def wipe_old() -> int:
    """Delete files and reports after KEPT_FOR; they hold addresses. Returns how many imports had some."""
    old = Import.objects.filter(changed_at__lt=clock.now() - KEPT_FOR).exclude(upload="", report="")
    done = 0
    for one in old:
        with transaction.atomic():
            Import.objects.filter(pk=one.pk).update(upload="", report="")
        for name in filter(None, (one.upload, one.report)):
            _storage().delete(name)
        done += 1
    return done


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
