"""The comparison of chapter 12: word vectors from somewhere, then a classifier of reviews with few labels."""

from datetime import timedelta
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from course_utils.data.dates import FIRST, LAST, spellings
from course_utils.models.review_classifier import Texts, accuracy, train_classifier
from course_utils.shapes import expect_rng
from course_utils.sparse import RowAdagrad
from course_utils.text.skipgram import SkipGram, SkipGramLoss, windows
from course_utils.train import fit
from course_utils.tree import Array

SCRATCH, RANDOM = "from scratch", "random"
"""Two sources without pretraining: small random vectors that are tuned, as chapter 01 began, and random ones that stay frozen."""


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
    expect_rng("shuffled_within", rng)
    return [rng.permutation(text) for text in texts]


def shuffled_across(texts: Texts, *, rng: np.random.Generator) -> list[Int[Array, "_"]]:
    """Texts as long as these, of the same words, dealt out like cards: nothing but the frequency of words is left."""
    expect_rng("shuffled_across", rng)
    ends = np.cumsum([len(text) for text in texts])
    return np.split(rng.permutation(np.concatenate(texts)), ends[:-1])


def dates_in_words(n: int, *, rng: np.random.Generator) -> list[str]:
    """n dates of a hundred years as English text, such as "Tuesday, March 5, 1991": those of `data.dates`."""
    expect_rng("dates_in_words", rng)
    english = [spelling for spelling in spellings() if spelling.locale == "en" and spelling.has_words]
    days, styles = rng.integers((LAST - FIRST).days + 1, size=n), rng.integers(len(english), size=n)
    return [
        english[k].write(FIRST + timedelta(days=day)) for day, k in zip(days.tolist(), styles.tolist(), strict=True)
    ]


def labelled(
    texts: Texts, labels: Int[Array, "M"], N: int, seed: int
) -> tuple[Texts, Int[Array, "N"], np.random.Generator]:
    """The N labelled texts of this seed, and the generator that goes on to draw first weights and batches.

    Every source and every mode gets the same texts. Raises ValueError unless 1 <= N <= the number of texts.
    """
    if not 1 <= N <= len(texts):
        raise ValueError(f"labelled: wanted 1 <= N <= {len(texts)} labelled texts, got {N}")
    rng = np.random.default_rng([seed, N])
    chosen = rng.permutation(len(texts))[:N]
    return [texts[k] for k in chosen], labels[chosen], rng


def held_out_accuracy(
    W: Float[Array, "V D"],
    texts: Texts,
    labels: Int[Array, "N"],
    held_out: tuple[Texts, Int[Array, "M"]],
    *,
    N: int,
    frozen: bool,
    seed: int,
    steps: int = 100,
    lr: float = 0.02,
) -> float:
    """Held-out accuracy of one classifier that starts from W and sees N labelled texts, after so many updates.

    The seed chooses these texts, the first weights and the batches; see `labelled`, which also says what is refused.
    """
    few, their_labels, rng = labelled(texts, labels, N, seed)
    model = train_classifier(W, few, their_labels, frozen=frozen, rng=rng, steps=steps, lr=lr)
    return accuracy(model, *held_out)
