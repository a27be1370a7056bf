from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def nothing_counted_yet(settings: Any, tmp_path: Path) -> None:
    """Each test begins with no comments counted for its network."""
    settings.COUNTERS_FILE = tmp_path / "counters.sqlite3"
