"""The real worker, as a process of its own, on jobs that another process has left."""

import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

PICTURE = """
import io
from django.core.files.base import ContentFile
from PIL import Image
from articles import library
file = io.BytesIO()
Image.linear_gradient("L").resize((1200, 800)).save(file, "JPEG")
print(library.add(ContentFile(file.getvalue()), name="gradient.jpg")[0].pk)
"""
MADE = "from articles.models import Image; print(len(Image.objects.get().renditions))"


def manage(environment, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    answer = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip().splitlines()[-1:]


def test_a_job_left_while_no_worker_ran_is_done_when_one_starts(empty_site):
    manage(empty_site, "shell", "-c", PICTURE)
    assert manage(empty_site, "shell", "-c", MADE) == ["1"]
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=settings.BASE_DIR, env=empty_site)
    try:
        deadline = time.monotonic() + 60
        while int(manage(empty_site, "shell", "-c", MADE)[0]) < 4:
            assert time.monotonic() < deadline, "the worker did not do the job"
            assert worker.poll() is None, "the worker ended"
    finally:
        worker.send_signal(signal.SIGINT)
        worker.wait(timeout=30)


def test_the_worker_knows_the_jobs_of_every_app(empty_site):
    script = (
        "from django.utils.module_loading import autodiscover_modules; autodiscover_modules('jobs');"
        "from huey.contrib.djhuey import HUEY; print(sorted(HUEY._registry._registry))"
    )
    known = manage(empty_site, "shell", "-c", script)[0]
    apps = ("articles.jobs.make_renditions", "comments.jobs.forget", "subscribers.jobs.take_up")
    for job in (*apps, "comments.spam.learning.learn_soon"):
        assert job in known
