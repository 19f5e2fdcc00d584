"""The classical recipe for opinions, with all labels: TF-IDF and logistic regression, of scikit-learn, beside our sum.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.tfidf [--quick]

Nothing is tuned. A feature is a word (scikit-learn's: two letters or more, lower case) or also a pair of neighbours, if it
stands in two training reviews or more. It counts 1 + log(times in the review), times the logarithm of how rare it is; the
features of a review get length 1; logistic regression has C = 10. "ours" is the sum of words and pairs of chapter 12,
trained as there, from zero; its passes and learning rates were chosen on `valid` of the course's split.

split    the course's  `data.reviews.split`: 20,402 reviews to learn from, 2,500 to be judged; seed 0 is the one that every
                       chapter uses, the others draw as many reviews anew
         80 : 20       scikit-learn's `train_test_split` of all 24,902 reviews (no text stands there twice)

Mean, lowest and highest of five seeds, to benchmarks/results/tfidf.json. Some minutes of one core.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from course_utils.data.reviews import load_reviews, split
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear
from course_utils.layers.pooling import MeanOverTime
from course_utils.models.objectives import sentiment_loss
from course_utils.models.review_classifier import ReviewClassifier, accuracy
from course_utils.optim import Adam
from course_utils.schedules import drop
from course_utils.text.bag import WordsAndPairs
from course_utils.text.batching import align, buckets
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.train import fit
from course_utils.tree import Array
from tools.command_line import arguments
from tools.report import Rows, write

COURSE, RANDOM = "the course's", "80 : 20"
Places = Int[Array, "_"]
"""Which of the reviews, by their places."""


def splits(numbers: Sequence[int], seeds: int) -> Iterator[tuple[str, int, Places, Places]]:
    """Name, seed, places of the reviews to learn from and of those to be judged. `numbers` are those of the reviews."""
    place = {number: k for k, number in enumerate(numbers)}
    for seed in range(seeds):
        parts = split(load_reviews(), seed=seed)
        chosen = [np.array([place[r.number] for r in part if r.number in place]) for part in (parts.train, parts.test)]
        yield COURSE, seed, *chosen
        yield RANDOM, seed, *train_test_split(np.arange(len(numbers)), test_size=0.2, random_state=seed)


def judged_right(counts: Any, labels: Places, train: Places, test: Places) -> float:
    """Share of the reviews in `test` that TF-IDF and logistic regression judge rightly; `counts` has a row for each review."""
    counts = counts[:, np.asarray((counts[train] > 0).sum(axis=0)).ravel() >= 2]
    weigh = TfidfTransformer(sublinear_tf=True).fit(counts[train])
    judge = LogisticRegression(C=10, solver="liblinear").fit(weigh.transform(counts[train]), labels[train])
    return float(np.mean(judge.predict(weigh.transform(counts[test])) == labels[test]))


def sum_of_words_and_pairs(texts: Sequence[list[str]], labels: Places, train: Places, test: Places) -> float:
    """The same of chapter 12's sum."""
    vocabulary = Vocabulary.build([texts[k] for k in train], max_size=10_000)
    bag = WordsAndPairs.build(vocabulary, [vocabulary.encode(texts[k]) for k in train], min_texts=4)
    sets, asked = ([bag.encode(vocabulary.encode(texts[k])) for k in part] for part in (train, test))
    start = np.zeros((len(bag), 1), np.float32)
    readout = Linear(np.full((1, 1), 5, np.float32), np.zeros(1, np.float32))
    model = ReviewClassifier(Embedding(start), MeanOverTime(), readout)
    lengths, rng = [len(each) for each in sets], np.random.default_rng(0)
    groups = [group for _ in range(3) for group in buckets(lengths, 64, rng=rng)]
    batches = [(*align([sets[k] for k in group]), labels[train[group]]) for group in groups]
    schedule = drop({len(groups) // 3: 2 / 3, 2 * len(groups) // 3: 1 / 3})
    model = fit(model, sentiment_loss, batches, Adam(0.03), schedule=schedule, progress=None).model
    return accuracy(model, asked, labels[test])


def main(quick: bool) -> dict[str, Rows]:
    """Measure, print and write the table; returns it."""
    reviews = load_reviews()[:: 10 if quick else 1]
    texts, labels = [review.text for review in reviews], np.array([review.label for review in reviews])
    words_alone, with_pairs = (CountVectorizer(ngram_range=(1, n)).fit_transform(texts) for n in (1, 2))
    as_words = [words(text) for text in texts]
    found: dict[tuple[str, str], list[float]] = {}
    sizes: dict[str, list[int]] = {}
    for name, seed, train, test in splits([review.number for review in reviews], 2 if quick else 5):
        sizes[name] = [len(train), len(test)]
        for what, right in (
            ("TF-IDF, words", judged_right(words_alone, labels, train, test)),
            ("TF-IDF, words and pairs", judged_right(with_pairs, labels, train, test)),
            ("ours, words and pairs", sum_of_words_and_pairs(as_words, labels, train, test)),
        ):
            print(name, seed, what, round(right, 4), sep="\t", flush=True)
            found.setdefault((name, what), []).append(round(right, 4))
    rows = [
        {
            "split": name,
            "what": what,
            "learnt from": sizes[name][0],
            "judged": sizes[name][1],
            "mean": round(float(np.mean(right)), 4),
            "lowest": min(right),
            "highest": max(right),
            "each": right,
        }
        for (name, what), right in sorted(found.items())
    ]
    tables: dict[str, Rows] = {"accuracy": rows}
    write("tfidf", tables, keep=not quick, command="python -m benchmarks.quality.tfidf")
    return tables


if __name__ == "__main__":
    main(arguments(__doc__, quick="a tenth of the reviews, two seeds, half a minute").quick)
