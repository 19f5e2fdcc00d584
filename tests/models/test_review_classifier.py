"""The transfer study: sources, scale, freezing, and that the seed decides what it is said to decide."""

import numpy as np
import pytest

import course_utils.experiments.transfer
from course_utils.experiments.transfer import (
    dates_in_words,
    held_out_accuracy,
    shuffled_across,
    shuffled_within,
    skip_gram_vectors,
)
from course_utils.models.objectives import sentiment_loss
from course_utils.models.review_classifier import (
    ReviewClassifier,
    accuracy,
    all_but_embedding,
    log_odds,
    mean_vectors,
    standardised,
    train_classifier,
)
from course_utils.optim import Adam
from course_utils.text.batching import align, minibatches
from course_utils.train import fit
from course_utils.tree import leaves, tree_map

V, D = 30, 4


@pytest.fixture
def texts(rng):
    return [rng.integers(1, V, size=length) for length in rng.integers(3, 20, size=60)]


@pytest.fixture
def W(rng):
    return rng.normal(size=(V, D)).astype(np.float32)


def topics(rng, N):
    """Texts of low tokens (label 0) and of high ones (label 1), with a few of the others."""
    labels = rng.integers(2, size=N)
    texts = [
        np.where(rng.random(12) < 0.85, 2 + 14 * label, 16 - 14 * label) + rng.integers(14, size=12) for label in labels
    ]
    return texts, labels


def test_means_are_those_of_each_text(W, texts):
    np.testing.assert_allclose(mean_vectors(W, texts), [W[text].mean(axis=0) for text in texts], atol=1e-5)


def test_standardised_vectors_have_standardised_means(W, texts):
    scaled = standardised(W * [1, 10, 0.01, 3] + 5, texts)
    features = mean_vectors(scaled, texts)
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(features.std(axis=0), 1, atol=1e-4)
    assert scaled.dtype == np.float32
    assert not scaled[0].any()
    with pytest.raises(ValueError, match="columns that vary"):
        standardised(np.ones((V, D)), texts)


def test_shuffling_keeps_what_it_says(texts, rng):
    within, across = shuffled_within(texts, rng=rng), shuffled_across(texts, rng=rng)
    for text, mine, dealt in zip(texts, within, across, strict=True):
        np.testing.assert_array_equal(np.sort(mine), np.sort(text))
        assert len(dealt) == len(text)
    np.testing.assert_array_equal(np.sort(np.concatenate(across)), np.sort(np.concatenate(texts)))
    assert any(not np.array_equal(np.sort(a), np.sort(b)) for a, b in zip(across, texts, strict=True))


def test_dates_are_english(rng):
    dates = dates_in_words(200, rng=rng)
    assert len(dates) == 200
    assert sum("Mar" in text for text in dates) > 5
    assert not any("Mai" in text.split() for text in dates)


def test_skip_gram_finds_who_stands_together(rng):
    texts, _ = topics(rng, 600)
    W = skip_gram_vectors(texts, V, D, epochs=3, threshold=1.0, rng=rng)
    unit = W[2:] / np.linalg.norm(W[2:], axis=1, keepdims=True)
    cosine = unit @ unit.T
    same, other = cosine[:14, :14].mean(), cosine[:14, 14:].mean()
    assert same > other + 0.2


def test_frozen_means_not_a_bit(W, texts, rng):
    labels = rng.integers(2, size=len(texts))
    frozen = train_classifier(W, texts, labels, frozen=True, rng=rng)
    tuned = train_classifier(W, texts, labels, frozen=False, rng=rng)
    assert frozen.embedding.W.tobytes() == W.tobytes() != tuned.embedding.W.tobytes()
    free = {path for path, mask in leaves(all_but_embedding(frozen)) if mask.all()}
    assert free == {"readout.W", "readout.b"}


def test_frozen_features_give_what_a_mask_over_the_update_gives(W, texts, rng):
    """Computing the means once is a short cut, not another model."""
    labels = rng.integers(2, size=len(texts))
    quick = train_classifier(W, texts, labels, frozen=True, rng=np.random.default_rng(3), steps=7)
    rng = np.random.default_rng(3)
    start = ReviewClassifier.init(W, rng=rng)
    groups = [group for _ in range(4) for group in minibatches(len(texts), 50, rng=rng)][:7]
    batches = ((*align([texts[k] for k in group]), labels[group]) for group in groups)
    masked = fit(start, sentiment_loss, batches, Adam(0.02), trainable=all_but_embedding(start), progress=None).model
    for (_, one), (_, other) in zip(leaves(quick), leaves(masked), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_scores_are_the_logits(W, texts, rng):
    model = tree_map(lambda p: p + 0.5, ReviewClassifier.init(W, rng=rng))  # so that the bias has something to say
    want = [model.forward(text[:, None])[0][0, 0] for text in texts]
    np.testing.assert_allclose(log_odds(model, texts), want, atol=1e-4)
    labels = (np.array(want) > 0).astype(int)
    assert accuracy(model, texts, labels) == 1
    assert accuracy(model, texts, 1 - labels) == 0


def test_another_seed_labels_other_texts(W, monkeypatch):
    """Only the numbers of the texts are looked at: text k is k times the token 5."""
    seen = []

    def remember(W, texts, labels, *, frozen, rng, steps, lr):
        seen.append(sorted(len(text) for text in texts))
        return ReviewClassifier.init(W, rng=rng)

    monkeypatch.setattr(course_utils.experiments.transfer, "train_classifier", remember)
    texts = [np.full(k, 5) for k in range(1, 41)]
    labels = np.arange(40) % 2
    for seed, frozen in ((0, True), (0, False), (1, True)):
        held_out_accuracy(W, texts, labels, (texts, labels), N=10, frozen=frozen, seed=seed)
    assert seen[0] == seen[1] != seen[2]


def test_a_trial_learns_and_the_seed_chooses(W, rng):
    texts, labels = topics(rng, 400)
    held_out = topics(rng, 200)
    first, again, other = (
        held_out_accuracy(W, texts, labels, held_out, N=60, frozen=False, seed=seed) for seed in (0, 0, 1)
    )
    assert first == again > 0.9
    assert other > 0.9
    with pytest.raises(ValueError, match="wanted 1 <= N <= 400"):
        held_out_accuracy(W, texts, labels, held_out, N=401, frozen=True, seed=0)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_text_without_words_is_refused(W, at):
    texts = [np.array([2, 3]), np.array([4])]
    texts.insert(at, np.array([], int))
    with pytest.raises(
        ValueError, match=rf"mean_vectors: wanted texts of at least one word, got 3 texts, without words: \[{at}\]"
    ):
        mean_vectors(W, texts)
    with pytest.raises(ValueError, match="got 0 texts"):
        mean_vectors(W, [])
