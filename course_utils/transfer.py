"""The comparison of chapter 11: word vectors from somewhere, then a classifier of reviews with few labels.

The classifier is that of chapter 01, a mean of word vectors and one linear layer. What differs is where its vectors come
from, and whether they are frozen or tuned. Every function takes texts as lists of tokens of one vocabulary.
"""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from course_utils.data.dates import FIRST, LAST, spellings
from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.pooling import MeanOverTime
from course_utils.losses import binary_cross_entropy
from course_utils.optim import Adam
from course_utils.rows import RowAdagrad
from course_utils.text.batching import align, minibatches
from course_utils.text.skipgram import SkipGram, SkipGramLoss, windows
from course_utils.train import fit
from course_utils.tree import Array, select

Texts = Sequence[Int[Array, "_"]]

SCRATCH, RANDOM = "from scratch", "random"
"""Two sources that are none: small random vectors that are tuned, as chapter 01 began, and random ones that stay frozen."""


def skip_gram_vectors(
    texts: Texts,
    V: int,
    D: int,
    *,
    rng: np.random.Generator,
    epochs: int = 3,
    lr: float = 0.2,
    threshold: float = 1e-4,
    progress: Any = None,
) -> Float[Array, "V D"]:
    """Train `skipgram.SkipGram` on texts without labels. Words that do not occur keep the vectors they began with."""
    counts = np.bincount(np.concatenate(texts).astype(np.intp), minlength=V).astype(float)
    counts[:2] = 0
    batches = windows(list(texts), counts, epochs=epochs, threshold=threshold, rng=rng)
    model = SkipGram.init(V, D, rng=rng)
    loss: Any = SkipGramLoss()  # its gradient holds the rows in use, not whole tables
    return fit(model, loss, batches, RowAdagrad(lr), progress=progress).model.W


def shuffled_within(texts: Texts, *, rng: np.random.Generator) -> list[Int[Array, "_"]]:
    """Each text with its own words in random order: who stands beside whom is lost, what a text is about is not."""
    return [rng.permutation(text) for text in texts]


def shuffled_across(texts: Texts, *, rng: np.random.Generator) -> list[Int[Array, "_"]]:
    """Texts as long as these, of the same words, dealt out like cards: nothing but the frequency of words is left."""
    ends = np.cumsum([len(text) for text in texts])
    return np.split(rng.permutation(np.concatenate(texts)), ends[:-1])


def dates_in_words(n: int, *, rng: np.random.Generator) -> list[str]:
    """n dates of a hundred years as English text, such as "Tuesday, March 5, 1991": those of `data.dates`."""
    english = [spelling for spelling in spellings() if spelling.locale == "en" and spelling.has_words]
    days, styles = rng.integers((LAST - FIRST).days + 1, size=n), rng.integers(len(english), size=n)
    return [
        english[k].write(FIRST + timedelta(days=day)) for day, k in zip(days.tolist(), styles.tolist(), strict=True)
    ]


def means(W: Float[Array, "V D"], texts: Texts) -> Float[Array, "N D"]:
    """The mean vector of every text, all at once. Raises ValueError for a text without words, or none at all."""
    lengths = np.array([len(text) for text in texts])
    if not len(lengths) or not lengths.all():
        empty = np.flatnonzero(lengths == 0)[:5].tolist()
        raise ValueError(f"means: wanted texts of at least one word, got {len(lengths)} texts, without words: {empty}")
    tokens = np.concatenate(texts)
    starts = np.cumsum(lengths) - lengths
    sums = [np.add.reduceat(column[tokens], starts) for column in np.ascontiguousarray(W.T)]
    return np.stack(sums, axis=1) / lengths[:, None].astype(W.dtype)


def at_scale(W: Float[Array, "V D"], texts: Texts) -> Float[Array, "V D"]:
    """Shift and stretch each of the D columns so that the mean vectors of these texts have mean 0 and variance 1.

    Vectors of different sources come in very different sizes, and a classifier would learn more slowly from small ones.
    No label is used. The row of the padding is zero. Raises ValueError if a column is the same for all texts.
    """
    features = means(W, texts)
    spread = features.std(axis=0)
    if not (spread > 0).all():
        raise ValueError(f"at_scale: wanted columns that vary from text to text, got a spread of {spread.min()}")
    W = (W - features.mean(axis=0)) / spread
    W[0] = 0
    return W.astype(np.float32)


def classifier(W: Float[Array, "V D"], *, rng: np.random.Generator) -> Chain:
    """Word vectors W, their mean, and a linear layer at its random start: V·D + D + 1 parameters."""
    return Chain((Embedding(W), MeanOverTime(), Linear.init(W.shape[1], 1, rng=rng, dtype=np.float32)))


def all_but_embedding(model: Chain) -> Chain:
    """The mask that freezes the first layer, for `train.fit`."""
    return select(model, lambda path: not path.startswith("layers[0]"))


def sentiment_loss(model: Chain, batch: tuple[Array, Array, Array]) -> tuple[float, Chain]:
    """Cross-entropy in nats of (tokens, mask, labels), and its gradient."""
    tokens, mask, labels = batch
    logits, trace = model.forward(tokens, mask)
    loss, dlogits = binary_cross_entropy(logits[:, 0], labels)
    return loss, model.backward(dlogits[:, None], trace)[1]


def train_classifier(
    W: Float[Array, "V D"],
    texts: Texts,
    labels: Int[Array, " N"],
    *,
    frozen: bool,
    rng: np.random.Generator,
    steps: int = 100,
    lr: float = 0.02,
    longest: int = 400,
) -> Chain:
    """A classifier that starts from W, after so many updates with 50 labelled texts each, cut after `longest` words.

    If W is frozen, so are the mean vectors of the texts: they are computed once, and the linear layer learns from them.
    That is what `all_but_embedding` would give, in a hundredth of the time.
    """
    model, texts = classifier(W, rng=rng), [text[:longest] for text in texts]
    epochs = ceil(steps / ceil(len(texts) / 50))
    groups = [group for _ in range(epochs) for group in minibatches(len(texts), 50, rng=rng)][:steps]
    if frozen:
        features = means(W, texts)
        fixed = ((features[None, group], np.ones((1, len(group)), bool), labels[group]) for group in groups)
        readout = fit(Chain(model.layers[1:]), sentiment_loss, fixed, Adam(lr), progress=None).model
        return Chain((model.layers[0], *readout.layers))
    batches = ((*align([texts[k] for k in group]), labels[group]) for group in groups)
    return fit(model, sentiment_loss, batches, Adam(lr), progress=None).model


def scores(model: Chain, texts: Texts) -> Float[Array, " N"]:
    """The logit of every text: above 0 says positive.

    Mean and linear layer may change places, so that one number a word is averaged instead of D.
    """
    embedding, _, readout = model.layers
    return means(embedding.W @ readout.W, texts)[:, 0] + readout.b[0]


def accuracy(model: Chain, texts: Texts, labels: Int[Array, " N"]) -> float:
    """Share of texts that are judged rightly."""
    return float(np.mean((scores(model, texts) > 0) == labels))


def trial(
    W: Float[Array, "V D"],
    texts: Texts,
    labels: Int[Array, " N"],
    held_out: tuple[Texts, Int[Array, " M"]],
    *,
    N: int,
    frozen: bool,
    seed: int,
) -> float:
    """Held-out accuracy of one classifier that starts from W and sees N labelled texts.

    The seed chooses these texts, the first weights and the batches; it gives every source and both modes the same texts.
    Raises ValueError unless 1 <= N <= the number of texts.
    """
    if not 1 <= N <= len(texts):
        raise ValueError(f"trial: wanted 1 <= N <= {len(texts)} labelled texts, got {N}")
    rng = np.random.default_rng([seed, N])
    chosen = rng.permutation(len(texts))[:N]
    model = train_classifier(W, [texts[k] for k in chosen], labels[chosen], frozen=frozen, rng=rng)
    return accuracy(model, *held_out)
