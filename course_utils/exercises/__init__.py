"""Exercises that say what is wrong: ``check("01.2", answer)``, ``hint("01.2")``, ``solution("01.2")``."""

from importlib import import_module
from typing import Any

from course_utils.exercises.exercise import Exercise

CHAPTERS = {
    "00": "start_here",
    "01": "preprocessing",
    "02": "sequence_data",
    "03": "ngram",
    "05": "rnn",
    "06": "bptt",
    "07": "clipping",
    "08": "gru",
    "09": "lstm",
    "10": "stacked",
    "11": "bidirectional",
    "12": "pretraining",
    "13": "attention",
    "14": "self_attention",
    "15": "transformer",
}
"""The module that holds each chapter's exercises."""


def find(id: str) -> Exercise:
    """The exercise of this id, such as "01.2". Raises ValueError with the known ones for any other."""
    chapter = str(id).partition(".")[0]
    if chapter not in CHAPTERS:
        raise ValueError(
            f'exercises: wanted an id such as "01.2" of the chapters {", ".join(CHAPTERS)}, got {id!r:.60}'
        )
    known = {exercise.id: exercise for exercise in exercises(chapter)}
    if id not in known:
        raise ValueError(f"exercises: wanted one of {', '.join(known)}, got {id!r:.60}")
    return known[id]


def exercises(chapter: str) -> tuple[Exercise, ...]:
    """All exercises of a chapter ("08"), in order. Raises ValueError for a chapter that there is not."""
    if chapter not in CHAPTERS:
        raise ValueError(f"exercises: wanted one of the chapters {', '.join(CHAPTERS)}, got {chapter!r:.60}")
    module = import_module(f"course_utils.exercises.{CHAPTERS[chapter]}")
    return module.EXERCISES


def check(id: str, answer: Any) -> None:
    """Look at an answer: print that it is right, or the name of what is wrong and what to try."""
    print(find(id).verdict(answer)[1])


def hint(id: str, level: int = 1) -> None:
    """Print a hint; higher levels say more."""
    print(find(id).hint(level))


def solution(id: str) -> None:
    """Print the reference solution."""
    print(find(id).solution())
