"""The layer that CONTRIBUTING.md builds is a real one: its code, as it stands there, obeys every law."""

import re
from types import ModuleType

import pytest

from tests.layers import reference, registry, test_laws
from tools.course import ROOT

LAYER, REFERENCE, CASE = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)


@pytest.fixture
def leaky(monkeypatch):
    """The three blocks of the page, put where it says; gone again after the test."""
    module = ModuleType("leaky")
    exec(LAYER, vars(module))
    for home, block, table in ((reference, REFERENCE, "REFERENCES"), (registry, CASE, "LAYERS")):
        entries = dict(getattr(home, table))
        exec(block, vars(home) | {"Leaky": module.Leaky, table: entries})
        for key, value in entries.items():
            monkeypatch.setitem(getattr(home, table), key, value)


@pytest.mark.parametrize("batch", test_laws.BATCHES, ids=str)
@pytest.mark.parametrize("masked", [False, True], ids=["full", "masked"])
def test_its_gradients_are_right(leaky, batch, masked, rng):
    test_laws.test_backward_equals_finite_differences("Leaky", batch, masked, rng)
    test_laws.test_all_gradients_equal_those_of_autograd("Leaky", batch, masked, rng)
    test_laws.test_passes_are_pure("Leaky", batch, masked, rng)


@pytest.mark.parametrize("batch", test_laws.BATCHES, ids=str)
def test_it_obeys_the_laws_of_batches(leaky, batch, rng):
    test_laws.test_gradients_mirror_what_they_are_gradients_of("Leaky", batch, rng)
    test_laws.test_a_batch_equals_its_sequences_one_by_one("Leaky", batch, rng)
    test_laws.test_a_small_step_downhill_lowers_the_loss("Leaky", batch, rng)


def test_it_obeys_the_other_laws(leaky, without_type_checks, rng, tmp_path):
    for batched in False, True:
        test_laws.test_padding_changes_nothing("Leaky", batched, rng)
        test_laws.test_float32_stays_float32("Leaky", batched, rng)
    test_laws.test_a_layer_is_saved_and_loaded("Leaky", tmp_path, rng)
    test_laws.test_wrong_inputs_are_refused_by_name("Leaky", without_type_checks, rng)
