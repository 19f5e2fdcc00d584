"""None, a number or a generator where many things were wanted: refused in words, or read."""

import numpy as np
import pytest

from course_utils.layers.chain import Chain
from course_utils.layers.linear import Linear
from course_utils.layers.pooling import MeanOverTime
from course_utils.layers.pytorch import from_torch_state, to_torch_state
from course_utils.saving import write_arrays
from course_utils.text.batching import align
from course_utils.text.kneser_ney import KneserNey
from course_utils.text.smoothing import MLE, AddK, BackOff
from course_utils.text.stream import join
from course_utils.text.vocabulary import PAD, UNK, Vocabulary


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: align(None), "align: wanted a sequence, got NoneType"),
        (lambda: align(3), "align: wanted a sequence, got int"),
        (lambda: align([np.array([1, 2**63], np.uint64)]), "align: wanted sequence 0 from -.* to .*, got 1 to 92233720"),
        (lambda: join(None), "join: wanted a sequence, got NoneType"),
        (lambda: write_arrays(None, "weights.npz"), "write_arrays: wanted a dictionary of arrays by name, got NoneType"),
        (lambda: Vocabulary((PAD, UNK), 5), "Vocabulary: wanted a sequence, got int"),
        *((lambda model=model: model(None), "wanted the counts of NGrams") for model in (MLE, AddK, BackOff, KneserNey)),
        (lambda: to_torch_state(MeanOverTime()), "wanted a layer with parameters"),
        (lambda: to_torch_state(Chain(())), "wanted a layer with parameters|at least one layer"),
    ],
)  # fmt: skip
def test_what_is_nothing_is_refused(call, said, without_type_checks):
    with pytest.raises(ValueError, match=said):
        call()


def test_what_can_be_read_once_is_read():
    tokens, mask = align(np.array(row) for row in ([1, 2], [3]))
    assert tokens.tolist() == [[1, 3], [2, 0]]
    assert mask.sum() == 3
    assert join(np.array(row) for row in ([1, 2], [3])).tolist() == [1, 2, 0, 3, 0]


def test_a_vocabulary_says_of_everything_whether_it_holds_it():
    vocabulary = Vocabulary.build([["a"]])
    assert "a" in vocabulary
    assert not any(thing in vocabulary for thing in (["a"], {}, None, 2, np.array(["a"])))


def test_weights_of_two_types_of_number_are_no_layer(rng):
    layer = Linear.init(2, 3, rng=rng)
    state = to_torch_state(layer)
    state["bias"] = state["bias"].astype(np.float32)
    with pytest.raises(ValueError, match="wanted all parameters in one type of number, got float32, float64"):
        from_torch_state(state, layer)
