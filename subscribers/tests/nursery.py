"""Bears workers that send issues and die: a process that has everything loaded and is forked for each life.

Read from standard input, one line for each life: "steps 17 PORT" sends and kills itself at the seventeenth step, a
statement of the database or a word with the mail server, before or after it; "worker 0 PORT" is the real worker of
`manage.py worker`, which whoever asked kills. Says the process's number at its birth, and how it ended at its death.
"""

import os
import signal
import smtplib
import sys
from itertools import count

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from subscribers import jobs  # noqa: E402
from subscribers.sending import worker  # noqa: E402
from subscribers.tests.mailserver import use  # noqa: E402


class Steps:
    """Ends the process at the step `last`."""

    def __init__(self, last):
        self.last, self.steps = last, count(1)

    def step(self):
        if next(self.steps) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute, *arguments):
        self.step()
        result = execute(*arguments)
        self.step()
        return result

    def around(self, function):
        return lambda *arguments: self.statement(function, *arguments)


def live(kind, last, port):
    use(settings, port)
    if kind == "worker":
        jobs.send()
        call_command("worker")
        return
    steps = Steps(last)
    for name in ("send", "getreply"):
        setattr(smtplib.SMTP, name, steps.around(getattr(smtplib.SMTP, name)))
    connection.ensure_connection()
    connection._commit = steps.around(connection._commit)
    with connection.execute_wrapper(steps.statement):
        worker.work(60)


def tell(number):
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


for line in sys.stdin:
    kind, last, port = line.split()
    child = os.fork()
    if child == 0:
        live(kind, int(last), int(port))
        os._exit(0)
    tell(child)
    _pid, status = os.waitpid(child, 0)
    tell(os.waitstatus_to_exitcode(status))
