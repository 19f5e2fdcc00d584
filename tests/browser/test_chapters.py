"""Every chapter in JupyterLab, in a real browser: it runs, nothing complains, and every control does something.

Of each chapter those cells are run that an explorer rests on; `test_restart.py` runs all. With the environment variable
SCREENSHOTS=folder the explorers are also saved as pictures in both themes and two widths, for people to look at.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.browser.lab import Lab
from tools.browser.notebook_page import NotebookPage, open_notebook, what_explorers_need
from tools.course import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WIDTHS = (800, 1200)
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_control_of_every_explorer(browser: "Browser", lab: Lab, chapter: Path) -> None:
    name = f"explorers_of_{chapter.name}"
    what_explorers_need(chapter, lab.folder / name)
    with open_notebook(browser, lab, name) as notebook:
        notebook.run_all()
        found = notebook.failures()
        for explorer in notebook.explorers():
            found += [f"{explorer.name}: {defect}" for defect in explorer.defects()]
            for width in WIDTHS:
                notebook.page.set_viewport_size({"width": width, "height": 900})
                notebook.settle()
                found += [f"{explorer.name} at a width of {width}: {defect}" for defect in explorer.overflow()]
        if folder := os.environ.get("SCREENSHOTS"):
            photograph(notebook, Path(folder), chapter.stem)
        found += notebook.complaints
    assert not found, "\n".join(found)


def photograph(notebook: NotebookPage, folder: Path, chapter: str) -> None:
    """Save a picture of every explorer in both themes and both widths."""
    for theme in "Dark", "Light":
        notebook.command("apputils:change-theme", theme=f"JupyterLab {theme}")
        for width in WIDTHS:
            notebook.page.set_viewport_size({"width": width, "height": 900})
            notebook.settle()
            for explorer in notebook.explorers():
                explorer.root.screenshot(path=folder / f"{chapter}-{explorer.name}-{theme.lower()}-{width}.png")
