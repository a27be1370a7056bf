"""The worker: whether there is one, and whether jobs wait for it."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from huey.contrib.djhuey import HUEY

from newsroom import jobs
from newsroom.doctor.findings import Finding, at, fine, look, wrong
from newsroom.lib import clock

# It says every minute that it is there.
QUIET = timedelta(minutes=5)
# More jobs than this are behind what a worker does in a minute or two.
MANY = 500


def examine() -> Iterator[Finding]:
    try:
        seen, waiting = _seen(), HUEY.pending_count()
    except Exception as error:  # whatever keeps them has errors of its own
        said = _(
            "Where the cache and the jobs are kept cannot be reached (%(error)s). Look at CACHE_URL and JOBS_URL, and "
            "see that Redis runs."
        )
        yield wrong(_("Worker"), said % {"error": error})
        return
    yield seen
    if waiting > MANY:
        said = _(
            "%(number)d jobs wait. If there are more an hour from now, start more workers or raise WORKER_THREADS."
        )
        yield look(_("Worker"), said % {"number": waiting})


def _seen() -> Finding:
    subject, seen = _("Worker"), jobs.last_beat()
    way = _("Start `manage.py worker`, or `manage.py serve`, which brings one along.")
    if seen is None:
        return wrong(subject, _("None has been seen here, so no mail is sent and no picture made ready. ") + way)
    if clock.now() - seen > QUIET:
        said = _("None has been seen since %(time)s, so no mail is sent and no picture made ready. ")
        return wrong(subject, said % {"time": at(seen)} + way)
    return fine(subject, _("It was seen at %(time)s.") % {"time": at(seen)})
