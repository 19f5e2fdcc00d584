"""All cells of a chapter under Pyodide: what each put out, how long it took, and what is wrong with that."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import nbformat
from nbformat import NotebookNode

from tools.build_notebooks import PROGRESS
from tools.course import Chapter
from tools.lesson import assemble, code_cells
from tools.wasm.files import Files
from tools.wasm.node import HOME, run

BACKEND = "module://matplotlib_inline.backend_inline"
RECORDED = re.compile(r"^Recorded: here it would train for .*\n", re.MULTILINE)
"""What `course_utils.recordings` says in a browser only."""
FONTS = "Matplotlib is building the font cache; this may take a moment."


@dataclass(frozen=True)
class Cell:
    """What a cell did: `shown` is what it displayed, as text; `error` its message, None if there was no error."""

    id: str
    seconds: float
    error: str | None
    stdout: str
    stderr: str
    shown: Sequence[str]


def run_chapter(chapter: Chapter, files: Files) -> list[Cell]:
    """Run the chapter's lesson from top to bottom. An error in a cell does not keep the others from being run.

    Raises RuntimeError, which says after which cell, if Pyodide itself stopped, and Unavailable where there is no Node.
    """
    cells = [(cell.id, cell.source) for cell in code_cells(assemble(chapter))]
    done = run(files, "tools.wasm.cells", json.dumps(cells), cwd=HOME, MPLBACKEND=BACKEND)
    found = [Cell(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith('{"id": ')]
    if done.returncode or len(found) < len(cells):
        raise RuntimeError(f"{chapter.name}: Pyodide stopped after {len(found)} cells: {done.stdout[-2000:]}")
    return found


def faults(chapter: Chapter, cells: Sequence[Cell]) -> Iterator[str]:
    """Errors and warnings of the cells, and outputs that are not those of the notebook, where these are compared at all."""
    built = {cell.id: cell for cell in code_cells(nbformat.read(chapter.notebook, 4))}
    for cell, source in zip(cells, code_cells(assemble(chapter)), strict=True):
        tags, where = source.metadata.get("tags", ()), f"{chapter.name}, cell {cell.id}"
        if bool(cell.error) != ("raises-exception" in tags):
            yield f"{where}: {cell.error or 'no error, where one is wanted'}"
        for line in cell.stderr.splitlines():
            if not PROGRESS.fullmatch(line) and line.strip() != FONTS:
                yield f"{where} wrote to stderr: {line}"
        notebook = built.get(cell.id)
        if notebook is None or notebook.source != source.source or "nbval-ignore-output" in tags:
            continue  # a lesson that has changed since, or an output that differs everywhere
        for wanted, got in zip_longest(outputs(notebook), (RECORDED.sub("", cell.stdout), *cell.shown)):
            if wanted != got:
                yield f"{where}: wanted the output\n{wanted}\ngot\n{got}"


def outputs(cell: NotebookNode) -> list[str]:
    """What a cell of a notebook printed, and then what it displayed, as text."""
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")
    return [printed, *(o.data["text/plain"] for o in cell.outputs if "text/plain" in o.get("data", ()))]
