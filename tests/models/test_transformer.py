"""The transformer as a language model: causal, the same numbers with and without a cache, and it learns. The classifier."""

import numpy as np
import pytest

from course_utils.losses import binary_cross_entropy, cross_entropy
from course_utils.models.objectives import next_token_loss
from course_utils.models.sampling import draw, generate, next_token_probabilities
from course_utils.models.transformer import TransformerClassifier, TransformerLanguageModel
from course_utils.optim import Adam
from course_utils.train import fit
from course_utils.tree import count, leaves, tree_map

V, D, LAYERS, N, T_MAX = 7, 6, 2, 3, 12


@pytest.fixture
def model(rng):
    made = TransformerLanguageModel.init(V, D, LAYERS, N, T_MAX, rng=rng, dtype=np.float64)
    return tree_map(lambda a: a + 0.5 * rng.normal(size=a.shape), made)


@pytest.mark.parametrize("t", range(5))
def test_what_comes_later_is_not_seen(model, t, rng):
    x = rng.integers(0, V, (6, 2))
    other = np.concatenate([x[: t + 1], (x[t + 1 :] + 1) % V])
    np.testing.assert_array_equal(model.forward(other)[0][: t + 1], model.forward(x)[0][: t + 1])
    assert not np.allclose(model.forward(other)[0][t + 1 :], model.forward(x)[0][t + 1 :])


@pytest.mark.parametrize("batch", [(), (3,)], ids=str)
def test_one_token_at_a_time_gives_the_logits_of_the_whole(model, batch, rng):
    x = rng.integers(0, V, (T_MAX, *batch))
    whole, trace = model.forward(x)
    state, logits = None, []
    for t in range(T_MAX):
        step, one = model.forward(x[t : t + 1], state=state)
        state = one.state
        logits.append(step[0])
    np.testing.assert_allclose(logits, whole, rtol=1e-10, atol=1e-10)
    for mine, theirs in zip(leaves(state), leaves(trace.state), strict=True):
        np.testing.assert_allclose(mine[1], theirs[1], rtol=1e-10, atol=1e-10)


def test_order_matters(model):
    """Two different words exchanged: with attention alone the last logits would be the same."""
    one, other = model.forward(np.array([2, 3, 4]))[0], model.forward(np.array([3, 2, 4]))[0]
    assert not np.allclose(one[-1], other[-1])


def test_text_is_generated_as_if_all_were_read_again_for_every_token(model, rng):
    prompt = rng.integers(0, V, 4)
    with_cache = generate(model, prompt, 8, rng=np.random.default_rng(1), temperature=0.7)
    text, rng_again = prompt, np.random.default_rng(1)
    for _ in range(8):
        p = next_token_probabilities(model.forward(text)[0][-1], temperature=0.7)
        text = np.append(text, draw(p, rng=rng_again))
    np.testing.assert_array_equal(with_cache, text[4:])


def test_padding_in_front_changes_nothing_not_even_in_a_text_in_two_parts(model, rng):
    x = rng.integers(0, V, (6, 2))
    mask = np.array([[False, True], [False, True], *[[True, True]] * 4])
    logits, _ = model.forward(x, mask)
    alone, _ = model.forward(x[2:, 0])
    np.testing.assert_allclose(logits[2:, 0], alone, atol=1e-12)
    _, first = model.forward(x[:3], mask[:3])
    second, _ = model.forward(x[3:], mask, state=first.state)
    np.testing.assert_allclose(second, logits[3:], atol=1e-12)


def test_too_long_a_text_is_refused(model, rng):
    said = r"PositionEmbedding\.forward: wanted at most 12 steps, got 13; make it for longer sequences, or cut them"
    with pytest.raises(ValueError, match=said):
        model.forward(np.zeros(13, int))
    with pytest.raises(ValueError, match=said):
        generate(model, np.zeros(4, int), 10, rng=rng)
    assert len(generate(model, np.zeros(4, int), 9, rng=rng)) == 9, "the last one that is drawn need not be read"


def test_init_guesses_almost_uniformly_and_counts(rng):
    model = TransformerLanguageModel.init(50, 16, 3, 2, 20, rng=rng)
    block = 2 * 16 * (64 + 2 * 16) + 64 + 8 * 16
    assert count(model) == 50 * 16 + 20 * 16 + 3 * block + 2 * 16 + 17 * 50
    assert {a.dtype for _, a in leaves(model)} == {np.dtype(np.float32)}
    x = rng.integers(0, 50, (20, 8))
    logits, _ = model.forward(x)
    assert logits.dtype == np.float32
    assert abs(cross_entropy(logits, rng.integers(0, 50, (20, 8)))[0] - np.log(50)) < 0.1


def test_the_loss_is_that_of_the_targets_and_its_gradient_is_the_models(model, rng):
    x, y = rng.integers(0, V, (2, 5, 3))
    loss, dmodel = next_token_loss(model, (x, y))
    logits, trace = model.forward(x)
    want, dlogits = cross_entropy(logits, y)
    assert loss == want
    for (name, got), (_, right) in zip(leaves(dmodel), leaves(model.backward(dlogits, trace)[1]), strict=True):
        np.testing.assert_array_equal(got, right, err_msg=name)


def test_it_learns_to_repeat_what_stood_three_steps_ago(rng):
    """The model must look at a place, not at a letter: positions and attention together."""
    model = TransformerLanguageModel.init(V, 16, 1, 2, 12, rng=rng)
    texts = rng.integers(1, V, (150, 13, 16))
    for t in range(3, 13):
        texts[:, t] = texts[:, t - 3]
    run = fit(model, next_token_loss, [(text[:-1], text[1:]) for text in texts], Adam(1e-2), progress=None)
    logits, trace = run.model.forward(texts[0, :-1])
    loss, _ = cross_entropy(logits[2:], texts[0, 3:])
    assert loss < 0.1
    a = trace.transformer.blocks[0].attention.a.mean((0, 1))
    assert (a[2:].argmax(-1) % 3 == np.arange(10) % 3).all(), (
        "every step looks two (or five, ...) back, at what comes next"
    )


@pytest.mark.parametrize("classes", [1, 3])
def test_the_classifier_sees_all_real_steps_and_no_padding(classes, rng):
    model = TransformerClassifier.init(V, D, 2, N, T_MAX, classes, rng=rng, dtype=np.float64)
    x, mask = rng.integers(1, V, (6, 2)), np.arange(6)[:, None] < [6, 4]
    logits, _ = model.forward(x, mask)
    assert logits.shape == (2, classes)
    other = np.where(mask, x, (x + 1) % V)
    np.testing.assert_allclose(model.forward(other, mask)[0], logits, atol=1e-12)
    np.testing.assert_allclose(model.forward(x[:4, 1])[0], logits[1], atol=1e-12)
    for t in range(6):
        changed = x.copy()
        changed[t, 0] = x[t, 0] % (V - 1) + 1
        assert not np.allclose(model.forward(changed, mask)[0][0], logits[0]), f"step {t} is seen"


def test_the_classifier_learns_which_of_two_words_comes_first(rng):
    """A bag of words cannot."""
    model = TransformerClassifier.init(V, 16, 1, 2, 8, rng=rng)

    def batch():
        x = rng.integers(3, V, (8, 32))
        places = np.sort(np.stack([rng.permutation(8)[:2] for _ in range(32)]), -1)
        labels = rng.integers(0, 2, 32)
        for b, (first, second) in enumerate(places):
            x[first, b], x[second, b] = (1, 2) if labels[b] else (2, 1)
        return x, labels

    def loss_and_gradient(model, batch):
        x, labels = batch
        logits, trace = model.forward(x)
        loss, dlogits = binary_cross_entropy(logits[:, 0], labels)
        return loss, model.backward(dlogits[:, None], trace)[1]

    run = fit(model, loss_and_gradient, [batch() for _ in range(250)], Adam(5e-3), progress=None)
    x, labels = batch()
    assert ((run.model.forward(x)[0][:, 0] > 0) == labels).mean() > 0.9
