"""The comparison of language models: equal sizes, one plan, and every model is trained in the quick mode."""

import numpy as np
import pytest

from benchmarks.quality import learning_curves
from benchmarks.quality.learning_curves import DESIGNS, N_GRAM, NETWORKS, PLAN, VARIANTS, build
from course_utils.experiments.learning_curves import SIZES, TUNED_ON, points
from course_utils.tree import count
from tests.conftest import unchecked


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("model", NETWORKS)
def test_networks_fill_their_size(model, size):
    made = count(build(model, size, np.random.default_rng(0)))
    assert 0.97 * SIZES[size] < made <= SIZES[size]


@pytest.mark.parametrize("model", VARIANTS)
def test_variants_of_the_transformer_are_as_large(model):
    made = build(model, "28k", np.random.default_rng(0))
    assert 0.97 * SIZES["28k"] < count(made) <= SIZES["28k"]
    design = DESIGNS[model]
    assert type(made.embedding).__name__ == ("TwoTokenEmbedding" if design.before else "Embedding")
    assert type(made.transformer.blocks[0].attention.attention).__name__.startswith(
        "Rotary" if design.rotary else "Dot"
    )
    if design.shape:
        assert (made.readout.W.shape[0], len(made.transformer.blocks)) == design.shape


def test_a_model_that_nobody_has_is_refused():
    with pytest.raises(ValueError, match="build: wanted one of RNN, .*, got 'CNN'"):
        build("CNN", "28k", np.random.default_rng(0))
    with pytest.raises(ValueError, match="learning_curves: wanted parts of RNN, GRU"):
        learning_curves.main(quick=False, names=["CNN"])


def test_the_quick_mode_trains_every_model():
    with unchecked():
        runs = learning_curves.main(quick=True, names=["GRU", "both", N_GRAM])
    assert [run["model"] for run in runs] == ["GRU", N_GRAM, "transformer, both"]
    assert all(1 < run["score"] < np.log2(50) for run in runs)
    assert runs[1]["n"] >= 5
    assert dict(runs[1]["tried"])[runs[1]["n"]] == runs[1]["valid"]


def test_a_plan_that_is_followed_to_its_end_has_all_points():
    """With a made-up outcome instead of trainings: the best rate is 0.032, which is the edge of the first grids."""
    models = ("GRU", N_GRAM, "transformer, both")
    runs = []
    while setting := next(learning_curves.wanted(runs, models), None):
        bits = 2.0 if setting["rate"] is None else 2 + abs(np.log(setting["rate"] / 3.2e-2))
        runs.append(setting | {"parameters": 1, "valid": bits, "score": bits, "seconds": 1.0})
    assert {run["model"] for run in runs} == set(models)
    found = {(point.model, point.size, point.budget): point for point in points(runs)}
    for step in PLAN:
        for model in set(step.models) & set(models):
            if model != N_GRAM:
                point = found[model, step.size, step.budget]
                assert len(point.scores) >= step.seeds
                assert point.rate == pytest.approx(3.2e-2)
    tuned = {run["budget"] for run in runs if run["rate"] == 1e-3}
    assert tuned == set(TUNED_ON.values())


def test_places_of_a_window_are_averaged_between_powers_of_two(rng):
    model = build("RNN", "28k", rng)
    text = rng.integers(0, learning_curves.V, 200)
    shown = learning_curves.by_place(model, text, 16)
    assert len(shown) == 5
    assert np.allclose(shown, np.log2(learning_curves.V), atol=0.5)
