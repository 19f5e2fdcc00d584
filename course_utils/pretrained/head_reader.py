"""A small transformer that fills in blanks, and what its heads look at: which word, in which layer, for which word.

It learns from the same sentences as the LSTM of `word_filler`, with the same vocabulary. Of every sentence a fifth of the
words has to be guessed. Most of them are replaced by the blank; some are left as they are or become another word, so that
the model also knows what to do with a sentence that has no blank (Devlin et al. 2019, section 3.1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from course_utils.data.reviews import load_reviews, split
from course_utils.data.tasks import blank_out
from course_utils.layers.chain import Chain, Pipeline
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.positions import PositionEmbedding
from course_utils.layers.transformer import Transformer
from course_utils.losses import cross_entropy
from course_utils.models.perplexity import bits
from course_utils.optim import Adam
from course_utils.pretrained import store
from course_utils.pretrained.word_filler import blank_each, log_p_of_words, sentences, word_filler
from course_utils.schedules import warmup_cosine
from course_utils.shapes import expect_rng
from course_utils.text.batching import align, buckets
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array, tree

V, D, LAYERS, N, H, T_MAX = 1_500, 40, 2, 4, 80, 28
BATCH, EPOCHS = 64, 5


class Look(NamedTuple):
    """The T words of a text, their numbers, who looked where, and what the model would put at each place.

    ``a[l, n, t, s]`` is how much head n of layer l looks at word s when it stands at word t; ``log_p[t]`` (nats) is the
    model's opinion of every word of the vocabulary at place t.
    """

    words: list[str]
    numbers: Int[Array, "T"]
    a: Float[Array, "L N T T"]
    log_p: Float[Array, "T V"]


@tree
class TransformerReader(Pipeline):
    """Scores of all words for every place of a text, seen from both sides."""

    embedding: Embedding
    positions: PositionEmbedding
    transformer: Transformer
    readout: Linear


@dataclass(frozen=True)
class HeadReader:
    """Two layers of four heads that learned to fill in blanks from the words on both sides."""

    model: TransformerReader
    vocabulary: Vocabulary

    def look(self, text: str | Sequence[str]) -> Look:
        """Read the text (or its words) as it is. Raises ValueError for a text without words, or with more than `T_MAX`."""
        found, numbers = self._encode(text)
        logits, trace = self.model.forward(numbers)
        return Look(found, numbers, _weights(trace), log_p_of_words(logits))

    def look_blanked(self, text: str | Sequence[str]) -> Look:
        """Blank out every word in turn; row t of all is what happens at word t while that very word is hidden."""
        found, numbers = self._encode(text)
        at = np.arange(len(numbers))
        logits, trace = self.model.forward(blank_each(numbers, len(self.vocabulary)))
        a = np.moveaxis(_weights(trace)[:, at, :, at], 0, 2)  # the row of the blank in each column
        return Look(found, numbers, a, log_p_of_words(logits[at, at]))

    def _encode(self, text: str | Sequence[str]) -> tuple[list[str], Int[Array, "T"]]:
        found = words(text) if isinstance(text, str) else list(text)
        if not 1 <= len(found) <= T_MAX:
            raise ValueError(f"HeadReader.look: wanted a text of 1 to {T_MAX} words, got {len(found)}")
        return found, np.asarray(self.vocabulary.encode(found))


def _weights(trace: Any) -> Float[Array, "L *B N T T"]:
    return np.stack([block.attention.a for block in trace.transformer.blocks])


def untrained_head_reader(*, rng: np.random.Generator) -> TransformerReader:
    """The reader's model before training; one more symbol than words, the blank."""
    return TransformerReader(
        Embedding.init(V + 1, D, rng=rng, scale=0.1, dtype=np.float32),
        PositionEmbedding.init(T_MAX, D, rng=rng, scale=0.1, dtype=np.float32),
        Transformer.init(D, LAYERS, N, H, rng=rng, dtype=np.float32),
        Linear.init(D, V + 1, rng=rng, dtype=np.float32),
    )


@cache
def head_reader() -> HeadReader:
    """The trained one, made by ``python -m tools.train head_reader``."""
    model = store.trained("head_reader", like=untrained_head_reader(rng=np.random.default_rng(0)))
    return HeadReader(model, store.vocabulary("word_filler"))


def batches(texts: list[Array], *, rng: np.random.Generator) -> Iterator[Any]:
    """Padded minibatches: what to read, what stood there, where it is asked, and which steps are real."""
    expect_rng("batches", rng)
    for group in buckets([len(text) for text in texts], BATCH, rng=rng):
        tokens, mask = align([texts[k] for k in group])
        x, y, asked = blank_out(tokens, mask & (tokens > 1), share=0.2, blank=V, rng=rng)
        fate = rng.random(x.shape)
        x = np.where(asked & (fate < 0.1), y, x)
        x = np.where(asked & (fate > 0.9), rng.integers(2, V, x.shape), x)
        yield x, y, asked, mask


def loss_and_gradient(model: TransformerReader, batch: Any) -> tuple[float, TransformerReader]:
    """Only the places that are asked are read off: the readout is large."""
    x, y, asked, mask = batch
    body = Chain((model.embedding, model.positions, model.transformer))
    h, trace = body.forward(x, mask)
    logits, readout_trace = model.readout.forward(h[asked])
    loss, dlogits = cross_entropy(logits, y[asked])
    dh = np.zeros_like(h)
    dh[asked], dreadout, _ = model.readout.backward(dlogits, readout_trace)
    dembedding, dpositions, dtransformer = body.backward(dh, trace)[1].layers
    return loss, TransformerReader(dembedding, dpositions, dtransformer, dreadout)


def make_head_reader() -> str:
    """Train it in six minutes on one core, keep it, and say how surprised it is by held-out words."""
    rng = np.random.default_rng(0)
    parts, vocabulary = split(load_reviews()), word_filler().vocabulary
    texts = sentences(parts.train, vocabulary)
    all_batches = [batch for _ in range(EPOCHS) for batch in batches(texts, rng=rng)]
    schedule = warmup_cosine(200, len(all_batches), floor=0.02)
    model = untrained_head_reader(rng=rng)
    model = store.as_stored(fit(model, loss_and_gradient, all_batches, Adam(4e-3), clip=1.0, schedule=schedule).model)
    store.keep(model, "head_reader")
    held_out = batches(sentences(parts.valid, vocabulary), rng=rng)
    nats = np.mean([loss_and_gradient(model, batch)[0] for batch in held_out])
    return f"{bits(float(nats)):.2f} bits a word, held out"
