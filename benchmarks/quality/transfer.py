"""Few labels and many reviews without labels: what is pretraining worth, and what should be pretrained, on which text?

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.transfer [--quick] [--jobs 2] [SOURCE ...]

Half an hour of one core. Goes on where course_utils/experiments/results/transfer.json ends; what a row says, the cases, and
how many updates there are: `course_utils.experiments.transfer_runs`, which chapter 12 draws. SOURCE is a part of a name.
GloVe is measured only where it is asked for by name: it needs the extra [glove].

word vectors  the classifier of chapter 01 (mean of word vectors, one linear layer; V = 10,000, D = 50) from 200 to 16,000
              labelled reviews, cut after 400 words; frozen or fine-tuned. Each source is trained once
network       chapter 11's blank filler (`experiments.fine_tuning`), fine-tuned as a whole, and the same network from random
              weights; both read the last 60 words of a review, with the 1,500 words that the filler knows. "What the network
              reads": the bag of words from scratch, of the same words of the same ends of reviews
rates         for each source, mode and number of labels: at least five, each twice the one before; the one that judges
              most of 2,000 validation reviews correctly is taken, and may be neither the smallest nor the largest.
              One draw of labelled reviews chooses, five others are reported, on 2,500 test reviews
seconds       of one core (process time), of one training and its test, without pretraining

No source has seen validation or test reviews, not even without labels (GloVe: unknown).
"""

import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from course_utils.data.glove import arrange, load_glove
from course_utils.data.reviews import Review, load_reviews, split
from course_utils.experiments import transfer_runs as plan
from course_utils.experiments.fine_tuning import fine_tuned, last_words, network, network_accuracy
from course_utils.experiments.transfer import (
    RANDOM,
    SCRATCH,
    dates_in_words,
    held_out_accuracy,
    labelled,
    shuffled_across,
    shuffled_within,
    skip_gram_vectors,
)
from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.linear import Linear
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.review_classifier import Texts, standardised
from course_utils.models.sampled_words import next_word_loss, next_words
from course_utils.optim import Adam
from course_utils.pretrained.word_filler import EPOCHS as FILLER_PASSES
from course_utils.pretrained.word_filler import D as FILLER_D
from course_utils.pretrained.word_filler import sentences, untrained_filler, word_filler
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array, count
from tools.command_line import arguments
from tools.report import Runs, table

V, D, H = 10_000, 50, 64
PASSES, DATES, WINDOW, STEPS = 4, 60_000, (32, 64), 2_000
"""Passes of skip-gram over its text; dates that are written; steps and columns of the language model's batches; batches."""
Outcome = dict[str, Any]
Labelled = tuple[Texts, Int[Array, "N"]]


class Corpus(NamedTuple):
    """The reviews as the bags read them, and as the network does: texts and labels of train, valid and test."""

    vocabulary: Vocabulary
    bags: tuple[Labelled, Labelled, Labelled]
    ends: tuple[Labelled, Labelled, Labelled]


@cache
def reviews(quick: bool) -> tuple[tuple[Review, ...], ...]:
    """Train, valid and test; a quick comparison takes 600, 100 and 100 of them."""
    parts = split(load_reviews())
    return tuple(part[:n] for part, n in zip(parts, (600, 100, 100), strict=True)) if quick else tuple(parts)


@cache
def corpus(quick: bool) -> Corpus:
    """All reviews, encoded."""
    parts = reviews(quick)
    found = [[words(review.text) for review in part] for part in parts]
    vocabulary = Vocabulary.build(found[0], max_size=V)
    labels = [np.array([review.label for review in part]) for part in parts]
    bags = [[vocabulary.encode(text) for text in part] for part in found]
    ends = [last_words(part, word_filler().vocabulary) for part in parts]
    return Corpus(vocabulary, *(tuple(zip(texts, labels, strict=True)) for texts in (bags, ends)))  # type: ignore[arg-type]


def dates(vocabulary: Vocabulary, quick: bool, rng: np.random.Generator) -> list[Int[Array, "_"]]:
    """Dates in English, encoded."""
    return [vocabulary.encode(words(text)) for text in dates_in_words(2_000 if quick else DATES, rng=rng)]


def from_dates(vocabulary: Vocabulary, quick: bool, rng: np.random.Generator) -> Float[Array, "V D"]:
    """Vectors of the words that dates are written in; all others are random, of the same size, as with GloVe."""
    texts = dates(vocabulary, quick, rng)
    seen = np.unique(np.concatenate(texts))
    W = skip_gram_vectors(texts, len(vocabulary), D, threshold=1e-2, rng=rng)
    return arrange(vocabulary, {vocabulary.words[k]: W[k] for k in seen if k > 1}, rng=rng).vectors


def from_language_model(texts: Texts, vocabulary: Vocabulary, rng: np.random.Generator) -> Float[Array, "V D"]:
    """The embedding of a GRU that learned to tell the next word from random ones."""
    N, (T, B) = len(vocabulary), WINDOW
    embedding = Embedding.init(
        N, D, rng=rng, scale=0.1, dtype=np.float32
    )  # small, so that what is learned outweighs it
    readout = Linear(np.zeros((H, N), np.float32), np.zeros(N, np.float32))
    model = RecurrentLanguageModel(embedding, GRU.init(D, H, rng=rng, dtype=np.float32), readout)
    counts = np.array(vocabulary.counts, float)
    counts[:2] = 0
    batches = next_words(texts, counts, steps=STEPS, T=T, B=B, rng=rng)
    return fit(model, next_word_loss, batches, Adam(0.01), clip=1.0, progress=None).model.embedding.W


@cache
def pretrained(source: str, quick: bool) -> Float[Array, "V D"]:
    """The word vectors of a source, from seed 0."""
    found, rng = corpus(quick), np.random.default_rng(0)
    vocabulary, (texts, _) = found.vocabulary, found.bags[0]
    learn = partial(skip_gram_vectors, V=len(vocabulary), D=D, epochs=1 if quick else PASSES, rng=rng)
    make: dict[str, Callable[[], Any]] = {
        plan.DATES: lambda: from_dates(vocabulary, quick, rng),
        plan.GLOVE: lambda: load_glove(vocabulary, rng=rng).vectors,
        plan.DEALT: lambda: learn(shuffled_across(texts, rng=rng)),
        plan.SHUFFLED: lambda: learn(shuffled_within(texts, rng=rng)),
        plan.LANGUAGE_MODEL: lambda: from_language_model(texts, vocabulary, rng),
        plan.OURS: lambda: learn(texts),
    }
    return standardised(make[source](), texts)


def small(N: int, D: int, seed: int) -> Float[Array, "N D"]:
    """Random word vectors as chapter 01 begins with."""
    return Embedding.init(N, D, rng=np.random.default_rng(seed), scale=0.1, dtype=np.float32).W


def first_vectors(source: str, seed: int, quick: bool) -> Float[Array, "V D"]:
    """What a bag of words starts from. Random vectors that stay frozen are standardised, as those that were trained."""
    if source == plan.SAME_TEXT:
        return small(len(word_filler().vocabulary), FILLER_D, seed)
    if source not in (SCRATCH, RANDOM):
        return pretrained(source, quick)
    W = small(len(corpus(quick).vocabulary), D, seed)
    return W if source == SCRATCH else standardised(W, corpus(quick).bags[0][0])


def judged(setting: Outcome, quick: bool) -> float:
    """The accuracy of one training: on validation reviews if its seed chooses a rate, otherwise on test reviews."""
    source, seed, N = (setting[key] for key in ("source", "seed", "labels"))
    is_network = source in (plan.FILLER, plan.NEW)
    train, valid, test = corpus(quick).ends if is_network or source == plan.SAME_TEXT else corpus(quick).bags
    held_out = valid if seed == plan.TUNING_SEED else test
    how: Any = {"steps": 3 if quick else plan.UPDATES[N], "lr": setting["rate"]}
    if not is_network:
        W = first_vectors(source, seed, quick)
        return held_out_accuracy(W, *train, held_out, N=N, seed=seed, frozen=setting["mode"] == "frozen", **how)
    few, labels, rng = labelled(*train, N, seed)
    start = word_filler().model if source == plan.FILLER else untrained_filler(rng=rng)
    return network_accuracy(fine_tuned(network(start, rng=rng), few, labels, rng=rng, **how), *held_out)


def measure(setting: Outcome, quick: bool = False) -> Outcome:
    """The setting and what came of it."""
    if setting["source"] not in (SCRATCH, RANDOM, plan.SAME_TEXT, plan.FILLER, plan.NEW):
        pretrained(setting["source"], quick)  # once, so that no training's seconds include it
    corpus(quick)
    start = time.process_time()
    share, chooses = judged(setting, quick), setting["seed"] == plan.TUNING_SEED
    found = {"wrong": round(1 - share, 4) if chooses else None, "accuracy": None if chooses else round(share, 4)}
    return setting | found | {"seconds": round(time.process_time() - start, 1)}


def sizes() -> list[Outcome]:
    """For each source, the words of the text it learned from, how many times it read them, and the parameters it brings."""
    found = corpus(False)
    texts, bag = sum(map(len, found.bags[0][0])), V * D
    of_dates = dates(found.vocabulary, False, np.random.default_rng(0))
    learned = int(np.sum(np.unique(np.concatenate(of_dates)) > 1))
    filler = word_filler()
    of_filler = sum(map(len, sentences(reviews(False)[0], filler.vocabulary)))
    whole = count(filler.model.embedding) + count(filler.model.recurrent)
    rows = (
        (plan.OURS, texts, PASSES, bag),
        (plan.SHUFFLED, texts, PASSES, bag),
        (plan.DEALT, texts, PASSES, bag),
        (plan.LANGUAGE_MODEL, STEPS * WINDOW[0] * WINDOW[1], 1, bag),
        (plan.DATES, sum(map(len, of_dates)), 3, learned * D),
        (plan.FILLER, of_filler, FILLER_PASSES, whole),
    )
    return [dict(zip(("source", "words", "times", "parameters"), row, strict=True)) for row in rows]


def summary(runs: Sequence[Outcome]) -> list[Outcome]:
    """A row for each source, mode and number of labels that is complete."""
    return [
        {"source": source, "mode": mode, "labels": int(labels), "mean": float(np.mean(scores))}
        | {"accuracy": "  ".join(f"{score:.4f}" for score in scores)}
        for source, modes in plan.accuracies(runs).items()
        for mode, of in modes.items()
        for labels, scores in of.items()
    ]


def main(quick: bool, names: Sequence[str] = (), jobs: int = 1) -> list[Outcome]:
    """Run what is asked for and is not there yet; returns all runs. Raises ValueError for a name that is in none."""
    every = (*plan.CASES, *plan.OPTIONAL)
    cases = [case for case in every if any(name in case.source for name in names)] if names else list(plan.CASES)
    if not cases:
        known = ", ".join(dict.fromkeys(case.source for case in every))
        raise ValueError(f"transfer: wanted parts of {known}, got {names}")
    if quick:
        settings = [{"source": case.source, "mode": case.mode, "labels": 200, "rate": 8e-3} for case in cases]
        return [measure(setting | {"seed": seed}, quick) for setting in settings for seed in (plan.TUNING_SEED, 0)]
    command = "OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.transfer"
    runs = Runs("transfer", keep=True, command=command, updates=plan.UPDATES, sources=sizes())
    runs.fill(lambda rows: plan.wanted(rows, cases), measure, jobs)
    print(table(summary(runs.rows)))
    return runs.rows


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="three updates with 200 of 600 reviews", names="SOURCE", jobs=1)))
