"""The same numbers as PyTorch, to 1e-10: against stored ones in every run, and against PyTorch itself where it is installed.

The stored ones come from `theirs`, which says what each case computes.
"""

import numpy as np
import pytest

from tests.parity.ours import OURS
from tools.course import ROOT

GOLDEN = ROOT / "tests" / "golden"


def compare(name, theirs):
    ours = OURS[name](theirs)
    asked = {"y"} | {key for key in theirs if key != "dy" and key[0] == "d" and key[1:] in theirs}
    assert set(ours) == asked, "everything that PyTorch computed is compared"
    for key in asked:
        np.testing.assert_allclose(ours[key], theirs[key], rtol=1e-10, atol=1e-10, err_msg=key)


def test_every_stored_case_is_compared():
    assert {path.stem for path in GOLDEN.glob("*.npz")} == set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_stored_numbers(name):
    with np.load(GOLDEN / f"{name}.npz") as file:
        compare(name, dict(file))


@pytest.mark.parametrize("name", OURS)
def test_pytorch_itself(name):
    pytest.importorskip("torch")
    from tests.parity.theirs import compute

    compare(name, compute(name, rng=np.random.default_rng(1)))


def test_the_stored_numbers_are_those_of_the_tool():
    pytest.importorskip("torch")
    from tests.parity.theirs import CASES, compute

    assert set(CASES) == set(OURS)
    with np.load(GOLDEN / "lstm_padded.npz") as file:
        stored = dict(file)
    for key, values in compute("lstm_padded", rng=np.random.default_rng(0)).items():
        np.testing.assert_allclose(stored[key], values, atol=1e-12)
