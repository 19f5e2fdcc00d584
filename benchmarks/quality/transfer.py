"""Few labels and many reviews without labels: what are pretrained word vectors worth, and where should they come from?

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.transfer [--quick]

The classifier of chapter 01 (mean of word vectors, one linear layer; V = 10,000, D = 50) gets 200, 500 or 2,000 labelled
reviews, and 100 updates with 50 of them. Its vectors come from one of several sources and are frozen or tuned. The seed
chooses the labelled reviews and the first weights; each source is trained once. All are measured on the 2,500 test
reviews, of which nothing was seen before, not even without labels.

Writes course_utils/experiments/results/transfer.json, which chapter 12 draws. Without the extra [glove] that source is
left out, and nothing is written. About seven minutes.
"""

import time
from functools import cache, partial
from typing import Any

import numpy as np

from course_utils.data.glove import arrange, load_glove
from course_utils.data.reviews import Review, load_reviews, split
from course_utils.experiments.transfer import (
    RANDOM,
    SCRATCH,
    dates_in_words,
    held_out_accuracy,
    shuffled_across,
    shuffled_within,
    skip_gram_vectors,
)
from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.linear import Linear
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.review_classifier import standardised
from course_utils.models.sampled_words import next_word_loss, next_words
from course_utils.optim import Adam
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from tools.command_line import arguments
from tools.report import write

LABELS, V, D, H = (200, 500, 2_000), 10_000, 50, 64


def from_dates(vocabulary: Vocabulary, n: int, rng: np.random.Generator) -> Any:
    """Vectors of the words that dates are written in; all others are random, of the same size, as with GloVe."""
    texts = [vocabulary.encode(words(text)) for text in dates_in_words(n, rng=rng)]
    seen = np.unique(np.concatenate(texts))
    W = skip_gram_vectors(texts, len(vocabulary), D, threshold=1e-2, rng=rng)
    return arrange(vocabulary, {vocabulary.words[k]: W[k] for k in seen if k > 1}, rng=rng).vectors


def from_language_model(texts: Any, vocabulary: Vocabulary, steps: int, rng: np.random.Generator) -> Any:
    """The embedding of a GRU that learned to tell the next word from random ones."""
    embedding = Embedding.init(
        V, D, rng=rng, scale=0.1, dtype=np.float32
    )  # small, so that what is learned outweighs it
    readout = Linear(np.zeros((H, V), np.float32), np.zeros(V, np.float32))
    model = RecurrentLanguageModel(embedding, GRU.init(D, H, rng=rng, dtype=np.float32), readout)
    counts = np.array(vocabulary.counts, float)
    counts[:2] = 0
    batches = next_words(texts, counts, steps=steps, rng=rng)
    return fit(model, next_word_loss, batches, Adam(0.01), clip=1.0, progress=None).model.embedding.W


def main(quick: bool) -> None:
    parts = split(load_reviews())
    vocabulary = Vocabulary.build([words(review.text) for review in parts.train], max_size=V)

    def encoded(reviews: tuple[Review, ...]) -> Any:
        texts = [vocabulary.encode(words(review.text)) for review in reviews]
        return texts, np.array([review.label for review in reviews])

    (texts, labels), held_out = encoded(parts.train), encoded(parts.test)
    learn = partial(skip_gram_vectors, V=V, D=D, epochs=1 if quick else 4)
    sources = {
        "dates": lambda rng: from_dates(vocabulary, 10_000 if quick else 60_000, rng),
        "GloVe": lambda rng: load_glove(vocabulary, rng=rng).vectors,
        "reviews, words dealt out anew": lambda rng: learn(shuffled_across(texts, rng=rng), rng=rng),
        "reviews, each shuffled": lambda rng: learn(shuffled_within(texts, rng=rng), rng=rng),
        "reviews, language model": lambda rng: from_language_model(texts, vocabulary, 300 if quick else 2_000, rng),
        "reviews, skip-gram": lambda rng: learn(texts, rng=rng),
    }

    @cache
    def start(source: str, seed: int) -> Any:
        """Random vectors with the seed's numbers: small to be tuned, as chapter 01 begins, or frozen at the usual scale."""
        W = Embedding.init(V, D, rng=np.random.default_rng(seed), scale=0.1, dtype=np.float32).W
        return W if source == SCRATCH else standardised(W, texts)

    order = [SCRATCH, RANDOM, *sources]
    rows: list[dict[str, Any]] = []
    curves: dict[str, Any] = {}
    for source in (SCRATCH, RANDOM, "reviews, skip-gram", *(s for s in sources if s != "reviews, skip-gram")):
        began = time.perf_counter()
        try:
            pretrained = standardised(sources[source](np.random.default_rng(0)), texts) if source in sources else None
        except (ImportError, FileNotFoundError) as missing:
            print(f"{source} is left out: {missing}", flush=True)
            continue
        seconds = time.perf_counter() - began
        for mode in {SCRATCH: ("tuned",), RANDOM: ("frozen",)}.get(source, ("frozen", "tuned")):
            for N in LABELS:
                reached = []
                for seed in range(2 if quick else 5):
                    W = start(source, seed) if pretrained is None else pretrained
                    how: Any = {"N": N, "frozen": mode == "frozen", "seed": seed}
                    reached.append(round(held_out_accuracy(W, texts, labels, held_out, **how), 4))
                curves.setdefault(source, {}).setdefault(mode, {})[str(N)] = reached
                row = {"source": source, "mode": mode, "labels": N, "accuracy": float(np.mean(reached))}
                rows.append(row | {"spread": float(np.ptp(reached)), "seconds of pretraining": round(seconds, 1)})
                print(*rows[-1].values(), sep="\t", flush=True)
    facts = {
        "command": "python -m benchmarks.quality.transfer",
        "labels": list(LABELS),
        "accuracy": {source: curves[source] for source in order if source in curves},
    }
    write("transfer", {"summary": rows}, shown=True, keep=not quick and len(curves) == len(order), **facts)


if __name__ == "__main__":
    main(arguments(__doc__, quick="one pass over the reviews, two seeds").quick)
