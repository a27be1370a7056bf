"""Settings: safe by default, every one documented, and an example that works as it is."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from newsroom.lib.environment import secret_key

EXAMPLE = settings.BASE_DIR / ".env.example"
PATTERN = re.compile(r"^([A-Z_]+)=(.*)$", re.MULTILINE)


def documented():
    return dict(PATTERN.findall(EXAMPLE.read_text()))


def manage(tmp_path, *arguments, **environment):
    keep = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**keep, **{name: value for name, value in environment.items() if name != "DATA_DIR"}},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_every_setting_is_documented_and_every_documented_one_exists():
    source = (settings.BASE_DIR / "newsroom" / "settings.py").read_text()
    used = set(re.findall(r"env(?:\.\w+)?\(\"([A-Z_]+)\"", source))
    assert used == set(documented())


def test_the_example_works_as_it_is(tmp_path):
    answer = manage(tmp_path, "check", **documented())
    assert answer.returncode == 0, answer.stderr


def test_a_deployed_site_has_no_warning(tmp_path):
    answer = manage(
        tmp_path,
        "check",
        "--deploy",
        "--fail-level=WARNING",
        SITE_URL="https://news.example",
        ALLOWED_HOSTS="news.example",
    )
    assert answer.returncode == 0, answer.stderr


def test_a_mail_service_is_chosen_by_the_environment_and_watches_nobody(tmp_path):
    script = (
        "from django.core.mail import get_connection; from django.conf import settings; "
        "print(type(get_connection()).__module__, get_connection().api_key, settings.ANYMAIL['SEND_DEFAULTS'])"
    )
    service = {"MAIL_SERVICE": "mailgun", "MAIL_SERVICE_SETTINGS": "MAILGUN_API_KEY=k1,MAILGUN_SENDER_DOMAIN=n.example"}
    answer = manage(tmp_path, "shell", "--no-imports", "-c", script, **service)
    said = "anymail.backends.mailgun k1 {'track_opens': False, 'track_clicks': False}"
    assert answer.stdout.strip() == said, answer.stderr


def test_a_mail_service_that_nobody_knows_is_refused_with_those_that_are_known(tmp_path):
    answer = manage(tmp_path, "check", MAIL_SERVICE="mailgnu")
    assert answer.returncode == 1
    said = "A setting is wrong. MAIL_SERVICE is “mailgnu”. Choose one of amazon_ses, brevo, "
    assert answer.stderr.startswith(said)


def test_the_secret_key_is_made_once_and_is_its_owners_alone(tmp_path):
    key = secret_key(tmp_path)
    assert len(key) > 50
    assert secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_two_processes_that_start_at_once_agree_on_one_key(tmp_path):
    script = "import sys; from pathlib import Path; from newsroom.lib.environment import secret_key;"
    script += "print(secret_key(Path(sys.argv[1])))"
    running = [
        subprocess.Popen([sys.executable, "-c", script, tmp_path], cwd=settings.BASE_DIR, stdout=subprocess.PIPE)
        for _ in range(6)
    ]
    keys = {process.communicate(timeout=60)[0] for process in running}
    assert len(keys) == 1
    assert [path.name for path in Path(tmp_path).iterdir()] == ["secret.key"]


@pytest.mark.parametrize("name", ["SECRET_KEY", "DEBUG"])
def test_nothing_unsafe_is_on_by_default(name):
    assert documented()[name] in ("", "0")
