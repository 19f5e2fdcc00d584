"""A notebook open in JupyterLab: run it, read its cells, and hear what the browser complains about."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode

from tools.browser.explorer_page import EXPLORER, LISTEN, ExplorerPage, settle
from tools.browser.lab import Lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

PANEL = "jupyterapp.shell.currentWidget"
DONE = f"""() => {{
    const cells = {PANEL}.content.widgets.map(c => c.model).filter(m => m.type === 'code' && m.sharedModel.source.trim());
    const expected = m => (m.getMetadata('tags') || []).includes('raises-exception');
    const failed = cells.some(m => !expected(m) && m.outputs.toJSON().some(o => o.output_type === 'error'));
    return failed || cells.every(m => m.executionCount && m.executionState !== 'running');
}}"""
NOT_OURS: tuple[str, ...] = ()
"""Parts of console messages that have nothing to do with the course, each with its reason."""


class NotebookPage:
    """One notebook in one page; `complaints` collects the errors of the browser's console from the first moment on."""

    def __init__(self, page: "Page", address: str, *, patience: float = 60) -> None:
        """Open the notebook at this address. patience: seconds that its kernel may take to start."""
        self.page, self.complaints, self.patience = page, list[str](), patience
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.goto(address)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when the notebook is there and its kernel listens."""
        ready = f"() => window.jupyterapp?.shell && {PANEL}?.sessionContext?.isReady"
        self.page.wait_for_function(ready, timeout=self.patience * 1000)
        self.page.evaluate(LISTEN)

    def _listen(self, message: "ConsoleMessage") -> None:
        if message.type == "error" and not any(known in message.text for known in NOT_OURS):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def command(self, name: str, **arguments: Any) -> None:
        """Execute a JupyterLab command by its id and wait until it is done.

        What it returns stays in the page: `docmanager:open` would hand over a whole notebook, which is no JSON."""
        execute = "async ([name, args]) => { await jupyterapp.commands.execute(name, args); }"
        self.page.evaluate(execute, [name, arguments])

    def run_all(self) -> None:
        """Run → Run All Cells; returns when the last cell is done or one has failed."""
        self.command("notebook:run-all-cells")
        self.settle()

    def run(self, cells: Iterable[int]) -> None:
        """Run these cells, one after the other; Python counts them from 0, those of text included."""
        for cell in cells:
            self.page.evaluate(f"k => {{ {PANEL}.content.activeCellIndex = k; }}", cell)
            self.command("notebook:run-cell")
        self.settle()

    def restart_and_run_all(self) -> None:
        """Run → Restart Kernel and Run All Cells…, with its question answered, as a learner does it."""
        self.command("notebook:clear-all-cell-outputs")  # so that the end of the new run can be told from the old
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Restart Kernel and Run All Cells…").click()
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.evaluate("() => unanswered.clear()")  # the old kernel takes what it was asked to its grave
        self.page.wait_for_function(DONE, timeout=400_000, polling=500)
        self.settle()

    def settle(self) -> None:
        """Wait until the kernel has answered everything it was asked before, and the page has drawn it."""
        settle(self.page)

    def cells(self) -> list[dict[str, Any]]:
        """All cells as they would be saved, outputs included."""
        return list(self.page.evaluate(f"() => {PANEL}.content.model.toJSON()")["cells"])

    def code_cells(self) -> list[dict[str, Any]]:
        """The code cells as they would be saved, outputs included."""
        return [cell for cell in self.cells() if cell["cell_type"] == "code"]

    def failures(self) -> list[str]:
        """What went wrong in the cells: errors that were not announced by a tag, and cells that did not run."""
        found = []
        for number, cell in enumerate(self.code_cells(), 1):
            source = "".join(cell["source"])
            where = f"code cell {number} ({source.splitlines()[0] if source else 'empty'})"
            errors = [f"{o['ename']}: {o['evalue']}" for o in cell["outputs"] if o["output_type"] == "error"]
            if errors and "raises-exception" not in cell["metadata"].get("tags", ()):
                found.append(f"{where}: {errors[0]}")
            elif source.strip() and not cell["execution_count"]:
                found.append(f"{where} did not run")
        return found

    def explorers(self) -> list[ExplorerPage]:
        """The explorers on the page, from top to bottom, each with the name that its cell's text output gives."""
        outputs = [o for cell in self.code_cells() for o in cell["outputs"] if "image/png" in o.get("data", {})]
        texts = ["".join(o["data"].get("text/plain", "")) for o in outputs if o["output_type"] == "execute_result"]
        shown = self.page.locator(EXPLORER).all()
        names = [text.partition("(")[0] for text in texts if "Explorer(" in text]
        if len(names) != len(shown):
            raise AssertionError(f"{len(shown)} explorers are on the page, but the cells speak of {names}")
        return [ExplorerPage(name, root) for name, root in zip(names, shown, strict=True)]


def what_explorers_need(source: Path, target: Path, after_each: str = "") -> None:
    """Write to `target` of the chapter `source` its explorers and the cells that they rest on, each with its text.

    Trainings that no explorer shows are left out. After each explorer comes a code cell `after_each`, if it is given.
    """
    notebook = nbformat.read(source, 4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    kept, wanted, begun = list[nbformat.NotebookNode](), set[str](), False
    for cell in reversed(notebook.cells):
        shows = any(
            re.match(r"\w+Explorer\(", o.get("data", {}).get("text/plain", "")) for o in cell.get("outputs", ())
        )
        begun = begun or shows
        if cell.cell_type == "code":
            makes, asks = names(cell.source)
            if not (shows or cell is first or makes & wanted):
                continue
            wanted |= asks
        kept += [nbformat.v4.new_code_cell(after_each)] if shows and after_each else []
        kept += [cell] if begun else []
    notebook.cells = kept[::-1]
    nbformat.write(notebook, target)


def rest_on(cells: Sequence[NotebookNode], wanted: Collection[int]) -> list[int]:
    """The code cells that these rest on, themselves and the first one included, in order."""
    first = next(k for k, cell in enumerate(cells) if cell.cell_type == "code")
    kept, asked = [first], set[str]()
    for k in range(max(wanted), first, -1):
        if cells[k].cell_type == "code":
            makes, asks = names(cells[k].source)
            if k in wanted or makes & asked:
                kept.append(k)
                asked |= asks
    return sorted(kept)


def names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell makes or changes, and those that it asks for."""
    makes, asks = set[str](), set[str]()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                asks.add(name)
            case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                makes.add(name)
            case ast.alias(name=name, asname=other):
                makes.add((other or name).partition(".")[0])
            case (
                ast.Subscript(value=ast.Name(id=name), ctx=ast.Store())
                | ast.Attribute(value=ast.Name(id=name), ctx=ast.Store())
            ):
                makes.add(name)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
                makes.add(name)  # as in runs.append(...)
    return makes, asks


@contextmanager
def open_notebook(browser: "Browser", lab: Lab, notebook: str) -> Iterator[NotebookPage]:
    """`notebook` of the lab's folder in a fresh browser window of 1200 × 900 pixels."""
    with browser.new_context(viewport={"width": 1200, "height": 900}) as context:
        context.set_default_timeout(15_000)
        notebook_page = NotebookPage(context.new_page(), lab.url(notebook))
        yield notebook_page
        notebook_page.command("kernelmenu:shutdown")  # else it would live, and hold its memory, as long as the server
