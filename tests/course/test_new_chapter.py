"""tools.new_chapter: a skeleton that can be built, and never at the cost of something that exists."""

import shutil
import subprocess
import sys

import pytest

from tools.course import ROOT, chapters
from tools.lesson import assemble
from tools.new_chapter import SECTIONS, new_chapter


@pytest.fixture
def course(tmp_path):
    (tmp_path / "lessons").mkdir()
    shutil.copy(ROOT / "lessons" / "course.toml", tmp_path / "lessons")
    return tmp_path


def test_a_planned_chapter_gets_its_skeleton(course):
    listed = (course / "lessons" / "course.toml").read_text(encoding="utf-8")
    files = new_chapter("15_transformer", course)
    assert [str(path.relative_to(course).as_posix()) for path in files] == [
        "lessons/15_transformer.md",
        "course_utils/exercises/transformer.py",
        "tests/exercises/test_transformer.py",
    ]
    assert (course / "lessons" / "course.toml").read_text(encoding="utf-8") == listed
    (chapter,) = [c for c in chapters(course) if c.written]
    text = "".join(cell.source for cell in assemble(chapter).cells)
    places = [text.index(f"## {title}") for title in SECTIONS]
    assert places == sorted(places)
    assert len(places) == 10


def test_a_chapter_that_is_not_listed_is_added_to_the_list(course):
    before = chapters(course)
    new_chapter("99_outlook", course)
    *others, new = chapters(course)
    assert others == before
    assert (new.name, new.title) == ("99_outlook", "Outlook")


def test_its_tests_run_and_fail_until_there_are_exercises(course):
    shutil.copytree(ROOT / "course_utils", course / "course_utils", ignore=shutil.ignore_patterns("__pycache__"))
    new_chapter("99_outlook", course)
    # a configuration of its own: the folder shadows the installed package
    command = [sys.executable, "-m", "pytest", "-q", "-c", "none.ini", "-p", "no:cacheprovider", "tests"]
    (course / "none.ini").write_text("[pytest]\n")
    run = subprocess.run(command, cwd=course, capture_output=True, text=True)
    assert "1 failed, 1 skipped" in run.stdout


@pytest.mark.parametrize("there", ["lessons/15_transformer.md", "tests/exercises/test_transformer.py"])
def test_nothing_is_overwritten(course, there):
    (course / there).parent.mkdir(parents=True, exist_ok=True)
    (course / there).write_text("mine")
    with pytest.raises(FileExistsError, match=f"{there} exists already; nothing was written"):
        new_chapter("15_transformer", course)
    assert (course / there).read_text() == "mine"
    assert not (course / "course_utils").exists()


@pytest.mark.parametrize("name", ["transformer", "4_rnn", "04_RNN", "04-rnn", "../05_rnn", "05_rnn.md"])
def test_a_name_that_is_none_is_refused(course, name):
    with pytest.raises(ValueError, match="wanted a name such as 05_rnn, got"):
        new_chapter(name, course)


def test_a_number_that_is_taken_is_refused(course):
    with pytest.raises(ValueError, match="number 04 is 04_window"):
        new_chapter("04_elman", course)
