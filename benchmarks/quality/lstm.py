"""Is an LSTM always better than a simple RNN? Memory, a series, sentiment, words and characters, at equal parameters.

    python -m benchmarks.quality.lstm [--quick]

Some twenty-five minutes on one core (OPENBLAS_NUM_THREADS=1). Every row is one trained network: task, kind, setting, seed,
the score, and the seconds its training took. Writes course_utils/experiments/results/lstm.json, which chapter 09 draws.
Recall over shorter delays, and brackets, have a comparison of their own with a rate for each contestant, `memory`; here
all have 0.003 for recall and 0.005 for adding.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.quality import lstm_tasks
from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.data.series import eeg
from course_utils.experiments import memory
from course_utils.experiments.memory_runs import CONTESTANTS
from course_utils.models.equal_size import KINDS
from course_utils.models.perplexity import bits, nats_per_token
from course_utils.text.preprocessing import words
from course_utils.text.stream import join
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array, count
from tools.command_line import arguments
from tools.machine import load
from tools.report import Rows, write

CHARACTERS = {"RNN": (54, 128, 259), "LSTM": (26, 62, 128)}
"""Widths of character models with about 9, 28.6 (as in chapter 05) and 90 thousand parameters; GRU: chapter 08."""
RATES = (1e-2, 2e-2)
"""Other learning rates for those of the middle size; all of "characters" have 0.004, chapter 05's."""


def remembering(seeds: int, quick: bool) -> Iterator[dict[str, Any]]:
    for seed in range(seeds):
        for kind in CONTESTANTS:
            for delay in () if quick else (40, 80):
                yield row("recall", kind, delay, seed, lambda k=kind, d=delay, s=seed: memory.recall(k, d, s))
            for T in (10,) if quick else (10, 30, 100) if seed < 3 else ():
                yield row("adding", kind, T, seed, lambda k=kind, n=T, s=seed: memory.addition(k, n, s))


def series(seeds: int) -> Iterator[dict[str, Any]]:
    values = eeg("PG3").values
    for seed in range(seeds):
        for kind in KINDS:
            yield row("forecast", kind, 1, seed, lambda k=kind, s=seed: lstm_tasks.forecast(k, values, s))


def text(seeds: int, quick: bool) -> Iterator[dict[str, Any]]:
    train, _, test = split(load_reviews())
    vocabulary = Vocabulary.build((words(review.text) for review in train[:8_000]), max_size=2_000)
    V, held_out = len(vocabulary), lstm_tasks.Opinions(test, vocabulary, T=80)
    for size in (1_000,) if quick else (1_000, 16_000):
        some = lstm_tasks.Opinions(train[:size], vocabulary, T=80)
        for seed in range(seeds):
            for kind in KINDS:
                yield row(
                    "sentiment", kind, size, seed, lambda k=kind, d=some, s=seed: lstm_tasks.sentiment(k, d, held_out, s, V=V)
                )  # fmt: skip
    tokens, asked = (
        join(vocabulary.encode(words(review.text)) for review in part) for part in (train[:3_000], test[:200])
    )
    for seed in range(seeds):
        for kind in ("RNN", "LSTM"):
            yield row("words", kind, V, seed, lambda k=kind, s=seed: lstm_tasks.word_bits(k, tokens, asked, s, V=V))
    letters, unread = encoded_characters(train, 4_000_000), encoded_characters(test, 200_000)
    steps = 100 if quick else 3_000
    for seed in range(seeds):
        for kind, widths in CHARACTERS.items():
            for H in (
                widths[:1] if quick else widths if seed < 2 else widths[:2]
            ):  # the largest takes half of all the time
                yield character_row("characters", kind, H, letters, unread, seed, steps)
    for seed in range(min(seeds, 2)):
        for kind, widths in CHARACTERS.items():
            for rate in RATES:
                yield character_row("rates", kind, widths[1], letters, unread, seed, steps, rate)


def character_row(
    task: str, kind: str, H: int, letters: Array, unread: Array, seed: int, steps: int, rate: float = 4e-3
) -> dict[str, Any]:
    """Bits per character; the setting is the number of parameters, or 10,000 times the learning rate."""
    began = time.perf_counter()
    model = lstm_tasks.character_model(kind, H, letters, seed, steps=steps, lr=rate)
    took = time.perf_counter() - began
    setting = count(model) if task == "characters" else round(1e4 * rate)
    return record(task, kind, setting, seed, bits(nats_per_token(model, unread)), took)


def row(task: str, kind: str, setting: int, seed: int, train: Callable[[], float]) -> dict[str, Any]:
    began = time.perf_counter()
    score = train()
    return record(task, kind, setting, seed, score, time.perf_counter() - began)


def record(task: str, kind: str, setting: int, seed: int, score: float, seconds: float) -> dict[str, Any]:
    print(f"{task:10} {kind:20} {setting:6} seed {seed}: {score:8.4f} in {seconds:5.1f} s", flush=True)
    keys = ("task", "kind", "setting", "seed", "score", "seconds")
    return dict(zip(keys, (task, kind, setting, seed, round(float(score), 4), round(seconds, 1)), strict=True))


def main(quick: bool) -> dict[str, Rows]:
    """Train all of them, print and write the table."""
    seeds, busy = (1, load()) if quick else (3, load())
    rows = [*remembering(seeds if quick else 5, quick), *series(seeds if quick else 5), *text(seeds, quick)]
    write("lstm", {"runs": rows}, shown=True, keep=not quick, load_at_start=busy)
    return {"runs": rows}


if __name__ == "__main__":
    main(arguments(__doc__, quick="one seed, short lengths and trainings, about two minutes").quick)
