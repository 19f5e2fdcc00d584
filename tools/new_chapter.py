"""Start a chapter: its lesson with all sections in their order, its exercises, their tests, its place in the list.

python -m tools.new_chapter 17_outlook

Nothing that exists is overwritten. `make test` fails until the chapter has its exercises and its notebook.
"""

import re
import sys
from pathlib import Path

from tools.course import ROOT, chapters

SECTIONS = {
    "The question": "Something the model of the previous chapter fails at: show it, then ask.",
    "Play first": "The explorer, as the last expression of a cell.",
    "The equations": "With a shape table; every symbol is a name in the code.",
    "Write it": "The function the learner writes: 15 lines or fewer, from the equations.",
    "Check it": "A gradient check where there is a gradient, and an assert that it equals the package's.",
    "Look inside": "What goes on in there, over one of our own sentences; one line above each figure says what to see.",
    "Train it": "Real data, a seed, a progress bar, tens of seconds at most.",
    "Is it true?": "What people say about this, put to the test: several seeds, the spread, the honest answer.",
    "On your own": "At least three exercises, each a stub that runs and then its check.",
    "Summary, and where this comes from": "What to keep, and the papers with section or equation.",
}
ENTRY = """
[[chapter]]
number = {number}
slug = "{slug}"
title = "{title}"
minutes = 60
build = "..."
see = "..."
need = "..."
"""
EXERCISES = '''"""Exercises of chapter {chapter}."""

from course_utils.exercises.exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
'''
TESTS = '''"""Exercises of chapter {chapter}: the references pass, and wrong answers each get their own message."""

import pytest

from course_utils.exercises.{slug} import EXERCISES


def test_there_are_at_least_three():
    assert len(EXERCISES) >= 3


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_the_reference_passes(exercise):
    assert exercise.verdict(exercise.reference)[0]
'''


def new_chapter(name: str, root: Path = ROOT) -> list[Path]:
    """Write the files of the chapter called `name` ("05_rnn") and return them.

    Raises ValueError if the name is not two digits, an underscore and a Python name, or if its number is taken by
    another chapter; FileExistsError, before anything is written, if one of the files is there already."""
    match = re.fullmatch(r"(\d\d)_([a-z][a-z0-9_]*)", name)
    if not match:
        raise ValueError(f"new_chapter: wanted a name such as 05_rnn, got {name!r}")
    number, slug = match.groups()
    listed = {f"{c.number:02}": c.slug for c in chapters(root)}
    if listed.get(number, slug) != slug:
        raise ValueError(
            f"new_chapter: number {number} is {number}_{listed[number]} in lessons/course.toml, got {name}"
        )
    sections = [f"## {title}\n\n*{what}*\n" for title, what in SECTIONS.items()]
    files = {
        root / "lessons" / f"{name}.md": "\n".join(sections),
        root / "course_utils" / "exercises" / f"{slug}.py": EXERCISES.format(chapter=number),
        root / "tests" / "exercises" / f"test_{slug}.py": TESTS.format(chapter=number, slug=slug),
    }
    if existing := [str(path.relative_to(root)) for path in files if path.exists()]:
        raise FileExistsError(f"new_chapter: {', '.join(existing)} exists already; nothing was written")
    if number not in listed:
        with (root / "lessons" / "course.toml").open("a", encoding="utf-8") as table:
            table.write(ENTRY.format(number=int(number), slug=slug, title=slug.replace("_", " ").capitalize()))
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(files)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for written in new_chapter(sys.argv[1]):
        print(f"wrote {written.relative_to(ROOT)}")
    print("Now: fill them in, then `make notebooks`, which also puts them into the list of exercises.")
