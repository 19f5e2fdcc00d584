"""Training: what is reached is kept, whatever happens."""

import inspect
import sys
from threading import Thread

import numpy as np
import pytest
from tqdm import TMonitor

from course_utils.layers.chain import Chain
from course_utils.layers.linear import Linear
from course_utils.losses import cross_entropy
from course_utils.optim import SGD, Adam, clip_norm
from course_utils.train import Run, fit, train_steps
from course_utils.tree import astype, leaves, norm, select, tree_map


def quiet(steps, total=None):
    return steps


def loss_and_gradient(model, batch):
    x, targets = batch
    logits, trace = model.forward(x)
    loss, dlogits = cross_entropy(logits, targets)
    return loss, model.backward(dlogits, trace)[1]


@pytest.fixture
def model(rng):
    return Linear.init(2, 3, rng=rng)


@pytest.fixture
def batches(rng):
    x = rng.normal(size=(40, 16, 2))
    return [(x_k, (x_k[:, 0] > 0) + (x_k[:, 1] > 0).astype(int)) for x_k in x]


def same(one, other):
    return all(np.array_equal(a, b) for (_, a), (_, b) in zip(leaves(one), leaves(other), strict=True))


def test_it_learns_and_remembers(model, batches):
    run = fit(model, loss_and_gradient, batches, Adam(0.1), progress=quiet)
    assert len(run.losses) == len(run.norms) == 40
    assert np.mean(run.losses[-5:]) < 0.7 * np.mean(run.losses[:5])
    assert not run.interrupted
    assert run.losses[0] == loss_and_gradient(model, batches[0])[0]
    assert run.norms[0] == norm(loss_and_gradient(model, batches[0])[1])
    assert repr(run) == "Run(40 steps, Linear(W=2×3, b=3))"


def test_the_model_it_was_given_is_untouched(model, batches):
    kept = tree_map(np.copy, model)
    run = fit(model, loss_and_gradient, batches, SGD(0.5), progress=quiet)
    assert same(model, kept)
    assert not same(run.model, kept)


def test_steps_equal_a_loop_by_hand(model, batches):
    optimizer, clip = SGD(0.5), 0.3
    by_hand, models, norms = model, [], []
    for batch in batches[:5]:
        gradient = loss_and_gradient(by_hand, batch)[1]
        by_hand = tree_map(lambda p, g: p - 0.5 * g, by_hand, clip_norm(gradient, clip))
        norms.append(norm(gradient))
        models.append(by_hand)
    steps = list(train_steps(model, loss_and_gradient, batches[:5], optimizer, clip=clip))
    assert [step.number for step in steps] == [1, 2, 3, 4, 5]
    assert all(same(step.model, m) for step, m in zip(steps, models, strict=True))
    assert [step.norm for step in steps] == norms, "the norm that is reported is the one before clipping"
    assert max(norms) > 1.1 * clip


@pytest.mark.parametrize("k", [1, 7, 40])
def test_an_interruption_in_the_computation_keeps_what_was_reached(model, batches, k, capsys):
    calls = []

    def interrupted(model, batch):
        calls.append(1)
        if len(calls) == k:
            raise KeyboardInterrupt
        return loss_and_gradient(model, batch)

    run = fit(model, interrupted, batches, SGD(0.5), progress=quiet)
    whole = fit(model, loss_and_gradient, batches[: k - 1], SGD(0.5), progress=quiet)
    assert run.interrupted
    assert same(run.model, whole.model)
    assert run.losses == whole.losses
    assert run.norms == whole.norms
    assert repr(run).startswith(f"Run({k - 1} steps, interrupted,")
    assert capsys.readouterr().out == f"Interrupted after {k - 1} of 40 steps; the model they have reached is kept.\n"


@pytest.mark.parametrize("k", [0, 7])
@pytest.mark.parametrize("place", ["before a step", "after a step"])
def test_an_interruption_in_the_progress_bar_keeps_what_was_reached(model, batches, k, place):
    def progress(steps, total=None):
        steps = iter(steps)
        for _ in range(k):
            yield next(steps)
        if place == "after a step":
            next(steps)
        raise KeyboardInterrupt

    run = fit(model, loss_and_gradient, batches, SGD(0.5), progress=progress)
    whole = fit(model, loss_and_gradient, batches[:k], SGD(0.5), progress=quiet)
    assert run.interrupted
    assert same(run.model, whole.model)
    assert run.losses == whole.losses


def test_an_interruption_in_the_optimizer_keeps_the_model_of_the_step_before(model, batches):
    class Stubborn(SGD):
        def update(self, model, dmodel, state):
            if len(seen) == 3:
                raise KeyboardInterrupt
            seen.append(1)
            return super().update(model, dmodel, state)

    seen = []
    run = fit(model, loss_and_gradient, batches, Stubborn(0.5), progress=quiet)
    assert (len(run.losses), run.interrupted) == (3, True)


@pytest.mark.parametrize("line", range(12))
def test_an_interruption_between_any_two_lines_keeps_a_whole_step(model, batches, line):
    """At the `line`-th line that `fit` itself comes to after three updates."""
    seen, updated = [], []

    def counted(model, batch):
        updated.append(1)
        return loss_and_gradient(model, batch)

    def trace(frame, event, arg):
        if frame.f_code is not bare.__code__:
            return None
        if event == "line" and len(updated) >= 3:
            seen.append(frame.f_lineno)
            if len(seen) == line + 1:
                raise KeyboardInterrupt
        return trace

    bare, before = inspect.unwrap(fit), sys.gettrace()
    sys.settrace(trace)
    try:
        run = bare(model, counted, batches[:6], SGD(0.5), progress=quiet)
    finally:
        sys.settrace(before)
    assert run.interrupted
    assert len(run.losses) == len(run.norms)
    assert same(run.model, fit(model, loss_and_gradient, batches[: len(run.losses)], SGD(0.5), progress=None).model)


def test_one_training_of_several_passes_the_interruption_on(model, batches):
    def interrupted(model, batch):
        if batch is batches[4]:
            raise KeyboardInterrupt
        return loss_and_gradient(model, batch)

    with pytest.raises(KeyboardInterrupt) as caught:
        fit(model, interrupted, batches, SGD(0.5), progress=None)
    assert caught.value.__notes__ == [
        "Interrupted after 4 of 40 steps of one training; variables set before it are kept."
    ]


def test_other_errors_are_not_swallowed(model, batches):
    def broken(model, batch):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fit(model, broken, batches, SGD(0.5), progress=quiet)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("where", ["loss", "gradient"])
def test_numbers_that_are_not_finite_end_the_run_before_they_spoil_the_model(model, batches, bad, where):
    calls = []

    def explodes(model, batch):
        loss, dmodel = loss_and_gradient(model, batch)
        calls.append(1)
        if len(calls) < 4:
            return loss, dmodel
        return (bad, dmodel) if where == "loss" else (loss, tree_map(lambda g: g * bad, dmodel))

    steps, reached = train_steps(model, explodes, batches, SGD(0.1)), []
    with pytest.raises(ValueError, match=r"wanted finite numbers, got loss .* at step 4; try a smaller learning rate"):
        reached.extend(steps)
    assert [step.number for step in reached] == [1, 2, 3]
    assert np.isfinite(norm(reached[-1].model))


def test_the_bar_is_told_how_many_steps_there_are(model, batches):
    totals = []

    def progress(steps, total=None):
        totals.append(total)
        return steps

    fit(model, loss_and_gradient, batches, SGD(0.1), progress=progress)
    fit(model, loss_and_gradient, iter(batches), SGD(0.1), progress=progress)
    assert totals == [40, None]


def test_the_usual_bar(model, batches, capsys):
    run = fit(model, loss_and_gradient, batches, SGD(0.1))
    assert len(run.losses) == 40
    assert "40" in capsys.readouterr().err


def test_the_usual_bar_starts_no_thread(model, batches, monkeypatch):
    """A browser's Python cannot, and tqdm warns of that (an error here)."""
    started = []
    monkeypatch.setattr(TMonitor, "report", lambda monitor: False)  # as if none were running yet
    monkeypatch.setattr(Thread, "start", lambda thread: started.append(thread))
    fit(model, loss_and_gradient, batches, SGD(0.1))
    assert not started


def test_batches_are_made_one_at_a_time(model, batches):
    """A generator of batches without end can be trained on; whoever iterates decides when to stop."""

    def endless():
        while True:
            yield batches[0]

    steps = train_steps(model, loss_and_gradient, endless(), SGD(0.1))
    assert [next(steps).number for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("optimizer", [SGD(np.float64(0.1)), Adam(np.float64(0.1))])
def test_float32_stays_float32(model, batches, optimizer):
    small = [(x.astype(np.float32), targets) for x, targets in batches]
    run = fit(astype(model, np.float32), loss_and_gradient, small, optimizer, clip=np.float64(0.1), progress=quiet)
    assert {a.dtype for _, a in leaves(run.model)} == {np.dtype(np.float32)}
    assert {type(n) for n in run.losses + run.norms} == {float}


def test_no_batches_no_steps(model):
    run = fit(model, loss_and_gradient, [], SGD(0.1), progress=quiet)
    assert run == Run(model)


def test_frozen_parameters_do_not_change_by_a_bit(rng):
    """Whatever the optimiser remembers; and they have no part in the norm that clipping compares with."""
    chain = Chain((Linear.init(3, 4, rng=rng), Linear.init(4, 1, rng=rng)))
    mask = select(chain, lambda path: path.startswith("layers[1]"))
    x, y = rng.normal(size=(50, 3)), rng.normal(size=(50, 1))

    def squared(model, batch):
        out, trace = model.forward(x)
        return float(((out - y) ** 2).mean()), model.backward(2 * (out - y) / len(y), trace)[1]

    for optimizer in (SGD(0.1), Adam(0.1)):
        run = fit(chain, squared, [None] * 20, optimizer, trainable=mask, progress=None)
        for before, after in zip(chain.layers[0], run.model.layers[0], strict=True):
            assert before.tobytes() == after.tobytes()
        assert run.losses[-1] < run.losses[0]
        assert not np.array_equal(chain.layers[1].W, run.model.layers[1].W)
    assert run.norms[0] == pytest.approx(norm(squared(chain, None)[1].layers[1]))


@pytest.mark.parametrize("optimizer", [SGD(0.1), Adam(0.1)], ids=lambda o: type(o).__name__)
def test_a_schedule_is_a_factor_of_the_learning_rate_of_each_step(optimizer, model, batches):
    """The same as an optimiser made anew for every step that inherits what the one before remembers."""
    asked = []

    def schedule(step):
        asked.append(step)
        return 1 / step

    run = fit(model, loss_and_gradient, batches[:6], optimizer, schedule=schedule, progress=None)
    assert asked == [1, 2, 3, 4, 5, 6]
    by_hand, state = model, optimizer.init(model)
    for step, batch in enumerate(batches[:6], start=1):
        now = type(optimizer)(0.1 * (1 / step))
        by_hand, state = now.update(by_hand, loss_and_gradient(by_hand, batch)[1], state)
    assert same(run.model, by_hand)
    constant = fit(model, loss_and_gradient, batches[:6], optimizer, schedule=lambda step: 1.0, progress=None)
    assert same(constant.model, fit(model, loss_and_gradient, batches[:6], optimizer, progress=None).model)


def test_a_schedule_that_stops_learning_is_refused(model, batches):
    with pytest.raises(ValueError, match="SGD: wanted lr > 0, got 0.0"):
        fit(model, loss_and_gradient, batches, SGD(0.1), schedule=lambda step: 0.0, progress=None)
