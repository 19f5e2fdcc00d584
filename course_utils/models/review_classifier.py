"""A classifier of reviews from word vectors, frozen or tuned, and how it is trained and judged.

The classifier is that of chapter 01, a mean of word vectors and one linear layer. What differs is where its vectors come
from, and whether they are frozen or tuned. Every function takes texts as lists of tokens of one vocabulary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.layers.chain import Chain, Pipeline
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.pooling import MeanOverTime
from course_utils.models.objectives import sentiment_loss
from course_utils.optim import Adam
from course_utils.text.batching import align, minibatches
from course_utils.train import fit
from course_utils.tree import Array, select, tree

Texts = Sequence[Int[Array, "_"]]


@tree
class ReviewClassifier(Pipeline):
    """One score for a text, a linear function of the mean of its words' vectors: V·D + D + 1 parameters."""

    embedding: Embedding
    mean: MeanOverTime
    readout: Linear

    @classmethod
    def init(cls, W: Float[Array, "V D"], *, rng: np.random.Generator) -> "ReviewClassifier":
        """With the word vectors W, and the linear layer at its random start."""
        return cls(Embedding(W), MeanOverTime(), Linear.init(W.shape[1], 1, rng=rng, dtype=np.float32))


def mean_vectors(W: Float[Array, "V D"], texts: Texts) -> Float[Array, "N D"]:
    """The mean vector of every text, all at once. Raises ValueError for a text without words, or none at all."""
    lengths = np.array([len(text) for text in texts])
    if not len(lengths) or not lengths.all():
        empty = np.flatnonzero(lengths == 0)[:5].tolist()
        raise ValueError(
            f"mean_vectors: wanted texts of at least one word, got {len(lengths)} texts, without words: {empty}"
        )
    tokens = np.concatenate(texts)
    starts = np.cumsum(lengths) - lengths
    sums = [np.add.reduceat(column[tokens], starts) for column in np.ascontiguousarray(W.T)]
    return np.stack(sums, axis=1) / lengths[:, None].astype(W.dtype)


def standardised(W: Float[Array, "V D"], texts: Texts) -> Float[Array, "V D"]:
    """Shift and stretch each of the D columns so that the mean vectors of these texts have mean 0 and variance 1.

    Vectors of different sources come in very different sizes, and a classifier would learn more slowly from small ones.
    No label is used. The row of the padding is zero. Raises ValueError if a column is the same for all texts.
    """
    features = mean_vectors(W, texts)
    spread = features.std(axis=0)
    if not (spread > 0).all():
        raise ValueError(f"standardised: wanted columns that vary from text to text, got a spread of {spread.min()}")
    W = (W - features.mean(axis=0)) / spread
    W[0] = 0
    return W.astype(np.float32)


def all_but_embedding(model: ReviewClassifier) -> ReviewClassifier:
    """The mask that freezes the word vectors, for `train.fit`."""
    return select(model, lambda path: not path.startswith("embedding."))


def labelled_groups(N: int, steps: int, *, rng: np.random.Generator) -> list[Int[Array, "_"]]:
    """Which of N texts go into each of so many updates: 50 at a time, every text once before any comes again."""
    epochs = ceil(steps / ceil(N / 50))
    return [group for _ in range(epochs) for group in minibatches(N, 50, rng=rng)][:steps]


def labelled_batches(
    texts: Texts, labels: Int[Array, "N"], steps: int, *, rng: np.random.Generator
) -> Iterator[tuple[Int[Array, "T B"], Bool[Array, "T B"], Int[Array, "B"]]]:
    """Tokens, mask and labels of each of the `labelled_groups`, as `sentiment_loss` wants them."""
    for group in labelled_groups(len(texts), steps, rng=rng):
        yield *align([texts[k] for k in group]), labels[group]


def train_classifier(
    W: Float[Array, "V D"],
    texts: Texts,
    labels: Int[Array, "N"],
    *,
    frozen: bool,
    rng: np.random.Generator,
    steps: int = 100,
    lr: float = 0.02,
    longest: int = 400,
) -> ReviewClassifier:
    """A classifier that starts from W, after so many updates with 50 labelled texts each, cut after `longest` words.

    If W is frozen, so are the mean vectors of the texts: they are computed once, and the linear layer learns from them.
    That is what `all_but_embedding` would give, in a hundredth of the time.
    """
    model, texts = ReviewClassifier.init(W, rng=rng), [text[:longest] for text in texts]
    if frozen:
        features, groups = mean_vectors(W, texts), labelled_groups(len(texts), steps, rng=rng)
        fixed = ((features[None, group], np.ones((1, len(group)), bool), labels[group]) for group in groups)
        start = Chain((model.mean, model.readout))
        _, readout = fit(start, sentiment_loss, fixed, Adam(lr), progress=None).model.layers
        return replace(model, readout=readout)
    batches = labelled_batches(texts, labels, steps, rng=rng)
    return fit(model, sentiment_loss, batches, Adam(lr), progress=None).model


def log_odds(model: ReviewClassifier, texts: Texts) -> Float[Array, "N"]:
    """The logit of every text: above 0 says positive.

    Mean and linear layer may change places, so that one number a word is averaged instead of D.
    """
    return mean_vectors(model.embedding.W @ model.readout.W, texts)[:, 0] + model.readout.b[0]


def accuracy(model: ReviewClassifier, texts: Texts, labels: Int[Array, "N"]) -> float:
    """Share of texts that are judged rightly."""
    return float(np.mean((log_odds(model, texts) > 0) == labels))
