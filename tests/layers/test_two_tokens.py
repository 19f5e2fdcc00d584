"""Two tables: the token that stands there, and the one before it."""

import numpy as np
import pytest

from course_utils.layers.two_tokens import TwoTokenEmbedding
from course_utils.models.transformer import TransformerLanguageModel


def test_each_step_sees_its_own_token_and_the_one_before(rng):
    both = TwoTokenEmbedding.init(5, 3, rng=rng)
    W, W_before = both.here.W, both.before.W
    e, _ = both.forward(np.array([4, 2, 3]))
    np.testing.assert_allclose(e, [W[4], W[2] + W_before[4], W[3] + W_before[2]])


def test_a_padded_step_is_nobodys_token_before(rng):
    both = TwoTokenEmbedding.init(5, 3, rng=rng)
    x, mask = np.array([[4, 1], [2, 2], [3, 1]]), np.array([[False, True], [True, True], [True, False]])
    e, trace = both.forward(x, mask)
    np.testing.assert_allclose(e[1, 0], both.here.W[2])
    np.testing.assert_allclose(e[1:, 0], both.forward(x[1:, 0])[0])
    _, gradient, _ = both.backward(np.ones_like(e), trace)
    assert np.flatnonzero(gradient.before.W.any(1)).tolist() == [1, 2]


def test_a_text_in_two_parts_is_refused(rng):
    """The first token of the second part would have none before it."""
    model = TransformerLanguageModel.init(5, 4, 1, 2, 8, rng=rng, H=2)
    model = TransformerLanguageModel(
        TwoTokenEmbedding.init(5, 4, rng=rng, dtype=np.float32), model.positions, model.transformer, model.readout
    )
    _, trace = model.forward(np.array([1, 2]))
    with pytest.raises(ValueError, match="wanted no state for a TwoTokenEmbedding"):
        model.forward(np.array([3]), state=trace.state)
