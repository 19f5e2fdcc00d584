"""A network that is fine-tuned as a whole: chapter 11's blank filler with a new readout learns from labelled reviews.

The filler's embedding and its LSTMs are kept, its readout over the words is thrown away. The states are averaged over time,
and one linear layer turns the mean into a score. Nothing is frozen. The same network from random weights shows what the
pretrained weights are worth.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Int

from course_utils.data.reviews import Review
from course_utils.layers.chain import Chain
from course_utils.layers.linear import Linear
from course_utils.layers.pooling import MeanOverTime
from course_utils.models.objectives import sentiment_loss
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.review_classifier import Texts, labelled_batches
from course_utils.optim import Adam
from course_utils.text.batching import align
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array

LONGEST = 60
"""The network reads the last words of a review, at most so many: where reviewers sum up, and in a fifth of the time."""


def last_words(reviews: Iterable[Review], vocabulary: Vocabulary) -> list[Int[Array, "_"]]:
    """The end of each review, encoded: at most `LONGEST` words."""
    return [vocabulary.encode(words(review.text)[-LONGEST:]) for review in reviews]


def network(filler: RecurrentLanguageModel, *, rng: np.random.Generator) -> Chain:
    """Embedding and LSTMs of the filler, the mean of the states over time, and a new readout from random weights."""
    features = len(filler.readout.W)
    readout = Linear.init(features, 1, rng=rng, dtype=np.float32)
    return Chain((filler.embedding, filler.recurrent, MeanOverTime(), readout))


def fine_tuned(
    model: Chain, texts: Texts, labels: Int[Array, "N"], *, rng: np.random.Generator, steps: int, lr: float
) -> Chain:
    """The model after so many updates of all its parameters, with 50 labelled texts each and gradients clipped at 1."""
    batches = labelled_batches(texts, labels, steps, rng=rng)
    return fit(model, sentiment_loss, batches, Adam(lr), clip=1.0, progress=None).model


def network_accuracy(model: Chain, texts: Texts, labels: Int[Array, "N"], at_once: int = 250) -> float:
    """Share of texts that are judged correctly."""
    right = 0
    for start in range(0, len(texts), at_once):
        part = slice(start, start + at_once)
        logits, _ = model.forward(*align(texts[part]))
        right += int(np.sum((logits[:, 0] > 0) == labels[part]))
    return right / len(texts)
