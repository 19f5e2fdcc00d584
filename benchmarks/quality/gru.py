"""Do gates ease vanishing gradients? RNN and GRU side by side, before and after training, on three tasks.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.gru [--quick]

About six minutes on one core. Writes course_utils/experiments/results/gru.json, which chapter 08 draws. Curves are the
lengths of the gradient by the states 0, 1, 2, ... steps back, relative to 0: geometric means over sequences.

text    chapter 05's budget: 3,000 updates of 32 windows of 32 characters, 2,200 with Adam at 0.004 and 800 at 0.001,
        norms clipped at 1, scored on the same 200,000 held-out characters; widths with as many parameters as chapter
        05's RNN or less, and with as many units; gradients of one prediction by up to 60 characters, 64 texts
sentiment  is a review positive? Asked after each of its first 50 words; 400 updates of 64 reviews out of 12,000 with Adam
        at 0.005, clipped at 1; accuracy after the last word of 2,000 others. A GRU of 16 units, an RNN with as many, and
        one with as many parameters (32); gradients of the last opinion by the 48 words before, 400 reviews
recall  which of 4 symbols came before `delay` distractors? 300 updates of 32 sequences with Adam at 0.003, clipped at 1;
        equal units (32), and a GRU with fewer parameters than the RNN (16). The number behind a name is the bias that
        its update gate starts with, 0 unless said. Factors are those of the gradient per step, over 60 distractors.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.analysis.gradients import factor_per_step, norms
from course_utils.data.reviews import Review, encoded_characters, load_reviews, split
from course_utils.data.tasks import TokenTask, delayed_recall
from course_utils.experiments.one_pass import read_once
from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.linear import Linear
from course_utils.layers.rnn import RNN
from course_utils.losses import cross_entropy
from course_utils.models.objectives import TruncatedBPTT, opinion_loss, token_task_loss
from course_utils.models.perplexity import bits, nats_per_token
from course_utils.models.recurrent import RecurrentLanguageModel, RecurrentReader
from course_utils.optim import Adam
from course_utils.text.batching import align, minibatches, sequential_partition
from course_utils.text.characters import ALPHABET
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array, count
from tools.command_line import arguments
from tools.report import Rows, write

TEXT = (("RNN", 128), ("GRU", 73), ("GRU", 128))
RECALL = (("RNN", 32, 0.0), ("GRU", 32, 0.0), ("GRU", 16, 0.0), ("GRU", 32, 1.0), ("GRU", 32, 3.0))
DELAYS = (2, 5, 10, 20, 40, 80)
BACK = 60
"""Over how many steps gradients are followed."""
OPINION = (("RNN", 16), ("RNN", 32), ("GRU", 16))


def network(
    kind: str, V: int, D: int, H: int, bias: float = 0.0, *, rng: np.random.Generator
) -> RecurrentLanguageModel:
    """An embedding, the recurrent layer, whose update gate starts with this bias, and a readout."""
    if kind == "RNN":
        layer: Any = RNN.init(D, H, rng=rng, dtype=np.float32)
    else:
        layer = GRU.init(D, H, rng=rng, dtype=np.float32)
        layer.b[1] = bias
    return RecurrentLanguageModel.init(V, D, layer, H, rng=rng)


def answer(model: RecurrentLanguageModel, task: TokenTask) -> tuple[float, RecurrentLanguageModel, Any]:
    """Loss at the steps that count, its gradient, and the gradients of the trace."""
    logits, trace = model.forward(task.x)
    loss, dlogits = cross_entropy(logits, task.y, task.mask)
    _, dmodel, dtrace = model.backward(dlogits, trace)
    return loss, dmodel, dtrace


def look_back(model: RecurrentLanguageModel, x: Array) -> Float[Array, "S B"]:
    """Length of the gradient of the last prediction by each state, the last one first."""
    last = np.arange(len(x) - 1)[:, None] == np.full(x.shape[1], len(x) - 2)
    return norms(answer(model, TokenTask(x[:-1], x[1:], last))[2].recurrent.h.astype(np.float64))


def curve(lengths: Float[Array, "S B"]) -> list[float]:
    """Geometric mean over the batch, relative to distance 0, over the first 60 steps."""
    logs = np.log(np.maximum(lengths[: BACK + 1], 1e-40))  # what underflows in float32 is still drawn, far below
    return [float(f"{value:.3g}") for value in np.exp((logs - logs[0]).mean(axis=1))]


def text(seeds: int, steps: int) -> Iterator[dict[str, Any]]:
    """A row for each network and seed."""
    train, valid, test = split(load_reviews())
    letters, held_out, look = (
        encoded_characters(train, 4_000_000),
        encoded_characters(test, 200_000),
        encoded_characters(valid, 200_000),
    )
    windows = list(sequential_partition(letters, 32, 32))[:steps]
    x = look[np.linspace(0, len(look) - 102, 64).astype(int) + np.arange(101)[:, None]]
    for seed in range(seeds):
        for kind, H in TEXT:
            start = network(kind, len(ALPHABET), 32, H, rng=np.random.default_rng(seed))
            model = read_once(start, TruncatedBPTT(), windows, lr=4e-3)
            before, after = look_back(start, x), look_back(model, x)
            yield {
                "model": kind,
                "H": H,
                "parameters": count(model),
                "seed": seed,
                "bits": round(bits(nats_per_token(model, held_out)), 4),
                "factor before": round(factor_per_step(before[5:41]), 4),
                "factor after": round(factor_per_step(after[5:41]), 4),
                "curve before": curve(before),
                "curve after": curve(after),
            }


def recall(seeds: int, delays: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    """A row for each network, delay and seed."""
    for seed in range(seeds):
        for kind, H, bias in RECALL:
            for delay in delays:
                rng = np.random.default_rng(seed)
                start = network(kind, 9, 8, H, bias, rng=rng)
                batches = [delayed_recall(delay, 32, rng=rng) for _ in range(300)]
                model = fit(start, token_task_loss, batches, Adam(3e-3), clip=1.0, progress=None).model
                asked, far = (delayed_recall(*size, rng=rng) for size in ((delay, 500), (BACK, 32)))
                factors = [
                    factor_per_step(norms(answer(m, far)[2].recurrent.h.astype(np.float64))[5:41])
                    for m in (start, model)
                ]
                yield {
                    "model": kind,
                    "H": H,
                    "bias": bias,
                    "delay": delay,
                    "seed": seed,
                    "accuracy": round(float(np.mean(model.forward(asked.x)[0][-1].argmax(-1) == asked.y[-1])), 4),
                    "factor before": round(factors[0], 4),
                    "factor after": round(factors[1], 4),
                }


def read_reviews(some: Sequence[Review], vocabulary: Vocabulary) -> tuple[Array, Array, Array]:
    """Tokens (T, B), mask and labels of the first 50 words."""
    tokens, mask = align([vocabulary.encode(words(review.text[:400])[:50]) for review in some], 50)
    return tokens, mask, np.array([review.label for review in some])


def opinion_back(model: RecurrentReader, x: Array) -> Float[Array, "S B"]:
    """Length of the gradient of the last log odds by each state, the last one first."""
    logits, trace = model.forward(x)
    dlogits = np.zeros_like(logits)
    dlogits[-1] = 1
    return norms(model.backward(dlogits, trace)[2].recurrent.h[1:].astype(np.float64))


def sentiment(seeds: int, steps: int) -> Iterator[dict[str, Any]]:
    """A row for each network and seed."""
    train, valid, _ = split(load_reviews())
    vocabulary = Vocabulary.build([words(review.text[:400])[:50] for review in train[:12_000]], max_size=3_000)
    held_out, mask, labels = read_reviews(valid, vocabulary)
    x = held_out[:, mask.all(axis=0)][:, :400]
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        groups = [group for _ in range(3) for group in minibatches(12_000, 64, rng=rng)][:steps]
        batches = [read_reviews([train[k] for k in group], vocabulary) for group in groups]
        for kind, H in OPINION:
            rng = np.random.default_rng(seed)
            kinds: dict[str, Any] = {"RNN": RNN, "GRU": GRU}
            layer = kinds[kind].init(16, H, rng=rng, dtype=np.float32)
            embedding = Embedding.init(len(vocabulary), 16, rng=rng, scale=0.1, dtype=np.float32)
            start = RecurrentReader(embedding, layer, Linear.init(H, 1, rng=rng, dtype=np.float32))
            model = fit(start, opinion_loss, batches, Adam(5e-3), clip=1.0, progress=None).model
            last = model.forward(held_out, mask)[0][mask.sum(axis=0) - 1, np.arange(len(labels)), 0]
            before, after = opinion_back(start, x), opinion_back(model, x)
            yield {
                "model": kind,
                "H": H,
                "parameters": count(layer),
                "seed": seed,
                "accuracy": round(float(np.mean((last > 0) == labels)), 4),
                "factor before": round(factor_per_step(before[2:]), 4),
                "factor after": round(factor_per_step(after[2:]), 4),
                "curve before": curve(before),
                "curve after": curve(after),
            }


def shown(rows: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """All rows, each printed without its curves when it is there."""
    made = []
    for row in rows:
        print(*(f"{key} {value}" for key, value in row.items() if not isinstance(value, list)), sep="  ", flush=True)
        made.append(row)
    return made


def main(quick: bool) -> None:
    """Train all, write the tables and the curves."""
    made = {
        "sentiment": shown(sentiment(1 if quick else 3, 40 if quick else 400)),
        "recall": shown(recall(1 if quick else 5, (2, 20) if quick else DELAYS)),
        "text": shown(text(1 if quick else 3, 150 if quick else 3_000)),
    }
    curved = ("curve before", "curve after")
    tables: dict[str, Rows] = {
        task: [{k: v for k, v in row.items() if k not in curved} for row in rows] for task, rows in made.items()
    }
    curves = {
        task: [{k: row[k] for k in ("model", "H", "seed", *curved)} for row in made[task]]
        for task in ("text", "sentiment")
    }
    write("gru", tables, shown=True, keep=not quick, curves=curves)


if __name__ == "__main__":
    main(arguments(__doc__, quick="one seed, two delays, 150 updates on text; half a minute").quick)
