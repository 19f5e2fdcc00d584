"""Every exercise of every chapter: the reference passes, hints help, and the stub in the lesson is told "not yet"."""

import re
from importlib import import_module

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.exercises import CHAPTERS, exercises, find
from tests.exercises.hostile import OTHER, SAME, all_alike, each, hostile_session
from tests.exercises.test_slips import SLIPS
from tools.course import ROOT

FOLDER = ROOT / "course_utils" / "exercises"
WRITTEN = [chapter for chapter, module in CHAPTERS.items() if (FOLDER / f"{module}.py").exists()]
EXERCISES = [pytest.param(chapter, exercise, id=exercise.id) for chapter in WRITTEN for exercise in exercises(chapter)]
every_exercise = pytest.mark.parametrize(("chapter", "exercise"), EXERCISES)
MISTAKES = [
    pytest.param(*mistake, id=f"{mistake[0]} {mistake[2]}")
    for chapter in WRITTEN
    for mistake in import_module(f"tests.exercises.test_{CHAPTERS[chapter]}").WRONG
]
"""Of each chapter: (id, a plausible wrong answer, words of the message that only this mistake gets)."""
RIGHT = [
    pytest.param(*answer, id=f"{answer[0]} {answer[2]}")
    for chapter in WRITTEN
    for answer in getattr(import_module(f"tests.exercises.test_{CHAPTERS[chapter]}"), "RIGHT", ())
]
"""Of each chapter: (id, an answer that is right though it is written unlike the reference, what is unlike)."""
CHECK = re.compile(r"""^check\(["']([\d.]+)["'],\s*(\w+)\)""", re.MULTILINE)


def lesson_cells(chapter):
    """The code cells of a chapter's lesson; skips the test if there is no lesson yet."""
    import jupytext  # which a browser's Python has not

    found = list((ROOT / "lessons").glob(f"{chapter}_*.md"))
    if not found:
        pytest.skip(f"the lesson of chapter {chapter} is not written yet")
    notebook = jupytext.reads(found[0].read_text(encoding="utf-8"), fmt="md:myst")
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def stub(cells, id):
    """The function that stands before ``check(id, name)``, made by running the one cell that defines it."""
    for k, cell in enumerate(cells):
        for found, name in CHECK.findall(cell):
            if found == id:
                definition = next(c for c in reversed(cells[: k + 1]) if re.search(rf"^def {name}\(", c, re.MULTILINE))
                space = {"np": np, "plt": plt}
                exec(CHECK.sub("", definition), space)
                return space[name]
    raise AssertionError(f'the lesson has no check("{id}", ...)')


@every_exercise
def test_the_reference_is_right(chapter, exercise):
    right, text = exercise.verdict(exercise.reference)
    assert right, text
    assert exercise.verdict(exercise.reference) == (right, text), "a second time"
    for seed in (0, 1):
        with hostile_session(seed):
            assert exercise.verdict(exercise.reference) == (right, text), "in whatever session"
    first, *praise = text.splitlines()
    assert first == f"✓ {exercise.id} {exercise.title}: right."
    assert " ".join(praise).split() == exercise.praise.split()


@every_exercise
def test_it_belongs_to_its_chapter_and_hints_help_in_steps(chapter, exercise):
    number = [e.id for e in exercises(chapter)].index(exercise.id) + 1
    assert exercise.id == f"{chapter}.{number}"
    assert len(exercise.hints) >= 2
    assert len(set(exercise.hints)) == len(exercise.hints)
    for text in (exercise.title, exercise.praise, *exercise.hints):
        assert text == text.strip() != ""


@every_exercise
def test_the_solution_runs_where_it_is_pasted(chapter, exercise):
    space = {"np": np}
    exec(exercise.solution(), space)
    right, text = exercise.verdict(space[exercise.reference.__name__])
    assert right, text


@every_exercise
def test_the_stub_is_told_not_yet(chapter, exercise):
    right, text = exercise.verdict(stub(lesson_cells(chapter), exercise.id))
    assert not right
    assert "not yet" in text
    assert "stopped with" not in text, "the stub runs, and returns the right shape of the wrong thing"
    assert ": shape (" not in text, text
    assert " at 0x" not in text


@every_exercise
@pytest.mark.parametrize(
    "answer",
    [
        lambda *a: None,
        lambda *a: 1 / 0,
        lambda *a: [[1], [1, 2]],
        lambda *a: "a",
        lambda *a: object(),
        lambda *a: [],
        3,
    ],
)
def test_nonsense_is_told_not_yet(chapter, exercise, answer, without_type_checks):
    """Whatever an answer returns, the learner reads a sentence, never a traceback of the check."""
    right, text = exercise.verdict(answer)
    assert not right
    assert "not yet" in text
    assert " at 0x" not in text


@pytest.mark.parametrize(("id", "answer", "message"), MISTAKES)
def test_each_mistake_has_its_own_message(id, answer, message, without_type_checks):
    """Also where errors and warnings are raised, NumPy prints in another way, and the seeds are others."""
    with hostile_session():
        right, text = find(id).verdict(answer)
    assert not right
    assert "not yet" in text
    assert message in " ".join(text.split())


def bent(reference, bend, same):
    """The reference with its result bent, and a note whether it still is the same."""

    def answer(*given):
        right = reference(*given)
        result = each(bend, right)
        same.append(all_alike(result, right))
        return result

    return answer


@every_exercise
def test_bent_results_are_answered_and_never_pass_if_they_are_wrong(chapter, exercise, without_type_checks):
    for name, bend in OTHER.items():
        same = []
        right, text = exercise.verdict(bent(exercise.reference, bend, same))
        assert not right or all(same), name
        assert not re.search(r"0x[0-9a-f]{5}|Traceback|site-packages", text), name
        if name == "zeros":
            assert "cut off" not in text


SINGLE = "single precision|few digits"


@every_exercise
def test_the_right_numbers_in_another_guise_pass_or_are_told_what_the_guise_is(chapter, exercise, without_type_checks):
    told = {
        "float32": SINGLE,
        "in single precision on the way": SINGLE,
        "complex": "complex|integer|another kind|True or False",
        "long double": "integer|True or False",
    }
    for name, bend in SAME.items():
        right, text = exercise.verdict(bent(exercise.reference, bend, []))
        # Of a number, which is to be an integer or a bool, an array of no axis is something else: 01.1, 10.4, 13.4.
        words = told.get(name, "integer") + "|integers|True or False"
        assert right or re.search(words, text), f"{name}: {text}"


@every_exercise
def test_too_many_and_too_few_results_are_counted_and_a_missing_one_is_named(chapter, exercise, without_type_checks):
    numbers = []

    def altered(change):
        def answer(*given):
            right = exercise.reference(*given)
            numbers.append(len(right) if isinstance(right, tuple) else 0)
            return change(right) if isinstance(right, tuple) else right

        return " ".join(exercise.verdict(answer)[1].split())

    altered(lambda parts: parts)
    number = numbers[0]
    for k in range(number):
        assert re.search("None|not a list", altered(lambda parts, k=k: (*parts[:k], None, *parts[k + 1 :])))
    if number:
        assert f"got {number - 1}" in altered(lambda parts: parts[:-1])
        assert f"got {number + 1}" in altered(lambda parts: (*parts, parts[0]))


@pytest.mark.parametrize(("id", "answer", "unlike"), RIGHT)
def test_what_is_right_passes_however_it_is_written(id, answer, unlike, without_type_checks):
    right, text = find(id).verdict(answer)
    assert right, text


@every_exercise
@pytest.mark.parametrize("kind", [iter, list], ids=["one by one", "in a list"])
def test_several_results_may_come_one_by_one(chapter, exercise, kind, without_type_checks):
    def answer(*given):
        right = exercise.reference(*given)
        return kind(right) if isinstance(right, tuple) else right

    right, text = exercise.verdict(answer)
    assert right, text


@every_exercise
def test_mistakes_of_every_exercise_are_known(chapter, exercise):
    messages = {message for id, _, message in (mistake.values for mistake in MISTAKES) if id == exercise.id}
    assert len(messages | {slip.what for other, slip in (slip.values for slip in SLIPS) if other is exercise}) >= 5


@pytest.mark.parametrize("chapter", WRITTEN)
def test_lesson_and_exercises_agree(chapter):
    asked = [id for cell in lesson_cells(chapter) for id, _ in CHECK.findall(cell)]
    assert asked == [exercise.id for exercise in exercises(chapter)], "each exercise is checked once, in order"
    if chapter != "00":
        assert len(asked) >= 3
