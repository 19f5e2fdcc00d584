"""How fast words become vectors, and how good the vectors are: our skip-gram against gensim's Word2Vec, which is C.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.speed.embeddings [--quick]

Both learn from the same training reviews, with the same vocabulary (words seen five times or more), window, dimension,
threshold of subsampling and five drawn words a pair. gensim updates its tables after every pair; ours adds up the
gradients of a batch, and the centres of a block share their drawn words. Reading and tokenising are not timed. The tables
go to benchmarks/results/embeddings.json; all of it takes about six minutes.

speed    one pass over 5,000 reviews, all in one run and in turn, the median of the repeats; words are those of the text
         before subsampling; ratio: how many times as fast as ours. CPU seconds count all threads of the process.
quality  on all 20,402 reviews
         neighbours  of a word of `GROUPS`, written by us before anything was measured: which share of its companions is
                     among its ten nearest words (of ten, if it has more), mean over the words
         accuracy    with 500 labels: logistic regression on the mean vector of a review, which is standardised, with an
                     L2 penalty of 20 (chosen on `valid`, where it was best for both), on the 2,500 reviews of `test`;
                     mean and standard deviation over ten draws of the 500
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from gensim.models import Word2Vec
from jaxtyping import Float, Int

from course_utils.data.reviews import load_reviews, split
from course_utils.math import sigmoid
from course_utils.sparse import RowAdagrad
from course_utils.text.preprocessing import words
from course_utils.text.skipgram import SkipGram, SkipGramLoss, windows
from course_utils.text.vocabulary import Vocabulary
from course_utils.text.word_vectors import WordVectors
from course_utils.train import fit
from course_utils.tree import Array
from tools.command_line import arguments
from tools.machine import load
from tools.report import Rows, write

D, REACH, K, THRESHOLD, LR = 100, 5, 5, 1e-4, 0.2
LABELS, PENALTY = 500, 20.0
GROUPS = """
husband wife father mother son daughter brother sister | uncle aunt grandfather grandmother cousin nephew niece
great excellent wonderful superb fantastic terrific brilliant outstanding
terrible awful horrible dreadful horrendous atrocious abysmal appalling
zombie vampire werewolf monster ghost mummy | paris london rome berlin tokyo vienna
two three four five six seven eight ten | monday tuesday thursday friday saturday sunday
red blue green yellow purple pink | guitar piano violin drums saxophone | dog cat horse cow pig rabbit
horror comedy drama thriller western romance | director writer producer editor cinematographer composer
american british french german italian japanese | car truck bus train plane boat | gun knife sword rifle pistol axe
murder robbery kidnapping rape suicide | happy sad angry lonely jealous | boring dull tedious tiresome slow uninteresting
funny hilarious humorous amusing witty | beautiful gorgeous stunning lovely breathtaking
stupid dumb idiotic moronic silly | cop detective policeman sheriff investigator
doctor nurse surgeon psychiatrist dentist | king queen prince princess emperor | 1930s 1940s 1950s 1960s 1970s 1980s
he she they we you | novel book story tale | eyes face hair mouth nose hands | school college university campus classroom
soldier officer sergeant captain general | morning evening afternoon night | buy rent purchase sell
walk run jump climb crawl | say tell ask answer reply
"""


class Corpus(NamedTuple):
    """The training reviews as tokens and as the known words, those for the test, their labels."""

    vocabulary: Vocabulary
    texts: list[Int[Array, "_"]]
    known: list[list[str]]
    labels: Int[Array, "N"]
    test: list[Int[Array, "_"]]
    test_labels: Int[Array, "M"]

    @property
    def size(self) -> int:
        return sum(map(len, self.texts))


def read(reviews: int | None) -> Corpus:
    parts = split(load_reviews())
    train = parts.train[:reviews]
    spoken = [words(review.text) for review in train]
    vocabulary = Vocabulary.build(spoken, min_count=5)
    test = [vocabulary.encode(words(review.text)) for review in parts.test]
    return Corpus(
        vocabulary,
        [vocabulary.encode(text) for text in spoken],
        [[word for word in text if word in vocabulary] for text in spoken],
        np.array([review.label for review in train]),
        test,
        np.array([review.label for review in parts.test]),
    )


def ours(corpus: Corpus, epochs: int, seed: int = 0) -> Float[Array, "V D"]:
    """The vectors of the words after so many passes."""
    rng = np.random.default_rng(seed)
    counts = np.array(corpus.vocabulary.counts, float)
    counts[:2] = 0
    batches = windows(corpus.texts, counts, reach=REACH, epochs=epochs, threshold=THRESHOLD, rng=rng)
    start = SkipGram.init(len(counts), D, rng=rng)
    return fit(start, SkipGramLoss(K), batches, RowAdagrad(LR), progress=None).model.W


def gensim_model(corpus: Corpus, epochs: int, workers: int, seed: int = 1) -> Word2Vec:
    """Not yet trained, but with its vocabulary."""
    model = Word2Vec(
        vector_size=D,
        window=REACH,
        sg=1,
        negative=K,
        sample=THRESHOLD,
        min_count=1,
        workers=workers,
        epochs=epochs,
        seed=seed,
    )
    model.build_vocab(corpus.known)
    return model


def train_gensim(model: Word2Vec, corpus: Corpus) -> None:
    model.train(corpus.known, total_examples=len(corpus.known), epochs=model.epochs)


def gensim(corpus: Corpus, epochs: int) -> Float[Array, "V D"]:
    model = gensim_model(corpus, epochs, workers=1)
    train_gensim(model, corpus)
    vectors = np.zeros((len(corpus.vocabulary), D), np.float32)
    vectors[2:] = [model.wv[word] for word in corpus.vocabulary.words[2:]]
    return vectors


def seconds(run: Callable[[], Any]) -> tuple[float, float]:
    """By the clock, and of all CPUs."""
    clock, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - clock, time.process_time() - cpu


def speed(corpus: Corpus, repeats: int) -> Rows:
    took: dict[str, list[tuple[float, float]]] = {"ours": [], "gensim, 1 worker": [], "gensim, 2 workers": []}
    for _ in range(repeats):
        took["ours"].append(seconds(lambda: ours(corpus, 1)))
        for workers, name in enumerate(list(took)[1:], 1):
            model = gensim_model(corpus, 1, workers)
            took[name].append(seconds(lambda m=model: train_gensim(m, corpus)))
    best = {name: [median(column) for column in zip(*pairs, strict=True)] for name, pairs in took.items()}
    return [
        {
            "who": name,
            "seconds": clock,
            "cpu_seconds": cpu,
            "words_per_second": round(corpus.size / clock),
            "ratio": best["ours"][0] / clock,
            "ratio_cpu": best["ours"][1] / cpu,
        }
        for name, (clock, cpu) in best.items()
    ]


def neighbours(vectors: WordVectors) -> float:
    """The score of the groups; words that the vocabulary does not know are left out."""
    groups = [line.split() for line in GROUPS.replace("|", "\n").strip().splitlines()]
    shares = []
    for group in groups:
        known = [word for word in group if word in vectors.vocabulary]
        for word in known if len(known) > 1 else []:
            near = {name for name, _ in vectors.nearest(word, 10)}
            shares.append(len(near & set(known)) / min(10, len(known) - 1))
    return float(np.mean(shares))


def logistic_regression(X: Float[Array, "N D"], labels: Int[Array, "N"], penalty: float) -> Float[Array, "D1"]:
    """Weights and, last, the bias, which the penalty leaves alone: ten steps of Newton's method."""
    X1 = np.column_stack([X, np.ones(len(X))])
    ridge, w = np.append(np.full(X.shape[1], penalty), 1e-6), np.zeros(X.shape[1] + 1)
    for _ in range(10):
        p = sigmoid(X1 @ w)
        curvature = (X1 * (p * (1 - p))[:, None]).T @ X1 + np.diag(ridge)
        w -= np.linalg.solve(curvature, X1.T @ (p - labels) + ridge * w)
    return w


def accuracies(corpus: Corpus, W: Float[Array, "V D"], draws: int) -> list[float]:
    """On the test reviews, for several draws of the labelled ones."""

    def mean_vector(texts: list[Array]) -> Array:
        return np.stack([W[text[text > 1]].mean(axis=0) for text in texts]).astype(float)

    X, test, found = mean_vector(corpus.texts), mean_vector(corpus.test), []
    for seed in range(draws):
        chosen = np.random.default_rng(seed).choice(len(X), size=LABELS, replace=False)
        mean, spread = X[chosen].mean(axis=0), X[chosen].std(axis=0)
        w = logistic_regression((X[chosen] - mean) / spread, corpus.labels[chosen], PENALTY)
        found.append(float((((test - mean) / spread @ w[:-1] + w[-1] > 0) == corpus.test_labels).mean()))
    return found


def quality(corpus: Corpus, passes: tuple[int, ...], draws: int) -> Rows:
    V = len(corpus.vocabulary)
    learned: list[tuple[str, int, Callable[[], Array]]] = [
        ("random", 0, lambda: np.random.default_rng(0).normal(size=(V, D)).astype(np.float32))
    ]
    for epochs in passes:
        learned += [
            ("ours", epochs, lambda e=epochs: ours(corpus, e)),
            ("gensim", epochs, lambda e=epochs: gensim(corpus, e)),
        ]
    rows = []
    for who, epochs, learn in learned:
        start = time.process_time()
        W = learn()
        took = time.process_time() - start
        scores = accuracies(corpus, W, draws)
        rows.append(
            {
                "who": who,
                "passes": epochs,
                "cpu_seconds": took,
                "neighbours": round(neighbours(WordVectors(corpus.vocabulary, W)), 4),
                "accuracy": round(float(np.mean(scores)), 4),
                "deviation": round(float(np.std(scores, ddof=1)), 4),
            }
        )
    return rows


def main(quick: bool) -> dict[str, Rows]:
    """Measure, print and write the tables."""
    busy, corpus = load(), read(2_000 if quick else None)
    some = corpus if quick else read(5_000)
    tables: dict[str, Rows] = {
        "speed": speed(some, 1 if quick else 5),
        "quality": quality(corpus, (1,) if quick else (1, 4), 3 if quick else 10),
    }
    sizes = {"words": corpus.size, "V": len(corpus.vocabulary), "words_for_speed": some.size, "D": D}
    facts = {**sizes, "load_at_start": busy}
    write("embeddings", tables, keep=not quick, **facts)
    return tables


if __name__ == "__main__":
    main(arguments(__doc__, quick="2,000 reviews, one pass, three draws, about half a minute").quick)
