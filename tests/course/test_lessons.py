"""The notebooks are what the lessons say, run from top to bottom, in the order and form every chapter shares."""

import json
import re
from collections.abc import Iterator

import nbformat
import pytest

from course_utils.data.reviews import load_reviews
from course_utils.exercises import exercises
from tools.course import ROOT, Chapter, chapters
from tools.lesson import assemble, code_cells
from tools.new_chapter import SECTIONS

COURSE = chapters()
WRITTEN = [c for c in COURSE if c.written]
every_chapter = pytest.mark.parametrize("chapter", WRITTEN, ids=lambda chapter: chapter.name)


def notebook(chapter: Chapter) -> nbformat.NotebookNode:
    return nbformat.read(chapter.notebook, 4)


def texts(chapter: Chapter) -> Iterator[str]:
    """Everything in a notebook that can be read: sources, and outputs but for the pictures."""
    for cell in notebook(chapter).cells:
        yield cell.source
        for output in cell.get("outputs", []):
            yield output.get("text", "") + output.get("evalue", "")
            yield from (text for mime, text in output.get("data", {}).items() if mime.startswith("text/"))


def test_the_list_numbers_chapters_in_order():
    assert [c.number for c in COURSE] == list(range(len(COURSE)))
    assert len({c.slug for c in COURSE}) == len(COURSE)
    assert WRITTEN[0].name == "00_start_here", "make course opens it"


def test_every_lesson_and_every_notebook_is_in_the_list():
    names = {c.name for c in WRITTEN}
    assert {path.stem for path in (ROOT / "lessons").glob("*.md")} == names
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == names


@every_chapter
def test_lesson_and_notebook_agree(chapter):
    expected = [(c.id, c.cell_type, c.source, c.metadata) for c in assemble(chapter).cells]
    found = [(c.id, c.cell_type, c.source, c.metadata) for c in notebook(chapter).cells]
    assert found == expected, f"run: make notebooks CHAPTERS={chapter.number:02}"


def test_outputs_are_compared():
    """At most 15 % of the cells with output may be left out of the comparison; each needs a reason."""
    cells = [cell for chapter in WRITTEN for cell in code_cells(notebook(chapter)) if cell.outputs]
    ignored = [cell for cell in cells if "nbval-ignore-output" in cell.metadata.get("tags", [])]
    assert len(ignored) <= 0.15 * len(cells)


@every_chapter
def test_every_cell_was_run_in_order_without_an_error(chapter):
    cells = code_cells(notebook(chapter))
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        errors = [output.evalue for output in cell.outputs if output.output_type == "error"]
        assert not errors or "raises-exception" in cell.metadata.get("tags", []), errors


@every_chapter
def test_nothing_differs_from_run_to_run(chapter):
    text = chapter.notebook.read_text(encoding="utf-8")
    assert "application/vnd.jupyter.widget" not in text, "model ids are new in every run"
    assert '"execution":' not in text, "cell timings"
    for part in texts(chapter):
        assert not re.search(r"0x[0-9a-f]{6,}|Wall time|CPU times|(?<!\w)(/home/|/Users/|/tmp/|/root/|[A-Z]:\\)", part)


@every_chapter
def test_everything_is_compared_and_nothing_redraws_behind_nbval(chapter):
    for cell in code_cells(notebook(chapter)):
        tags = set(cell.metadata.get("tags", []))
        assert tags <= {"raises-exception", "hide-input"}, "a cell that is not compared or not run proves nothing"
        assert not re.search(r"NBVAL_|\binteract(ive)?\(|\bOutput\(|clear_output", cell.source)


@every_chapter
def test_the_sections_stand_in_their_order(chapter):
    titles = re.findall(r"^## (.*)$", chapter.lesson.read_text(encoding="utf-8"), re.MULTILINE)
    known = [title for title in titles if title in SECTIONS]
    wanted = list(SECTIONS) if chapter.number else [title for title in SECTIONS if title in known]
    assert known == wanted, "a chapter may have more sections, but these and in this order"


@every_chapter
def test_exercises_are_asked_as_stubs_and_checked(chapter):
    """Every exercise of the chapter stands in it, and its stub, which runs, is told what is missing."""
    number = f"{chapter.number:02}"
    verdicts = {}
    for cell in code_cells(notebook(chapter)):
        if found := re.findall(r'^check\("(\d\d\.\d+)"', cell.source, re.MULTILINE):
            verdicts[tuple(found)] = "".join(output.get("text", "") for output in cell.outputs)
    ids = [id for group in verdicts for id in group]
    assert ids == [exercise.id for exercise in exercises(number)]
    assert len(ids) >= (3 if chapter.number else 1)
    for group, verdict in verdicts.items():
        assert verdict.count("not yet") == len(group), verdict


@every_chapter
def test_every_picture_says_in_words_what_it_shows(chapter):
    outputs = [output for cell in code_cells(notebook(chapter)) for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert all(output.metadata["image/png"]["alt"] for output in pictures)
    assert not any("plt.show" in cell.source for cell in code_cells(notebook(chapter))), "end with show()"


@every_chapter
def test_a_chapter_has_pictures_that_show_without_a_kernel(chapter):
    outputs = [output for cell in code_cells(notebook(chapter)) for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 2
    explorers = [o for o in pictures if re.match(r"\w+\(.*\)$", o.data["text/plain"]) and "Figure" not in str(o.data)]
    assert explorers, "the first frame of an explorer"


def shingles(text: str, length: int = 8) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[a-z']+", text.lower())
    return zip(*(words[i:] for i in range(length)), strict=False)


def test_no_text_of_the_reviews_stands_in_the_repository():
    """Eight words in a row are a quotation. Single words, counts and what a model makes of them are fine."""
    ours = {}
    for chapter in WRITTEN:
        ours.update({shingle: chapter.name for text in texts(chapter) for shingle in shingles(text)})
    for pattern in ("*.md", "lessons/*.md", "course_utils/**/*.py", "tests/**/*.py", "benchmarks/**/*.py"):
        for path in ROOT.glob(pattern):
            ours.update(dict.fromkeys(shingles(path.read_text(encoding="utf-8")), path.name))
    for path in (ROOT / "course_utils").rglob("*.json"):
        words = json.loads(path.read_text(encoding="utf-8"))
        ours.update(dict.fromkeys(shingles(str(words)), path.name))
    quoted = {}
    for review in load_reviews():
        quoted.update({shingle: review.number for shingle in shingles(review.text) if shingle in ours})
    assert not {" ".join(shingle): f"{ours[shingle]}, review {number}" for shingle, number in quoted.items()}
