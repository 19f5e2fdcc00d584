"""Every chapter in JupyterLab, in a real browser: it runs, nothing complains, and every control does something.

With the environment variable SCREENSHOTS=folder the explorers are also saved as pictures, for people to look at.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import ROOT, Lab
from tests.browser.notebook_page import NotebookPage, open_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
pytestmark = pytest.mark.browser


# one worker has all tests of a chapter, and runs its notebook once for them
GROUPS = [pytest.param(name, id=name.removesuffix(".ipynb"), marks=pytest.mark.xdist_group(name)) for name in CHAPTERS]


@pytest.fixture(scope="module", params=GROUPS)
def chapter(browser: "Browser", lab: Lab, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    """One chapter after Run All Cells."""
    with open_notebook(browser, lab, request.param) as notebook:
        notebook.run_all()
        yield notebook


def test_all_cells_run(chapter: NotebookPage) -> None:
    assert chapter.failures() == []


def test_every_control_of_every_explorer_works(chapter: NotebookPage) -> None:
    found = [f"{explorer.name}: {defect}" for explorer in chapter.explorers() for defect in explorer.defects()]
    assert not found, "\n".join(found)


def test_explorers_look_well_in_both_themes(chapter: NotebookPage, request: pytest.FixtureRequest) -> None:
    folder = os.environ.get("SCREENSHOTS")
    for theme in "JupyterLab Dark", "JupyterLab Light":
        chapter.command("apputils:change-theme", theme=theme)
        for width in 800, 1200:
            chapter.page.set_viewport_size({"width": width, "height": 900})
            for explorer in chapter.explorers():
                assert explorer.overflow() == []
                if folder:
                    name = f"{request.node.callspec.id}-{explorer.name}-{theme.split()[1].lower()}-{width}.png"
                    explorer.root.screenshot(path=Path(folder) / name)


def test_the_browser_does_not_complain(chapter: NotebookPage) -> None:
    """Comes last, so that it hears what the tests before have caused."""
    assert chapter.complaints == []


@pytest.mark.skipif(not CHAPTERS, reason="no notebook has been built yet")
def test_restart_and_run_all_works_twice(browser: "Browser", lab: Lab) -> None:
    with open_notebook(browser, lab, CHAPTERS[0]) as notebook:
        for _ in range(2):
            notebook.restart_and_run_all()
            assert notebook.failures() == []
            assert all(explorer.look().colours > 2 for explorer in notebook.explorers())
