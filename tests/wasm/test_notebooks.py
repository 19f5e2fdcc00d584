"""All notebooks under Pyodide (slow), and that whatever goes wrong in one would be told."""

import re
from dataclasses import replace

import pytest

from tools.course import chapters
from tools.lesson import assemble, code_cells
from tools.wasm.files import Unavailable, fetch
from tools.wasm.notebooks import FONTS, Cell, faults, outputs, run_chapter

WRITTEN = [chapter for chapter in chapters() if chapter.written]


@pytest.mark.slow
@pytest.mark.parametrize("chapter", WRITTEN, ids=lambda chapter: chapter.name)
def test_a_chapter_runs_in_the_browsers_python(chapter):
    try:
        cells = run_chapter(chapter, fetch("browser.txt"))
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert not list(faults(chapter, cells))


@pytest.mark.parametrize("chapter", WRITTEN, ids=lambda chapter: chapter.name)
def test_no_clock_is_read_that_stands_still_there(chapter):
    assert not re.search(r"\b(process|thread)_time\b", "\n".join(cell.source for cell in code_cells(assemble(chapter))))


@pytest.fixture
def first():
    """The first chapter, and its cells as if they had run and put out what the notebook holds."""
    import nbformat

    chapter = WRITTEN[0]
    cells = []
    for cell in code_cells(nbformat.read(chapter.notebook, 4)):
        printed, *shown = outputs(cell)
        error = "ValueError: wanted" if "raises-exception" in cell.metadata.get("tags", ()) else None
        cells.append(Cell(cell.id, 0.1, error, printed, "", tuple(shown)))
    return chapter, cells


def test_a_chapter_as_it_was_built_has_no_faults(first):
    chapter, cells = first
    assert len(cells) == len(code_cells(assemble(chapter)))
    assert sum(bool(cell.stdout) for cell in cells) >= 3
    assert list(faults(chapter, cells)) == []
    assert list(faults(chapter, [replace(cell, stderr=f"{FONTS}\n") for cell in cells])) == []
    recorded = "Recorded: here it would train for 5.4 minutes. To do so, call course_utils.recordings.live().\n"
    assert list(faults(chapter, [replace(cell, stdout=recorded + cell.stdout) for cell in cells])) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"error": "TypeError: Cannot cast"}, "TypeError: Cannot cast"),
        ({"stdout": "another output"}, "another output"),
        ({"stderr": "TqdmMonitorWarning: no thread"}, "wrote to stderr: TqdmMonitorWarning"),
        ({"shown": ("another picture",)}, "another picture"),
        ({"shown": ()}, "got\nNone"),
    ],
)
def test_each_kind_of_fault_is_told_with_its_cell(change, said, first):
    chapter, cells = first
    where = next(k for k, cell in enumerate(cells) if cell.shown) if "shown" in change else 2
    cells[where] = replace(cells[where], **change)
    (told,) = faults(chapter, cells)
    assert f"{chapter.name}, cell {cells[where].id}" in told
    assert said in told
