"""How fast n-grams are counted and text is scored, and in how much memory, against `nltk.lm` on the same reviews.

    python -m benchmarks.speed.ngram [--quick]

Everything is measured in one run on one core, so the ratios can be trusted more than the numbers. Times are the best of
several repeats (nltk: of one or two); peak memory is what `tracemalloc` sees in a second, untimed call, which counts
Python's and NumPy's allocations alike. The tables go to benchmarks/results/ngram.json.

counting      integers -> all n-grams of order 1 ... n; nltk: `NgramCounter` over padded everygrams of the words
from words    the same and the vocabulary it needs, from lists of words; nltk: `padded_everygram_pipeline` and `fit`
scoring       log probability of each held-out word, add-k and Kneser-Ney of order n (nltk's fails at n = 1, so from 2)
"""

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from nltk.lm import KneserNeyInterpolated, Lidstone, NgramCounter
from nltk.lm.preprocessing import pad_both_ends, padded_everygram_pipeline
from nltk.util import everygrams
from nltk.util import ngrams as windows

from course_utils.data.reviews import load_reviews, split
from course_utils.text.kneser_ney import KneserNey
from course_utils.text.ngram import NGrams
from course_utils.text.preprocessing import words
from course_utils.text.smoothing import AddK
from course_utils.text.stream import join
from course_utils.text.vocabulary import Vocabulary
from tools.command_line import arguments
from tools.machine import load
from tools.report import Rows, write

Texts = list[list[str]]


def seconds(run: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def peak_mb(run: Callable[[], Any]) -> float:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def fit_nltk(make: Callable[[int], Any], texts: Texts, n: int) -> Any:
    model = make(n)
    grams, flat = padded_everygram_pipeline(n, texts)
    model.fit(grams, flat)
    return model


def from_words(texts: Texts, n: int) -> NGrams:
    vocabulary = Vocabulary.build(texts)
    return NGrams.count(join(map(vocabulary.encode, texts)), n, len(vocabulary), boundary=0)


def counting(texts: Texts, orders: range, repeats: int) -> list[dict[str, float]]:
    vocabulary = Vocabulary.build(texts)
    stream = join(map(vocabulary.encode, texts))
    V, T, rows = len(vocabulary), sum(map(len, texts)), []
    for n in orders:

        def ours(n: int = n) -> NGrams:
            return NGrams.count(stream, n, V, boundary=0)

        def theirs(n: int = n) -> NgramCounter:
            return NgramCounter(everygrams(list(pad_both_ends(text, n)), max_len=n) for text in texts)

        row = {
            "n": n,
            "ours": T / seconds(ours, repeats),
            "nltk": T / seconds(theirs, 1),
            "ours_from_words": T / seconds(lambda n=n: from_words(texts, n), repeats),
            "nltk_from_words": T / seconds(lambda n=n: fit_nltk(lambda n: Lidstone(0.1, n), texts, n), 1),
            "ours_peak_mb": peak_mb(ours),
            "nltk_peak_mb": peak_mb(theirs),
            "ours_kept_mb": ours().nbytes / 1e6,
        }
        row["times"] = row["ours"] / row["nltk"]
        row["times_from_words"] = row["ours_from_words"] / row["nltk_from_words"]
        rows.append(row)
    return rows


def scoring(texts: Texts, held_out: list[str], orders: range, repeats: int, slow: int) -> list[dict[str, float]]:
    """`slow`: how many words nltk's Kneser-Ney, which walks through all its counts for each, is given to score."""
    vocabulary = Vocabulary.build(texts)
    stream, new = join(map(vocabulary.encode, texts)), vocabulary.encode(held_out)
    rows = []
    for n in orders:
        counts = NGrams.count(stream, n, len(vocabulary), boundary=0)
        row: dict[str, float] = {"n": n}
        for name, ours, make, size in (
            ("add_k", AddK(counts, k=0.1), lambda n: Lidstone(0.1, n), len(held_out)),
            ("kneser_ney", KneserNey(counts), KneserNeyInterpolated, slow),
        ):
            model = fit_nltk(make, texts, n)
            grams = [(gram[-1], gram[:-1]) for gram in windows(held_out[: size + n - 1], n)]
            took = seconds(lambda m=model, g=grams: [m.logscore(w, c) for w, c in g], 1)
            row[f"{name}_nltk"] = len(grams) / took
            row[f"{name}_ours"] = len(new) / seconds(lambda m=ours: m.log_probs(new), repeats)
            row[f"{name}_times"] = row[f"{name}_ours"] / row[f"{name}_nltk"]
        rows.append(row)
    return rows


def growth(texts: Texts, sizes: list[int], n: int, repeats: int) -> list[dict[str, float]]:
    rows = []
    for size in sizes:
        some = texts[:size]
        vocabulary = Vocabulary.build(some)
        stream, V = join(map(vocabulary.encode, some)), len(vocabulary)
        counts = NGrams.count(stream, n, V, boundary=0)
        rows.append(
            {
                "reviews": size,
                "tokens": counts.T,
                "V": V,
                "seen": sum(counts.seen),
                "kept_mb": counts.nbytes / 1e6,
                "tokens_per_second": counts.T
                / seconds(lambda s=stream, v=V: NGrams.count(s, n, v, boundary=0), repeats),
                "peak_mb": peak_mb(lambda s=stream, v=V: NGrams.count(s, n, v, boundary=0)),
                "bytes_per_seen": counts.nbytes / sum(counts.seen),
            }
        )
    return rows


def main(quick: bool) -> dict[str, Rows]:
    """Measure, print and write the tables."""
    size, orders, repeats = (200, range(1, 4), 2) if quick else (1_500, range(1, 6), 3)
    parts = split(load_reviews())
    texts = [words(review.text) for review in parts.train[: 2_000 if quick else None]]
    held_out = [word for review in parts.valid[:100] for word in words(review.text)][: 2_000 if quick else 20_000]
    sizes = [250, 1_000, 2_000] if quick else [625, 1_250, 2_500, 5_000, 10_000, len(texts)]
    busy = load()
    tables: dict[str, Rows] = {
        "counting all orders up to n": counting(texts[:size], orders, repeats),
        "scoring held-out words": scoring(texts[:size], held_out, orders[1:], repeats, 20 if quick else 60),
        "growth with the corpus, n = 3, every word in the vocabulary": growth(texts, sizes, 3, repeats),
    }
    facts = {"reviews": size, "tokens": sum(map(len, texts[:size])), "load_at_start": busy}
    units = "speeds in tokens per second; memory in MB of 10**6 bytes, by tracemalloc"
    write("ngram", tables, keep=not quick, units=units, **facts)
    return tables


if __name__ == "__main__":
    main(arguments(__doc__, quick="fewer reviews, orders 1 to 3, about ten seconds").quick)
