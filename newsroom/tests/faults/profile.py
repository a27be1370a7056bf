"""A browser of its own with a profile on the disk, which can be killed as a whole and started again."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from newsroom.tests.browser import FLAGS

PATIENCE = 60  # seconds until a started browser must say where it listens


class Profile:
    """Started by this process, so that it knows whom to kill; driven over the browser's own protocol."""

    def __init__(self, browser_type: Any, folder: Path) -> None:
        self.browser_type, self.folder = browser_type, folder
        self.process: subprocess.Popen[bytes] | None = None
        self.driven: Any = None

    def open(self) -> Any:
        """A new page of the browser, which starts with whatever its profile holds."""
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        assert chromium
        told = self.folder / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        # What a killed browser leaves behind to keep others out of its profile.
        (self.folder / "SingletonLock").unlink(missing_ok=True)
        options = ["--headless", "--remote-debugging-port=0", f"--user-data-dir={self.folder}", "about:blank"]
        self.process = subprocess.Popen(
            [chromium, *FLAGS, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
        )
        deadline = time.monotonic() + PATIENCE
        while not (told.exists() and told.read_text().count("\n")):
            assert self.process.poll() is None and time.monotonic() < deadline, "The browser does not start."
            time.sleep(0.05)
        port = told.read_text().splitlines()[0]
        self.driven = self.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
        page = self.driven.contexts[0].new_page()
        page.set_viewport_size({"width": 1280, "height": 900})
        return page

    def kill(self) -> None:
        """All its processes at once."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        with suppress(Exception):
            self.driven.close()
