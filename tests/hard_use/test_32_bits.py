"""The course in a browser runs on a machine of 32 bits: NumPy's `intp` is int32 there, and `bincount` refuses int64.

`narrow` plays such a machine as far as one of 64 bits can: `np.intp` is int32, what wants `intp` refuses anything wider,
and what NumPy itself makes for counting and ordering is narrow too.
"""

import numpy as np
import pytest

from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import encoded_characters
from course_utils.data.tasks import at_places, brackets, delayed_recall
from course_utils.experiments.transfer import skip_gram_vectors
from course_utils.layers.rnn import RNN
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.sampling import generate
from course_utils.series.autocorrelation import mutual_information
from course_utils.sparse import Rows
from course_utils.text.bag import WordsAndPairs
from course_utils.text.batching import align, random_partition, sequential_partition
from course_utils.text.kneser_ney import KneserNey, ModifiedKneserNey
from course_utils.text.ngram import NGrams, distinct
from course_utils.text.ngram_model import NGramModel
from course_utils.text.preprocessing import words
from course_utils.text.skipgram import windows
from course_utils.text.smoothing import MLE, AddK, BackOff
from course_utils.text.stream import join
from course_utils.text.vocabulary import Vocabulary

MODELS = (MLE, AddK, BackOff, KneserNey, ModifiedKneserNey)
WIDE = 2**40
"""A vocabulary whose keys need more than 32 bits from the second word on."""


@pytest.fixture
def narrow(monkeypatch):
    def strict(function):
        def call(indices, *rest, **named):
            indices = np.asarray(indices)
            wanted = f"Cannot cast array data from {indices.dtype} to int32 according to the rule 'safe'"
            if not np.can_cast(indices.dtype, np.int32, "safe"):
                raise TypeError(wanted)
            return function(indices, *rest, **named)

        return call

    def made(function):
        return lambda *given, **named: function(*given, **named).astype(np.int32)

    monkeypatch.setattr(np, "bincount", made_if_counts(strict(np.bincount)))
    for name in ("flatnonzero", "argsort", "searchsorted"):
        monkeypatch.setattr(np, name, made(getattr(np, name)))
    monkeypatch.setattr(np, "intp", np.int32)


def made_if_counts(bincount):
    def call(indices, weights=None, minlength=0):
        table = bincount(indices, weights, minlength)
        return table.astype(np.int32) if weights is None else table

    return call


def corpus():
    texts = [words(review.text) for review in EXAMPLES]
    vocabulary = Vocabulary.build(texts, min_count=2)
    return vocabulary, [vocabulary.encode(text) for text in texts]


def probabilities(make, tokens, V, boundary) -> tuple[NGramModel, list[float]]:
    model = make(NGrams.count(tokens, 3, V, boundary=boundary))
    return model, [*model.probabilities(tokens), *model.next_word(tokens[:2], temperature=0.5)]


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("boundary", [None, 0])
def test_language_models_are_the_same(make, boundary, request):
    vocabulary, texts = corpus()
    stream = join(texts)
    want = probabilities(make, stream, len(vocabulary), boundary)[1]
    request.getfixturevalue("narrow")
    model, got = probabilities(make, join(texts), len(vocabulary), boundary)
    np.testing.assert_array_equal(got, want)
    assert all(keys.dtype == np.int64 for keys in model.counts.keys)
    assert model.sample(9, rng=np.random.default_rng(0)).shape == (9,)
    assert model.parameters > 0


@pytest.mark.usefixtures("narrow")
def test_tokens_are_indices_that_can_be_counted():
    vocabulary, texts = corpus()
    tokens, mask = align(texts)
    rng = np.random.default_rng(0)
    bag = WordsAndPairs.build(vocabulary, texts, min_texts=2)
    for indices in (
        vocabulary.encode(["the"]),
        join(texts),
        encoded_characters(EXAMPLES),
        tokens[mask],
        bag.encode(texts[0]),
        next(random_partition(join(texts), 5, 2, rng=rng))[0].ravel(),
        next(sequential_partition(join(texts), 5, 2))[1].ravel(),
        *(part.ravel() for part in delayed_recall(3, 4, rng=rng)[:2]),
        *(part.ravel() for part in brackets(9, 4, rng=rng)[:2]),
        *(part.ravel() for part in at_places((1, 2), 4, 5, rng=rng)[:2]),
    ):
        assert indices.dtype == np.intp == np.int32
        assert np.bincount(indices).sum() == len(indices)


@pytest.mark.usefixtures("narrow")
def test_what_counts_tokens_counts_them():
    vocabulary, texts = corpus()
    rng = np.random.default_rng(0)
    assert 0 < mutual_information(np.concatenate(texts).astype(np.int64), 1) < 10
    W = skip_gram_vectors([np.tile(text, 90).astype(np.int64) for text in texts], len(vocabulary), 3, rng=rng, epochs=1)
    assert np.isfinite(W).all()
    counts = np.ones(len(vocabulary))
    batch = next(windows([np.tile(text, 9) for text in texts], counts, batch=32, threshold=1.0, rng=rng))
    assert batch.drawn.max() < len(vocabulary)
    rows = Rows(batch.centres.ravel(), np.ones((batch.centres.size, 2))).summed()
    assert rows.d.sum() == 2 * batch.centres.size


@pytest.mark.usefixtures("narrow")
def test_generated_tokens_are_indices():
    rng = np.random.default_rng(0)
    model = RecurrentLanguageModel.init(7, 2, RNN.init(2, 2, rng=rng), 2, rng=rng)
    assert generate(model, np.array([1, 2]), 4, rng=rng).dtype == np.int32


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int32, np.int64])
def test_keys_have_room_whatever_the_tokens_are_kept_in(dtype):
    tokens = np.array([1, 100, 3, 1, 100, 3, 1, 100, 7], dtype)
    counts = NGrams.count(tokens, 4, WIDE)
    assert counts.keys[2].dtype == np.int64
    assert counts.keys[2].tolist() == sorted({r * WIDE + w for r, w in [(0, 100), (3, 3), (1, 1), (3, 7)]})
    assert [counts.of(gram) for gram in ([1, 100], [100, 3], [100, 7], [1, 100, 3, 1], [3, 100])] == [3, 2, 1, 2, 0]
    assert [rank.tolist() for rank in counts.find(tokens)[3]] == [
        rank.tolist() for rank in NGrams.count(tokens.astype(np.int64), 4, WIDE).find(tokens.astype(np.int64))[3]
    ]
    vocabulary = Vocabulary.build([[f"{k:05}" for k in range(70_000)]])
    text = np.array([100, 101, 100, 101], dtype)
    bag = WordsAndPairs.build(vocabulary, [text, text], min_texts=2)
    assert [bag.name(int(k)) for k in bag.encode(text)[2:]] == ["00098 00099", "00099 00098"]
    assert mutual_information(np.resize(tokens, 900), 1) == pytest.approx(
        mutual_information(np.resize(tokens.astype(np.int64), 900), 1)
    )


def test_dense_and_sorted_counting_agree_in_kind():
    keys = np.array([3, 1, 3, 0], np.int64)
    for size in (4, WIDE):
        unique, times, rank, where = distinct(keys, size)
        assert (unique.dtype, unique.tolist(), times.tolist()) == (np.int64, [0, 1, 3], [1, 1, 2])
        assert rank.tolist() == [2, 1, 2, 0]
        assert keys[where].tolist() == unique.tolist()


def test_a_boundary_that_is_no_index_is_refused():
    for boundary in (2**63, 10**30):
        with pytest.raises(ValueError, match="join: wanted"):
            join([[1, 2]], boundary=boundary)
