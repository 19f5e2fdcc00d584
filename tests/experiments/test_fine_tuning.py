"""A network that is fine-tuned as a whole starts from the filler's weights, learns from labels, and is judged in parts."""

import numpy as np
import pytest

from course_utils.data.reviews import Review
from course_utils.experiments.fine_tuning import LONGEST, fine_tuned, last_words, network, network_accuracy
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.lstm import LSTM
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import leaves

H = 4


@pytest.fixture
def filler(rng):
    both = Bidirectional(*(LSTM.init(3, H, rng=rng) for _ in range(2)))
    return RecurrentLanguageModel.init(20, 3, both, 2 * H, rng=rng)


def topics(rng, N):
    """Texts of low tokens (label 0) or of high ones (label 1), of several lengths."""
    labels = rng.integers(2, size=N)
    return [rng.integers(2, 11, size=rng.integers(3, 9)) + 9 * label for label in labels], labels


def test_the_network_is_the_filler_but_for_its_readout(filler, rng):
    embedding, recurrent, _, readout = network(filler, rng=rng).layers
    assert (embedding, recurrent) == (filler.embedding, filler.recurrent)
    assert readout.W.shape == (2 * H, 1)


def test_everything_is_tuned_and_learns(filler, rng):
    start = network(filler, rng=rng)
    texts, labels = topics(rng, 200)
    tuned = fine_tuned(start, texts, labels, rng=rng, steps=60, lr=0.02)
    for (path, before), (_, after) in zip(leaves(start), leaves(tuned), strict=True):
        assert not np.array_equal(before, after), path
    unseen = topics(rng, 100)
    assert network_accuracy(tuned, *unseen) > 0.9
    assert network_accuracy(tuned, *unseen, at_once=7) == network_accuracy(tuned, *unseen)
    assert network_accuracy(tuned, unseen[0], 1 - unseen[1]) < 0.1


def test_the_end_of_a_review_is_read():
    vocabulary = Vocabulary.build([["good", "bad"]], max_size=10)
    reviews = [Review("bad " * 100 + "good", 1, 0), Review("good", 1, 1)]
    long, short = last_words(reviews, vocabulary)
    assert long.tolist() == vocabulary.encode(["bad"] * (LONGEST - 1) + ["good"]).tolist()
    assert short.tolist() == vocabulary.encode(["good"]).tolist()
