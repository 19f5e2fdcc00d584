"""The encoder-decoder that rewrites dates: how it is trained and judged, and small ones that come with the course."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from course_utils.data.date_batches import LENGTH, START, DateBatch, date_batch, date_batches, signs
from course_utils.data.dates import Pairs, draw_dates, split_dates, split_spellings
from course_utils.layers.attention import AdditiveAttention, DotProductAttention
from course_utils.math import softmax
from course_utils.models.beam_search import greedy
from course_utils.models.encoder_decoder import EncoderDecoder
from course_utils.models.objectives import date_loss
from course_utils.optim import Adam
from course_utils.pretrained import store
from course_utils.schedules import drop
from course_utils.shapes import is_real
from course_utils.text.batching import align
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import Progress, Run, bar, fit
from course_utils.tree import Array

KINDS = ("additive", "dot", "none")
"""How the writers that come with the course look back: by an additive score, by a dot product, not at all."""
D, H = 24, 64
LONGEST = 1_000
"""Letters of a text that `write` reads; dates have at most forty, and every letter is a step."""


def train_writer(
    model: EncoderDecoder, batches: Sequence[DateBatch], *, lr: float = 4e-3, progress: Progress | None = bar
) -> Run[EncoderDecoder]:
    """Adam over all batches: the first 70 % with this learning rate, 20 % with a third of it, 10 % with a tenth."""
    schedule = drop({len(batches) * 7 // 10: 1 / 3, len(batches) * 9 // 10: 1 / 10})
    return fit(model, date_loss, batches, Adam(lr), clip=1.0, schedule=schedule, progress=progress)


def sharpened(model: EncoderDecoder, temperature: float) -> EncoderDecoder:
    """The same model with the scores of its attention divided by a temperature: below 1 looks are sharper than learnt.

    Raises ValueError unless temperature > 0.
    """
    if not (is_real(temperature) and 0 < temperature < np.inf):
        raise ValueError(f"sharpened: wanted temperature > 0, got {temperature!r:.60}")
    match model.attention:
        case DotProductAttention() as dot:
            scale = model.decoder.W_h.shape[-1] ** -0.5 if dot.scale is None else dot.scale
            return replace(model, attention=DotProductAttention(scale / temperature))
        case AdditiveAttention() as additive:
            return replace(model, attention=replace(additive, w_v=additive.w_v / np.float32(temperature)))
    return model


class Written(NamedTuple):
    """An answer, the weights of every look (None without attention), and p of every sign at every step."""

    answer: str
    a: Float[Array, "T S"] | None
    p: Float[Array, "T V"]


@dataclass(frozen=True)
class DateWriter:
    """A model and the letters it knows."""

    model: EncoderDecoder
    vocabulary: Vocabulary

    def answers(self, texts: Sequence[str], length: int = LENGTH) -> list[str]:
        """Write every text in ISO 8601, sign by sign, each time the likeliest."""
        x, mask = align([self.vocabulary.encode(list(text)) for text in texts])
        source = self.model.encode(x, mask)
        found = greedy(self.model.stepper(source), source.state, start=START, length=length)
        return [signs(row) for row in found.signs.T]

    def right(self, pairs: Pairs) -> Bool[Array, "N"]:
        """Exact match: is every sign of the answer right?"""
        written = self.answers(pairs.texts, max(map(len, pairs.isos)))
        return np.array([answer[: len(iso)] == iso for answer, iso in zip(written, pairs.isos, strict=True)])

    def write(self, text: str, *, temperature: float = 1.0) -> Written:
        """One text, and where the model looked for every sign of its answer. Raises ValueError for an empty text."""
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST:
            got = f"{len(text)} letters" if isinstance(text, str) else type(text).__name__
            raise ValueError(f"DateWriter.write: wanted a text of 1 to {LONGEST} letters, got {got}")
        writer = replace(self, model=sharpened(self.model, temperature))
        (answer,) = writer.answers([text])
        batch = date_batch(Pairs((text,), (answer,)), self.vocabulary)
        logits, trace = writer.model.forward(batch.x[:, 0], batch.given[:, 0])
        return Written(answer, None if trace.attention is None else trace.attention.a, softmax(logits))


def untrained_writer(kind: str, V: int, *, rng: np.random.Generator) -> EncoderDecoder:
    """The model of the chapter before training, of one of the `KINDS`; raises ValueError for another."""
    if kind not in KINDS:
        raise ValueError(f"date_writer: wanted one of {', '.join(KINDS)}, got {kind!r}")
    return EncoderDecoder.init(V, START, D, H, attention=None if kind == "none" else kind, rng=rng)


@cache
def date_writer(kind: str = "additive") -> DateWriter:
    """A trained one of the `KINDS`, made by ``python -m tools.train date_writers``. Raises ValueError for another kind."""
    vocabulary = store.vocabulary("date_writer")
    like = untrained_writer(kind, len(vocabulary), rng=np.random.default_rng(0))
    return DateWriter(store.trained(f"date_writer_{kind}", like=like), vocabulary)


def make_date_writers() -> str:
    """Train one of each kind, all in half a minute, keep them, and say how many held-out dates each gets right."""
    B, steps, said = 64, 1_000, []
    days, ways = split_dates(), split_spellings()
    pairs = draw_dates(B * steps, days.train, rng=np.random.default_rng(0))
    vocabulary = Vocabulary.build(map(list, pairs.texts))
    store.keep_vocabulary(vocabulary, "date_writer")
    for kind in KINDS:
        rng = np.random.default_rng(1)
        model = untrained_writer(kind, len(vocabulary), rng=rng)
        model = store.as_stored(train_writer(model, date_batches(pairs, vocabulary, B, rng=rng)).model)
        store.keep(model, f"date_writer_{kind}")
        for name, spellings in (("dates", ways.train), ("dates and spellings", ways.test)):
            unseen = draw_dates(3_000, days.test, spellings, rng=np.random.default_rng(2))
            right = DateWriter(model, vocabulary).right(unseen).mean()
            said.append(f"{kind}: {right:.4f} of {name} never seen are right")
    return "; ".join(said)
