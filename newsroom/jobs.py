"""Background jobs of the project, and how to make one.

    from huey.contrib.djhuey import db_task

    @db_task(retries=3, retry_delay=30, retry_backoff=2)
    def do(pk: int) -> None: ...

    transaction.on_commit(lambda: do(pk))

A job takes keys, never objects, and may run twice. Those of an app stand in its jobs.py; the worker
knows a job once its module is imported.
"""

from newsroom.lib.mail import deliver

__all__ = ["deliver"]
