"""A small transformer that fills in blanks, and what its heads look at: which word, in which layer, for which word."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.positions import PositionEmbedding
from course_utils.layers.transformer import Transformer
from course_utils.pretrained.word_filler import blank_each, log_p_of_words
from course_utils.saving import load
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array, astype

V, D, LAYERS, N, H, T_MAX = 1_500, 40, 2, 4, 80, 28


class Look(NamedTuple):
    """The T words of a text, their numbers, who looked where, and what the model would put at each place.

    ``a[l, n, t, s]`` is how much head n of layer l looks at word s when it stands at word t; ``log_p[t]`` (nats) is the
    model's opinion of every word of the vocabulary at place t.
    """

    words: list[str]
    numbers: Int[Array, " T"]
    a: Float[Array, "L N T T"]
    log_p: Float[Array, "T V"]


@dataclass(frozen=True)
class HeadReader:
    """Two layers of four heads that learned to fill in blanks from the words on both sides."""

    model: Chain
    vocabulary: Vocabulary

    def look(self, text: str | Sequence[str]) -> Look:
        """Read the text (or its words) as it is. Raises ValueError for a text without words, or with more than `T_MAX`."""
        tokens, numbers = self._encode(text)
        logits, trace = self.model.forward(numbers)
        return Look(tokens, numbers, _weights(trace), log_p_of_words(logits))

    def look_blanked(self, text: str | Sequence[str]) -> Look:
        """Blank out every word in turn; row t of all is what happens at word t while that very word is hidden."""
        tokens, numbers = self._encode(text)
        at = np.arange(len(numbers))
        logits, trace = self.model.forward(blank_each(numbers, len(self.vocabulary)))
        a = np.moveaxis(_weights(trace)[:, at, :, at], 0, 2)  # the row of the blank in each column
        return Look(tokens, numbers, a, log_p_of_words(logits[at, at]))

    def _encode(self, text: str | Sequence[str]) -> tuple[list[str], Int[Array, " T"]]:
        tokens = words(text) if isinstance(text, str) else list(text)
        if not 1 <= len(tokens) <= T_MAX:
            raise ValueError(f"HeadReader.look: wanted a text of 1 to {T_MAX} words, got {len(tokens)}")
        return tokens, np.asarray(self.vocabulary.encode(tokens))


def _weights(trace: object) -> Float[Array, "L *B N T T"]:
    return np.stack([block.attention.a for block in trace.layers[2].blocks])  # type: ignore[attr-defined]


def untrained_head_reader(*, rng: np.random.Generator) -> Chain:
    """The reader's model before training; one symbol more than words, the blank."""
    return Chain(
        (
            Embedding.init(V + 1, D, rng=rng, scale=0.1, dtype=np.float32),
            PositionEmbedding.init(T_MAX, D, rng=rng, scale=0.1, dtype=np.float32),
            Transformer.init(D, LAYERS, N, H, rng=rng, dtype=np.float32),
            Linear.init(D, V + 1, rng=rng, dtype=np.float32),
        )
    )


@cache
def head_reader() -> HeadReader:
    """The trained one. Made by ``python -m tools.train_head_reader``, which says how and prints how good it is."""
    folder = files("course_utils.data")
    with as_file(folder / "head_reader.npz") as weights, as_file(folder / "word_filler.json") as table:
        model = astype(load(weights, like=untrained_head_reader(rng=np.random.default_rng(0))), np.float32)
        return HeadReader(model, Vocabulary.load(table))
