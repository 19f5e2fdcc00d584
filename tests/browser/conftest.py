"""One server and one browser for all tests here; skipped, with the reason, where there is none."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.browser.lab import Lab, browser_path, chromium, jupyter_lab
from tools.course import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """A Chromium without a window."""
    pytest.importorskip("playwright", reason="Playwright is not installed: pip install -e '.[browser]'")
    path = browser_path()
    if path is None:
        pytest.skip("no browser: install Chromium or Chrome, or name one in the environment variable CHROMIUM")
    with chromium(path) as browser:
        yield browser


@pytest.fixture(scope="session")
def lab(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab on copies of all notebooks of the course."""
    home: Path = tmp_path_factory.mktemp("lab")
    with jupyter_lab(home, ROOT / "notebooks") as lab:
        yield lab
