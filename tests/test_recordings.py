"""A recorded training is shown where it is the same training, and nowhere else."""

import numpy as np
import pytest

from course_utils import recordings
from course_utils.layers.linear import Linear
from course_utils.optim import SGD, Adam
from course_utils.recordings import recording, replaying, write
from course_utils.schedules import drop
from course_utils.train import fit
from course_utils.tree import leaves, select


def line(seed=0, D=2):
    return Linear.init(D, 1, rng=np.random.default_rng(seed), dtype=np.float32)


def squared(model, batch):
    x, y = batch
    guess, trace = model.forward(x)
    error = guess - y
    return float(np.mean(error**2)), model.backward(2 * error / error.size, trace)[1]


def doubled(model, batch):
    loss, gradient = squared(model, batch)
    return 2 * loss, gradient


def batches(seed=0, count=30, D=2):
    rng = np.random.default_rng(seed)
    return [(rng.normal(size=(5, D)).astype(np.float32), np.ones((5, 1), np.float32)) for _ in range(count)]


@pytest.fixture
def folder(tmp_path):
    """Two trainings that differ in where they begin, recorded."""
    seconds = iter(np.arange(0, 1_000, 100.0))
    record = recording(fit, lambda: next(seconds), lambda name, arrays: write(tmp_path / "05", name, arrays))
    for seed in range(2):
        record(line(seed), squared, batches(), Adam(0.1), clip=1.0, progress=None)
    assert len([*tmp_path.glob("05/*")]) == 2
    return tmp_path


@pytest.fixture
def trained(folder, monkeypatch):
    """`fit` as a browser has it, which says how many batches were trained on."""
    monkeypatch.setattr(recordings, "_shown", [True])
    steps = []

    def counted(model, loss_and_gradient, batches, *rest, **settings):
        def counting(model, batch):
            steps.append(batch)
            return loss_and_gradient(model, batch)

        return fit(model, counting, batches, *rest, **settings)

    def run(*arguments, **settings):
        steps.clear()
        return replaying(counted, folder)(*arguments, **settings), len(steps)

    return run


@pytest.mark.parametrize("seed", [0, 1])
def test_the_recording_is_the_training(seed, trained, capsys):
    wanted = fit(line(seed), squared, batches(), Adam(0.1), clip=1.0, progress=None)
    run, steps = trained(line(seed), squared, batches(), Adam(0.1), clip=1.0)
    assert steps == 1
    for (_, got), (_, want) in zip(leaves(run.model), leaves(wanted.model), strict=True):
        np.testing.assert_array_equal(got, want)
        assert got.dtype == want.dtype
    np.testing.assert_allclose(run.losses, wanted.losses, rtol=1e-6)
    np.testing.assert_allclose(run.norms, wanted.norms, rtol=1e-6)
    assert not run.interrupted
    assert "Recorded: here it would train for 20.0 minutes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("what", "change"),
    {
        "another start": {"model": line(2)},
        "another size": {"model": line(0, 3), "batches": batches(D=3)},
        "another rate": {"optimizer": Adam(0.2)},
        "another optimiser": {"optimizer": SGD(0.1)},
        "other batches": {"batches": batches(1)},
        "more batches": {"batches": batches(count=31)},
        "no clipping": {"clip": None},
        "a schedule": {"schedule": drop({10: 0.5})},
        "a part alone": {"trainable": select(line(0), lambda path: path == "b")},
        "another loss": {"loss": doubled},
        "numbers of another kind": {"model": Linear(*(a.astype(float) for _, a in leaves(line(0))))},
    }.items(),
)  # fmt: skip
def test_whoever_changes_something_trains(what, change, trained, capsys):
    usual = {"model": line(0), "loss": squared, "batches": batches(), "optimizer": Adam(0.1), "clip": 1.0}
    given = usual | change
    parts = [given.pop(name) for name in ("model", "loss", "batches", "optimizer")]
    run, steps = trained(*parts, **given, progress=None)
    wanted = fit(*parts, **given, progress=None)
    assert steps >= len(parts[2]), what
    for (_, got), (_, want) in zip(leaves(run.model), leaves(wanted.model), strict=True):
        np.testing.assert_array_equal(got, want)
    assert capsys.readouterr().out == ""


def test_batches_that_are_made_on_the_way_are_made(folder, tmp_path, trained):
    made = []

    def lazy():
        for batch in batches():
            made.append(batch)
            yield batch

    record = recording(fit, lambda: 0.0, lambda name, arrays: write(tmp_path / "05", name, arrays))
    record(line(), squared, lazy(), Adam(0.3), progress=None)
    made.clear()
    run, steps = trained(line(), squared, lazy(), Adam(0.3), progress=None)
    assert (steps, len(made), len(run.losses)) == (1, 30, 30)
    made.clear()
    run, steps = trained(line(3), squared, lazy(), Adam(0.3), progress=None)
    assert (steps, len(made), len(run.losses)) == (31, 30, 30)


def test_nothing_is_shown_where_it_was_turned_off(trained):
    recordings.live()
    assert trained(line(), squared, batches(), Adam(0.1), clip=1.0, progress=None)[1] == 30
    recordings.live(False)
    assert trained(line(), squared, batches(), Adam(0.1), clip=1.0, progress=None)[1] == 1


def test_large_models_are_recorded_as_float16(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "LARGE", 1)
    record = recording(fit, lambda: 0.0, lambda name, arrays: write(tmp_path / "05", name, arrays))
    wanted = record(line(), squared, batches(), Adam(0.1), progress=None).model
    model = replaying(fit, tmp_path)(line(), squared, batches(), Adam(0.1), progress=None).model
    np.testing.assert_array_equal(model.W, wanted.W.astype(np.float16).astype(np.float32))


def test_an_interrupted_training_is_not_recorded(tmp_path):
    def stops(model, batch):
        raise KeyboardInterrupt

    kept = []
    record = recording(fit, lambda: 0.0, lambda *recorded: kept.append(recorded))
    assert record(line(), stops, batches(), Adam(0.1)).interrupted
    assert kept == []
