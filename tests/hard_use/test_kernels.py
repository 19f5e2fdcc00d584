"""What learners do to a chapter: run its cells in no order, or twice, and stop them in the middle."""

import pytest

from tests.hard_use.kernel import CHAPTERS, Outcome, cells, kernel

ADVICE = "choose Run > Run All Above Selected Cell"
SAYS = "Interrupted"
STOPPING = """
import course_utils.train as train

def stopping(model, loss_and_gradient, *arguments, train_steps=train.train_steps, **options):
    done = 0

    def pressed(*both):
        nonlocal done
        if done == {steps}:
            print("stopped here")
            raise KeyboardInterrupt
        done += 1
        return loss_and_gradient(*both)

    return train_steps(model, pressed, *arguments, **options)

train.train_steps = stopping
"""
"""Every training of the chapter is interrupted after so many steps, while it computes the next loss."""
HURRYING = """
from itertools import islice
import course_utils.train as train

stop_before, trainings = float("inf"), 0

def hurrying(model, loss_and_gradient, batches, *arguments, steps=train.train_steps, **options):
    global trainings
    trainings += 1
    if trainings == stop_before:
        raise KeyboardInterrupt
    yield from steps(model, loss_and_gradient, list(islice(batches, 2)), *arguments, **options)

train.train_steps = hurrying
"""
"""Every training ends after two updates, and the one with the number `stop_before` is interrupted."""


def fine(outcome: Outcome, tags: list[str], *expected: str) -> bool:
    """Whether a cell ended well, as its tag announces, with one of these errors, or with advice what to run."""
    return outcome.error is None or "raises-exception" in tags or outcome.error in expected or ADVICE in outcome.text


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_cell_alone_after_the_first_one(chapter):
    """It runs, or a name is missing, and what to do is said. A cell that runs for long alone is stopped."""
    first, *others = cells(chapter)
    found = []
    with kernel() as fresh:
        for number, cell in enumerate(others, start=2):
            fresh.run("get_ipython().reset(new_session=False)")
            assert fresh.run(first.source).error is None
            outcome = fresh.run(cell.source, stop_after=6)
            if not fine(outcome, cell.metadata.get("tags", []), "KeyboardInterrupt"):
                found.append(f"code cell {number}: {outcome.text}")
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_cell_twice_in_a_row(chapter):
    """From top to bottom, each run once more before the next: whoever presses Shift + Enter again loses nothing."""
    found = []
    with kernel() as fresh:
        for number, cell in enumerate(cells(chapter), start=1):
            for time in ("first", "second"):
                outcome = fresh.run(cell.source)
                if outcome.error and "raises-exception" not in cell.metadata.get("tags", []):
                    found.append(f"code cell {number}, run for the {time} time: {outcome.text}")
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [0, 25])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_training_interrupted(chapter, steps):
    """It says so; later cells run with what was reached, though not every claim about the models holds then."""
    found = []
    with kernel() as fresh:
        assert fresh.run(STOPPING.format(steps=steps)).error is None
        for number, cell in enumerate(cells(chapter), start=1):
            outcome = fresh.run(cell.source)
            hit = "stopped here" in outcome.text
            allowed = ("AssertionError", "KeyboardInterrupt") if hit else ("AssertionError",)
            if not fine(outcome, cell.metadata.get("tags", []), *allowed) or (hit and SAYS not in outcome.text):
                found.append(f"code cell {number}, {'' if hit else 'not '}interrupted: {outcome.text}")
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chapter", "trials", "kept"),
    [
        ("05_rnn", "accuracy = {", "sum(np.isfinite(runs).sum() for runs in accuracy.values())"),
        ("05_rnn", "patient = ", "np.isfinite(patient).sum()"),
        ("07_clipping", "accuracy = {", "sum(np.isfinite(runs).sum() for runs in accuracy.values())"),
        ("09_lstm", "at_20 = {", "sum(map(len, at_20.values()))"),
        ("11_bidirectional", "live = {", "sum(map(len, live.values()))"),
        ("12_pretraining", "reached = {", "sum(map(len, reached.values()))"),
        ("14_self_attention", "live = {", "len(live)"),
    ],
)
def test_a_cell_of_several_trainings_keeps_those_that_are_done(chapter, trials, kept):
    with kernel() as fresh:
        assert fresh.run(HURRYING).error is None
        for cell in cells(chapter):
            if trials in cell.source:
                break
            assert fine(fresh.run(cell.source), cell.metadata.get("tags", []), "AssertionError")
        else:
            pytest.fail(f"no cell of {chapter} says {trials!r}")
        assert fresh.run("stop_before, trainings = 2, 0").error is None
        assert fresh.run(cell.source).error == "KeyboardInterrupt"
        assert fresh.run(f"assert {kept} == 1, {kept}") == Outcome("", None)


@pytest.mark.slow
def test_the_stop_button_in_a_training_cell():
    """Chapter 01's, in a real kernel: what was reached is there for the cells below, and for the same cell again."""
    before, training, after = [], None, []
    for cell in cells("01_preprocessing"):
        if training is None and "progress=LiveCurve" in cell.source:
            training = cell
        else:
            (before if training is None else after).append(cell)
    with kernel() as fresh:
        for cell in before:
            assert fine(fresh.run(cell.source), cell.metadata.get("tags", []))
        stopped = fresh.run(training.source, stop_after=1.5)
        assert stopped.text.count(SAYS) == 1
        assert "Interrupted after 0 of" not in stopped.text
        assert fine(stopped, [], "AssertionError")
        assert fresh.run("assert run.interrupted and len(run.losses) == len(run.norms) > 0").error is None
        assert fine(fresh.run(after[0].source), [], "AssertionError")
        assert fresh.run(training.source) == Outcome("", None)
        assert fine(fresh.run(after[0].source), [])
