"""No name is used that nothing defines. ruff's rule for that is off: axes in annotations, "T *B D", look like names to it."""

import json
import subprocess
import sys

from tools.course import ROOT, chapters
from tools.lesson import assemble, code_cells

AXES = {"D1", "groups", "length", "points", "sizes"}
"""Axes with longer names; the others are single letters."""


def undefined(*paths):
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F821",
        "--output-format",
        "json",
        *paths,
    ]
    found = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout)
    names = [(one["filename"], one["location"]["row"], one["message"].split("`")[1]) for one in found]
    return [place for place in names if len(place[-1]) > 1 and place[-1] not in AXES]


def test_every_name_in_the_code_is_defined():
    assert undefined("course_utils", "tests", "tools", "benchmarks") == []


def test_every_name_in_the_lessons_is_defined(tmp_path):
    for chapter in chapters():
        if chapter.written:
            code = "\n\n".join(cell.source for cell in code_cells(assemble(chapter)))
            (tmp_path / f"{chapter.name}.py").write_text(code, "utf-8")
    assert undefined(str(tmp_path)) == []


def test_it_finds_one(tmp_path):
    (tmp_path / "lesson.py").write_text("x = missing + 1\n", "utf-8")
    assert [name for *_, name in undefined(str(tmp_path))] == ["missing"]
