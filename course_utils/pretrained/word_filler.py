"""Filling in blanks: the per-token task in which what comes after a token says as much as what came before it.

A token is replaced by a blank, and the model says what stood there (Taylor 1953, "cloze"). A bidirectional layer answers
from both sides. Read off one half of its features only, and you see what one direction knows.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.lstm import LSTM
from course_utils.math import log_softmax
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.saving import load
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array, astype

V, D, H = 1_500, 24, 48
LONGEST = 300
"""Words of a text to guess: each is a column of its own, with all words as its steps."""
VIEWS = ("from the left", "from the right", "both")
"""What `views` leaves: the features of the pass from the left, of the pass from the right, of both."""


def views(h: Float[Array, "*B F"], H: int) -> Float[Array, "3 *B F"]:
    """The features with their right half silenced, with their left half silenced, and as they are (see `VIEWS`)."""
    left = np.arange(h.shape[-1]) < H
    return np.stack([np.where(left, h, 0), np.where(left, 0, h), h])


def blank_each(numbers: Int[Array, " T"], blank: int) -> Int[Array, "T T"]:
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
    numbers: Int[Array, " T"]
    log_p: Float[Array, "3 T V"]


@dataclass(frozen=True)
class WordFiller:
    """A bidirectional LSTM that guesses a word of a sentence from the words on its left, on its right, and from both."""

    model: RecurrentLanguageModel
    vocabulary: Vocabulary

    def guesses(self, text: str) -> Guesses:
        """Blank out every word in turn, and guess it. Raises ValueError for a text without words, or too many."""
        tokens = words(text)
        if len(tokens) > LONGEST:
            raise ValueError(f"WordFiller: wanted at most {LONGEST} words, got {len(tokens)}; take a part of the text")
        numbers = self.vocabulary.encode(tokens)
        at = np.arange(len(numbers))
        x = blank_each(numbers, len(self.vocabulary))
        h, _ = self.model.recurrent.forward(self.model.embedding.forward(x)[0])
        logits, _ = self.model.readout.forward(views(h[at, at], H))
        return Guesses(tokens, numbers, log_p_of_words(logits))


def untrained_filler(*, rng: np.random.Generator) -> RecurrentLanguageModel:
    """The filler's model before training: an embedding, an LSTM in each direction, a readout; one symbol more, the blank."""
    both = Bidirectional(*(LSTM.init(D, H, rng=rng, dtype=np.float32) for _ in range(2)))
    return RecurrentLanguageModel.init(V + 1, D, both, 2 * H, rng=rng)


@cache
def word_filler() -> WordFiller:
    """The trained one. Made by ``python -m tools.train_word_filler``, which says how and prints how good it is."""
    folder = files("course_utils.data")
    with as_file(folder / "word_filler.npz") as weights, as_file(folder / "word_filler.json") as table:
        model = astype(load(weights, like=untrained_filler(rng=np.random.default_rng(0))), np.float32)
        return WordFiller(model, Vocabulary.load(table))
