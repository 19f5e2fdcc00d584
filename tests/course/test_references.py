"""Wherever a chapter or an exercise is named by its number, there is one of that number."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_utils.exercises import CHAPTERS, exercises
from tools.course import ROOT, chapters

WRITTEN = {f"{chapter.number:02}" for chapter in chapters() if chapter.written}
NUMBER_OF = {chapter.slug: f"{chapter.number:02}" for chapter in chapters()}
IDS = {exercise.id for chapter in CHAPTERS for exercise in exercises(chapter)}
FOLDERS = ("*.md", "Makefile", "lessons/*", "course_utils/**/*.py", "benchmarks/**/*.py", "tools/**/*.py")
PAGES = sorted({path for pattern in FOLDERS for path in ROOT.glob(pattern) if path.is_file()})
SOME = re.compile(r"\bchapters?\s+(\d\d(?:(?:\s*[,–-]\s*|,?\s+(?:and|or|to)\s+)\d\d\b(?![.%\d]))*)", re.IGNORECASE)
NAMED = re.compile(rf"\b(\d\d)_({'|'.join(sorted(NUMBER_OF, key=len, reverse=True))})\b")
EXERCISE = re.compile(r"(?:\bexercises?\s+|\b(?:check|hint|solution)\(\\?[\"'])(\d\d\.\d)\b", re.IGNORECASE)


def wrong(text: str) -> Iterator[str]:
    """What a text says of chapters and exercises that there are not."""
    for found in SOME.finditer(text):
        if not set(re.findall(r"\d\d", found[1])) <= WRITTEN:
            yield found[0]
    yield from (found[0] for found in NAMED.finditer(text) if NUMBER_OF[found[2]] != found[1])
    yield from (found[0] for found in EXERCISE.finditer(text) if found[1] not in IDS)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_named_exists(path: Path):
    assert list(wrong(path.read_text("utf-8"))) == []


def test_it_finds_what_is_wrong():
    text = (
        "Chapters 05 to 07, 05_rnn, exercise 05.1 exist. See chapters 03, 05 and 99, chapter 04, 04_rnn, exercise 05.9"
    )
    text += ', check("00.7", f)'
    assert list(wrong(text)) == ["chapters 03, 05 and 99", "chapter 04", "04_rnn", "exercise 05.9", 'check("00.7']
