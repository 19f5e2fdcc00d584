"""Filling in blanks: the per-token task in which what comes after a token says as much as what came before it.

A token is replaced by a blank, and the model says what stood there (Taylor 1953, "cloze"). A bidirectional layer answers
from both sides. Read off one half of its features only, and you see what one direction knows.

Of every sentence a fifth of the words is blanked out for training. The loss is the sum of three: the word has to be guessed
from the pass from the left alone, from the pass from the right alone, and from both. So each half of the readout means
something on its own, and what the two say can be compared.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from course_utils.data.reviews import Review, load_reviews, split
from course_utils.data.tasks import blank_out
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.lstm import LSTM
from course_utils.losses import cross_entropy
from course_utils.math import log_softmax
from course_utils.models.perplexity import bits
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.optim import Adam
from course_utils.pretrained import store
from course_utils.schedules import drop
from course_utils.text.batching import align, buckets
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array

V, D, H = 1_500, 24, 48
FEWEST, MOST, BATCH, EPOCHS = 4, 28, 64, 4
"""Words of a sentence to learn from; sentences of a minibatch; how often all are read."""
LONGEST = 300
"""Words of a text to guess: each is a column of its own, with all words as its steps."""
VIEWS = ("from the left", "from the right", "both")
"""What `views` leaves: the features of the pass from the left, of the pass from the right, of both."""


def views(h: Float[Array, "*B F"], H: int) -> Float[Array, "3 *B F"]:
    """The features with their right half silenced, with their left half silenced, and as they are (see `VIEWS`)."""
    left = np.arange(h.shape[-1]) < H
    return np.stack([np.where(left, h, 0), np.where(left, 0, h), h])


def blank_each(numbers: Int[Array, "T"], blank: int) -> Int[Array, "T T"]:
    """A text T times over, in columns: column t has its blank at step t."""
    return np.where(np.eye(len(numbers), dtype=bool), blank, numbers[:, None])


def log_p_of_words(logits: Float[Array, "*B _"]) -> Float[Array, "*B V"]:
    """log p (nats) of the V words; padding, the unknown word and the blank, which is the last, are never guessed."""
    logits = logits.astype(np.float64)
    logits[..., [0, 1, -1]] = -np.inf
    return log_softmax(logits)[..., :-1]


class Guesses(NamedTuple):
    """The words of a text, their numbers, and for each of the `VIEWS` log p (nats) of every word at every blank."""

    words: list[str]
    numbers: Int[Array, "T"]
    log_p: Float[Array, "3 T V"]


@dataclass(frozen=True)
class WordFiller:
    """A bidirectional LSTM that guesses a word of a sentence from the words on its left, on its right, and from both."""

    model: RecurrentLanguageModel
    vocabulary: Vocabulary

    def guesses(self, text: str) -> Guesses:
        """Blank out every word in turn, and guess it. Raises ValueError for a text without words, or too many."""
        found = words(text)
        if len(found) > LONGEST:
            raise ValueError(f"WordFiller: wanted at most {LONGEST} words, got {len(found)}; take a part of the text")
        numbers = self.vocabulary.encode(found)
        at = np.arange(len(numbers))
        x = blank_each(numbers, len(self.vocabulary))
        h, _ = self.model.recurrent.forward(self.model.embedding.forward(x)[0])
        logits, _ = self.model.readout.forward(views(h[at, at], H))
        return Guesses(found, numbers, log_p_of_words(logits))


def untrained_filler(*, rng: np.random.Generator) -> RecurrentLanguageModel:
    """The filler's model before training: an embedding, an LSTM in each direction, a readout; one more symbol, the blank."""
    both = Bidirectional(*(LSTM.init(D, H, rng=rng, dtype=np.float32) for _ in range(2)))
    return RecurrentLanguageModel.init(V + 1, D, both, 2 * H, rng=rng)


@cache
def word_filler() -> WordFiller:
    """The trained one, made by ``python -m tools.train word_filler``."""
    model = store.trained("word_filler", like=untrained_filler(rng=np.random.default_rng(0)))
    return WordFiller(model, store.vocabulary("word_filler"))


def sentences(reviews: tuple[Review, ...], vocabulary: Vocabulary) -> list[Array]:
    """All sentences of a handy length, encoded, with the mark that ends them."""
    found = []
    for review in reviews:
        read = words(review.text)
        ends = [k + 1 for k, word in enumerate(read) if word in (".", "!", "?", "...")]
        for start, end in zip([0, *ends], ends, strict=False):
            if FEWEST <= end - start <= MOST:
                found.append(vocabulary.encode(read[start:end]))
    return found


def batches(texts: list[Array], *, rng: np.random.Generator) -> Any:
    """Padded minibatches with their masks, and blanks at words that the vocabulary knows."""
    for group in buckets([len(text) for text in texts], BATCH, rng=rng):
        tokens, mask = align([texts[k] for k in group])
        yield *blank_out(tokens, mask & (tokens > 1), share=0.2, blank=V, rng=rng), mask


def three_losses(model: RecurrentLanguageModel, batch: Any) -> tuple[list[float], RecurrentLanguageModel]:
    """The mean loss of every view, and the gradient of their sum. Only blanks are read off: the readout is large."""
    x, y, asked, mask = batch
    e, embedding = model.embedding.forward(x)
    h, recurrent = model.recurrent.forward(e, mask)
    logits, readout = model.readout.forward(views(h[asked], H))
    losses, dlogits = zip(*(cross_entropy(view, y[asked]) for view in logits), strict=True)
    dviews, dreadout, _ = model.readout.backward(np.stack(dlogits), readout)
    dh = np.zeros_like(h)
    dh[asked] = np.where(np.arange(2 * H) < H, dviews[0], dviews[1]) + dviews[2]
    de, drecurrent, _ = model.recurrent.backward(dh, recurrent)
    return list(losses), RecurrentLanguageModel(model.embedding.backward(de, embedding)[1], drecurrent, dreadout)


def loss_and_gradient(model: RecurrentLanguageModel, batch: Any) -> tuple[float, RecurrentLanguageModel]:
    """What `fit` wants: one number."""
    losses, gradient = three_losses(model, batch)
    return sum(losses) / len(losses), gradient


def make_word_filler() -> str:
    """Train it in five minutes, keep it, and say how surprised it is by held-out words."""
    rng = np.random.default_rng(0)
    parts = split(load_reviews())
    vocabulary = Vocabulary.build([words(review.text) for review in parts.train], max_size=V)
    texts = sentences(parts.train, vocabulary)
    model = untrained_filler(rng=rng)
    all_batches = [batch for _ in range(EPOCHS) for batch in batches(texts, rng=rng)]
    schedule = drop({len(all_batches) * 3 // 4: 1 / 4})
    model = store.as_stored(fit(model, loss_and_gradient, all_batches, Adam(4e-3), clip=1.0, schedule=schedule).model)
    store.keep(model, "word_filler")
    store.keep_vocabulary(vocabulary, "word_filler")
    held_out = batches(sentences(parts.valid, vocabulary), rng=rng)
    nats = np.mean([three_losses(model, batch)[0] for batch in held_out], axis=0)
    views_of = ", ".join(f"{view}: {n:.2f}" for view, n in zip(VIEWS, bits(nats), strict=True))
    return f"{views_of} bits a word, held out"
