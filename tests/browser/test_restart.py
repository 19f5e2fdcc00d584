"""What a learner does with the kernel of a chapter: begin again, and again; begin in the middle."""

from typing import TYPE_CHECKING

import pytest

from tools.browser.lab import Lab
from tools.browser.notebook_page import PANEL, open_notebook
from tools.course import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
GROUPS = [pytest.param(name, id=name.removesuffix(".ipynb"), marks=pytest.mark.xdist_group(name)) for name in CHAPTERS]
pytestmark = pytest.mark.browser


@pytest.mark.slow
@pytest.mark.parametrize("chapter", GROUPS)
def test_restart_and_run_all_works_twice(browser: "Browser", lab: Lab, chapter: str) -> None:
    with open_notebook(browser, lab, chapter) as notebook:
        for _ in range(2):
            notebook.restart_and_run_all()
            assert notebook.failures() == []
            assert all(explorer.look().colours > 2 for explorer in notebook.explorers())
        # JupyterLab is not amused that the old kernel left its own questions unanswered
        assert {complaint for complaint in notebook.complaints if "Canceled future for" not in complaint} == set()


def test_a_late_cell_run_first_says_what_to_do(browser: "Browser", lab: Lab) -> None:
    """In a fresh kernel the first cell, then the last but one that needs what is made above it."""
    with open_notebook(browser, lab, CHAPTERS[1]) as notebook:
        notebook.command("notebook:clear-all-cell-outputs")
        sources = ["".join(cell["source"]) for cell in notebook.code_cells()]
        late = next(k for k, source in enumerate(sources) if "progress=LiveCurve" in source)
        for k in 0, late:
            notebook.page.evaluate(
                f"k => {{ const {{content}} = {PANEL}; content.activeCellIndex ="
                " content.widgets.findIndex(w => w.model === content.widgets.filter(w => w.model.type === 'code')[k].model); }",
                k,
            )
            notebook.command("notebook:run-cell")
        notebook.settle()
        cell = notebook.page.locator(".jp-CodeCell").nth(late)
        cell.get_by_text("Nothing is called").wait_for()
        told = cell.locator(".jp-OutputArea-output").inner_text()
        assert "NameError: name" in told
        assert "Run All Above Selected Cell" in told
        assert notebook.complaints == []
