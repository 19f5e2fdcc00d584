"""What padded steps may hold: anything, and what it is read as."""

import numpy as np
import pytest

from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.padding import readable
from course_utils.losses import cross_entropy
from course_utils.models.encoder_decoder import EncoderDecoder
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.self_attention import POSITIONS, SelfAttentionModel
from course_utils.models.transformer import TransformerClassifier, TransformerLanguageModel
from course_utils.tree import leaves, tree_map

MASK = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], bool)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e78, "largest"])
def test_only_what_cannot_be_computed_with_is_replaced_and_only_at_padded_steps(dtype, bad, rng):
    bad = np.finfo(dtype).max if bad == "largest" else bad
    with np.errstate(over="ignore"):
        bad = dtype(bad)
    x = rng.normal(size=(4, 3, 2)).astype(dtype)
    x[1, 1, 0] = x[0, 0, 1] = bad  # padded, real
    before = x.copy()
    got = readable(x, MASK)
    want = before.copy()
    want[1, 1] = 0
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(x, before, "not written into")
    assert got.dtype == dtype


def test_where_there_is_nothing_to_replace_nothing_is_copied(rng):
    x = rng.normal(size=(4, 3, 2)) * 1e6
    assert readable(x, None) is x
    assert readable(x, MASK) is x, "numbers that can be computed with stay"
    x[0, 0] = np.nan
    assert readable(x, MASK) is x, "a real step"
    for other in (MASK[:3], MASK[:, :2], MASK[..., None], MASK.astype(int), [[True]], True):
        assert readable(x, other) is x, "no mask of these steps"
    assert readable(x[:0], MASK[:0]).shape == (0, 3, 2)
    mean = np.full((4, 2), np.nan)
    assert readable(mean, np.zeros((5, 4), bool)) is mean, "a mean over the steps of the mask"


def test_the_mask_may_begin_before_x():
    x = np.full((2, 3, 1), np.nan)
    np.testing.assert_array_equal(np.isnan(readable(x, MASK))[..., 0], MASK[2:])


MODELS = {
    "recurrent": lambda rng: RecurrentLanguageModel.init(5, 4, GRU.init(4, 3, rng=rng), 3, rng=rng, dtype=np.float64),
    "transformer": lambda rng: TransformerLanguageModel.init(5, 4, 2, 2, 6, rng=rng, dtype=np.float64),
    "classifier": lambda rng: TransformerClassifier.init(5, 4, 1, 2, 6, 3, rng=rng, dtype=np.float64),
} | {
    f"self-attention, {positions}": lambda rng, positions=positions: SelfAttentionModel.init(
        5, 4, 2, 6, rng=rng, positions=positions, causal=False, dtype=np.float64
    )
    for positions in POSITIONS
}


def with_padding_vector(model, value):
    """The vectors of token 0 hold the value in every embedding that reads."""
    tables = [W for path, W in leaves(model) if path in ("embedding.W", "reading.W")]
    assert len(tables) == 1
    filled = np.concatenate([np.full_like(tables[0][:1], value), tables[0][1:]])
    return tree_map(lambda W: filled if W is tables[0] else W, model)


@pytest.mark.parametrize("anything", [np.nan, -np.inf, 1e300])
@pytest.mark.parametrize("name", MODELS)
def test_models_do_not_care_for_the_vector_of_the_padding_nor_for_dy_there(name, anything, rng):
    model = MODELS[name](rng)
    mask = MASK[:, :2]
    tokens = np.where(mask, rng.integers(1, 5, mask.shape), 0)
    pools = name == "classifier"

    def run(value):
        layer = with_padding_vector(model, value)
        y, trace = layer.forward(tokens, mask)
        dy = np.cos(np.arange(y.size)).reshape(y.shape)
        dlayer = layer.backward(dy if pools else np.where(mask[..., None], dy, value), trace)[1]
        return [y if pools else y[mask], *(a for _, a in leaves(dlayer))]

    for got, want in zip(run(anything), run(0.0), strict=True):
        np.testing.assert_array_equal(got, want)
        assert np.isfinite(got).all()


@pytest.mark.parametrize("anything", [np.nan, -np.inf, 1e300])
@pytest.mark.parametrize("attention", ["dot", "additive", None])
def test_a_decoder_does_not_care_for_padding_either(attention, anything, rng):
    model = EncoderDecoder.init(5, 4, 3, 6, attention=attention, rng=rng, dtype=np.float64)
    mask = MASK[:, :2]
    tokens, given = np.where(mask, rng.integers(1, 5, mask.shape), 0), rng.integers(0, 5, (3, 2))
    counts = np.array([[1, 1], [1, 0], [1, 0]], bool)

    def run(value):
        layer = with_padding_vector(model, value)
        logits, trace = layer.forward(tokens, given, mask)
        hidden = np.where(counts[..., None], logits, value)
        loss, dlogits = cross_entropy(hidden, given % 4, counts)
        return [logits, np.array(loss), dlogits, *(a for _, a in leaves(layer.backward(dlogits, trace)[1]))]

    for got, want in zip(run(anything), run(0.0), strict=True):
        np.testing.assert_array_equal(got, want)
        assert np.isfinite(got).all()


def test_real_steps_are_never_hidden(rng):
    """The vector of a real word that is nan comes through to the loss."""
    model = MODELS["transformer"](rng)
    W = model.embedding.W.copy()
    W[3, 0] = np.nan
    y, _ = TransformerLanguageModel(Embedding(W), *tuple(model)[1:]).forward(
        np.array([[1], [3], [0]]), np.ones((3, 1), bool)
    )
    assert np.isnan(y[1:]).all()
