"""Chapter 03's checks: the references agree with the package, and each plausible mistake gets its own name."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from course_utils.exercises.ngram import add_k, bigram, continuation, perplexity, with_temperature
from course_utils.math import softmax
from course_utils.text.kneser_ney import KneserNey
from course_utils.text.ngram import NGrams
from course_utils.text.smoothing import MLE, AddK

IDS = ["03.1", "03.2", "03.3", "03.4", "03.5"]


def test_the_references_agree_with_the_models():
    tokens, V = np.random.default_rng(0).integers(0, 5, 60, dtype=np.intp), 7
    counts = NGrams.count(tokens, 2, V)
    N = np.array([[counts.of([a, b]) for b in range(V)] for a in range(V)], float)
    for c in range(V):
        np.testing.assert_allclose(bigram(tokens, V)[c], MLE(counts).next_word([c]))
        np.testing.assert_allclose(add_k(N, 0.3)[c], AddK(counts, k=0.3).next_word([c]))
    D = 0.5
    unigram = (continuation(tokens, V) * (pairs := (N > 0).sum()) - D * (N.any(0))) / pairs + D * N.any(
        0
    ).sum() / pairs / V
    np.testing.assert_allclose(KneserNey(counts, discount=D).next_word([6]), unigram)
    model = MLE(counts)
    assert perplexity(model.probabilities(tokens)) == pytest.approx(model.perplexity(tokens))
    np.testing.assert_allclose(with_temperature(model.next_word([1]), 0.7), model.next_word([1], temperature=0.7))


def table(tokens, V):
    N = np.zeros((V, V))
    np.add.at(N, (tokens[:-1], tokens[1:]), 1)
    return N


def rows(N, total=None):
    return N / np.maximum(N.sum(1, keepdims=True) if total is None else total, 1)


def with_nan(tokens, V):
    with np.errstate(invalid="ignore"):
        return table(tokens, V) / table(tokens, V).sum(1, keepdims=True)


def zero_rows(tokens, V):
    return rows(table(tokens, V))


def sums_beside(tokens, V):
    with np.errstate(invalid="ignore", divide="ignore"):
        return table(tokens, V) / table(tokens, V).sum(1)


def by_bincount(tokens, V):
    often = np.bincount(tokens, minlength=V)[:, None]
    return np.where(often > 0, rows(table(tokens, V), np.maximum(often, 1)), 1 / V)


def by_bincount_where_seen(tokens, V):
    seen = table(tokens, V).any(1, keepdims=True)
    return np.where(seen, by_bincount(tokens, V), 1 / V)


def bincount_with_nan(tokens, V):
    with np.errstate(invalid="ignore"):
        return table(tokens, V) / np.bincount(tokens, minlength=V)[:, None]


def integers(tokens, V):
    N = table(tokens, V).astype(int)
    for c in range(V):
        N[c] = N[c] / N[c].sum() if N[c].any() else 1 / V
    return N


def mle(N, k):
    with np.errstate(invalid="ignore"):
        return N / N.sum(1, keepdims=True)


def too_much(N, k):
    with np.errstate(divide="ignore"):
        return (N + k) / N.sum(1, keepdims=True)


def seen_types(N, k):
    with np.errstate(divide="ignore"):
        return (N + k) / (N.sum(1, keepdims=True) + k * (N > 0).sum(1, keepdims=True))


def in_place(N, k):
    N += k
    return N / N.sum(1, keepdims=True)


def logs(p, t):
    with np.errstate(divide="ignore", invalid="ignore"):
        return p * np.log(p) / (p * np.log(p)).sum()


def with_log(p, t, log):
    q = np.exp(log(p) / t)
    return q / q.sum()


def powers(p, t):
    q = p ** (1 / t)
    return q / q.sum()


def by_words(p, t):
    log = [math.log(one) if one else -math.inf for one in p]
    q = [math.exp((one - max(log)) / t) for one in log]
    return [one / sum(q) for one in q]


def pairs_of(a, b, V):
    N = np.zeros((V, V))
    np.add.at(N, (a, b), 1)
    return N


def bigram_of(N):
    return np.where(N.any(1, keepdims=True), rows(N), 1 / len(N))


def uniform_over_the_seen(tokens, V):
    seen = np.bincount(tokens, minlength=V) > 0
    return np.where(table(tokens, V).any(1, keepdims=True), zero_rows(tokens, V), seen / seen.sum())


def from_a_list_of_pairs(tokens, V):
    a, b = np.array(list(pairwise(tokens))).T
    return bigram_of(pairs_of(a, b, V))


def in_base_ten(tokens, V):
    return bigram_of(np.bincount(10 * tokens[:-1] + tokens[1:], minlength=100).reshape(10, 10)[:V, :V])


def by_counter(tokens, V):
    pairs, before = Counter(pairwise(tokens)), Counter(tokens[:-1])
    return [[pairs[a, b] / before[a] if before[a] else 1 / V for b in range(V)] for a in range(V)]


def into_the_same_type(N, k):
    out = N.copy()
    out[:] = add_k(N, k) if N.dtype.kind == "f" else (N + k) / (N + k).sum(1, keepdims=True)
    return out


def share(words, V):
    return np.bincount(np.array(words, int), minlength=V) / len(words)


def distinct_strings(tokens, V):
    known = {}
    for a, b in pairwise(tokens):
        known.setdefault(f"{a}{b}", b)
    return share(list(known.values()), V)


def python_product(p):
    product = 1.0
    for q in p.tolist():
        product *= q
    return product ** (-1 / len(p))


def product(p):
    with np.errstate(divide="ignore"):
        return np.prod(p) ** (-1 / len(p))


def paired(name):
    """Continuation counts that call each pair by one number, or by one name."""

    def answer(tokens, V):
        names, first = np.unique([name(a, b) for a, b in pairwise(tokens.tolist())], return_index=True)
        return np.bincount(tokens[1:][first], minlength=V) / len(names)

    return answer


WRONG = [
    *(("03.4", paired(lambda a, b, V=V: a * V + b), "no pair may be taken for another") for V in (50, 64, 300, 1_000)),
    ("03.1", with_nan, "there are NaNs"),
    ("03.1", sums_beside, "so that they divide columns"),
    ("03.1", by_bincount, "where it has no successor"),
    ("03.1", by_bincount_where_seen, "the last token of a text has no successor"),
    ("03.1", bincount_with_nan, "row 4 is 0"),
    ("03.1", integers, "the fractions were cut off"),
    ("03.1", lambda t, V: bigram(t, V)[:-1], ": shape ("),
    ("03.1", lambda t, V: bigram(np.append(t, t[0]), V), "wraps around"),
    ("03.1", lambda t, V: bigram(t[1:], V), "numbers differ"),
    ("03.1", lambda t, V: bigram_of(pairs_of(t[: len(t) // 2 * 2 : 2], t[1::2], V)), "that do not overlap"),
    ("03.1", uniform_over_the_seen, "the rows with counts are right; one in which nothing was counted is 1/V"),
    ("03.1", from_a_list_of_pairs, "with a text of one word, without any pair your function stopped"),
    ("03.1", lambda t, V: bigram(t, V).squeeze(), "for a vocabulary of one word"),
    ("03.1", in_base_ten, "with V = 60 your function stopped"),
    ("03.1", lambda t, V: 0 * bigram(t, V), "all is 0: was it filled?"),
    ("03.1", lambda t, V: (bigram(t, V), table(t, V)), "two things came back"),
    (
        "03.2",
        lambda p: np.exp(-np.mean(np.log(p + 1e-12))),
        "one impossible word (p = 0) is infinite, yours is 1.587e+04",
    ),
    (
        "03.2",
        lambda p: np.exp(-np.mean(np.log(p + 1e-20))),
        "one impossible word (p = 0) is infinite, yours is 7.368e+06",
    ),
    ("03.2", lambda p: np.exp(-np.mean(np.log(np.clip(p, 1e-7, 1)))), "(p = 0) is infinite, yours is 342"),
    ("03.2", lambda p: np.exp(-np.mean(np.log(p[p > 0]))), "one impossible word (p = 0) is infinite, yours is 2."),
    (
        "03.2",
        lambda p: np.exp(-np.mean(np.nan_to_num(np.log(p), neginf=-700))),
        "one impossible word (p = 0) is infinite",
    ),
    ("03.2", lambda p: math.exp(-sum(map(math.log, p)) / len(p)), "one impossible word (p = 0) your function stopped"),
    ("03.2", lambda p: np.exp(-np.mean(np.log(np.maximum(p, 1e-7 * (p > 0))))), "words as rare as 1e-30"),
    ("03.2", product, "infinite for 5,000 words"),
    ("03.2", python_product, "for 5,000 words your function stopped with ZeroDivisionError"),
    ("03.3", mle, "k is not in there"),
    ("03.3", too_much, "sum to more than 1"),
    ("03.3", seen_types, "only the words that"),
    ("03.3", in_place, "changed what it was given"),
    ("03.3", lambda N, k: mle(N, k) + k, "added to the probabilities"),
    ("03.3", lambda N, k: add_k(N, k) * N.any(1, keepdims=True), "In row 2 nothing was counted"),
    ("03.3", into_the_same_type, "counts that are whole numbers (an array of integers)"),
    ("03.3", lambda N, k: add_k(N, k).squeeze(), "for one context"),
    ("03.3", lambda N, k: add_k(N, max(k, 1e-6)), "a tiny k"),
    (
        "03.3",
        lambda N, k: (N + k) / ((N + k).sum(1) if N.shape[0] == N.shape[1] else (N + k).sum(1, keepdims=True)),
        "as many contexts as words",
    ),
    (
        "03.4",
        lambda t, V: share([pair % 10 for pair in {10 * a + b for a, b in pairwise(t)}], V),
        "V = 40, where 1, 11",
    ),
    ("03.4", distinct_strings, "V = 40, where 1, 11 and 11, 1 are different pairs"),
    ("03.4", lambda t, V: np.zeros(V), "all is 0: was it filled?"),
    ("03.4", lambda t, V: 0.9 * continuation(t, V) + 0.1 / V, "N1+(. w) / (number of distinct pairs)"),
    (
        "03.4",
        lambda t, V: continuation(t, V) if len(t) > 12 else np.bincount(t, minlength=V) / len(t),
        "but not for one pair",
    ),
    ("03.5", lambda p, t: p / t / (p / t).sum(), "leaves p as it was"),
    ("03.5", lambda p, t: with_temperature(p + 1e-12, t), "makes the impossible possible"),
    ("03.5", lambda p, t: with_log(p, t, np.log1p), "whatever you put in place of log 0"),
    ("03.5", lambda p, t: with_log(p, t, lambda p: np.log(p, where=p > 0, out=np.zeros_like(p))), "in place of log 0"),
    ("03.5", logs, "there are NaNs"),
    ("03.5", powers, "at 0.002 there is no distribution left"),
    ("03.5", lambda p, t: with_log(p, t, lambda p: np.log(p, where=p > 0, out=np.full_like(p, -np.inf))), "at 0.002"),
    ("03.5", lambda p, t: powers(p, t) if t > 0.01 else np.full(len(p), 1 / len(p)), "two likeliest words"),
    (
        "03.5",
        lambda p, t: with_temperature(p, t) if t > 0.01 else np.eye(len(p))[p.argmax()],
        "20 equally likely words",
    ),
    ("03.5", lambda p, t: with_temperature(p, 0.5), "the distribution at temperature 3"),
    ("03.5", lambda p, t: np.zeros(len(p)), "all is 0: was it filled?"),
    ("03.5", lambda p, t: with_temperature(np.maximum(p, 1e-12 * (p > 0)), t), "a word with the probability 1e-30"),
    ("03.5", lambda p, t: (with_temperature(p, t), p.argmax()), "two things came back"),
]

RIGHT = [
    ("03.4", paired(lambda a, b: a * 10_000 + b), "a number for each pair"),
    ("03.1", lambda t, V: bigram_of(np.bincount(t[:-1] * V + t[1:], minlength=V * V).reshape(V, V)), "np.bincount"),
    ("03.1", lambda t, V: bigram_of(np.eye(V)[t[:-1]].T @ np.eye(V)[t[1:]]).tolist(), "a product, lists"),
    ("03.1", by_counter, "a loop over a Counter"),
    ("03.2", lambda p: 2 ** -np.log2(p).mean(), "in bits"),
    ("03.2", lambda p: np.prod((1 / p) ** (1 / len(p))), "a product of roots"),
    ("03.2", lambda p: math.inf if 0 in p else math.exp(-sum(map(math.log, p)) / len(p)), "a loop, and a test for 0"),
    ("03.3", lambda N, k: [[(n + k) / (sum(row) + k * len(row)) for n in row] for row in N], "lists"),
    ("03.3", lambda N, k: ((N.T + k) / (N + k).sum(1)).T, "the other way up"),
    ("03.3", lambda N, k: np.apply_along_axis(lambda row: (row + k) / (row + k).sum(), 1, N), "row by row"),
    ("03.4", lambda t, V: share([b for _, b in set(pairwise(t.tolist()))], V), "a set of pairs"),
    ("03.4", lambda t, V: ((n := table(t, V) > 0).sum(0) / n.sum()).astype(np.float32), "a table, single precision"),
    ("03.4", lambda t, V: share(np.unique(t[:-1] * V + t[1:]) % V, V), "one number for a pair"),
    ("03.5", lambda p, t: (q := (p / p.max()) ** (1 / t)) / q.sum(), "powers of quotients"),
    ("03.5", lambda p, t: softmax(np.log(p) / t), "softmax"),
    ("03.5", by_words, "a loop over the possible words"),
    ("03.1", lambda t, V: bigram(t, V).astype(np.float32), "single precision"),
    ("03.2", lambda p: np.exp(-np.mean(np.log(p.astype(np.float32)))), "single precision"),
    ("03.3", lambda N, k: add_k(N.astype(np.float32), k), "single precision"),
    ("03.5", lambda p, t: with_temperature(p.astype(np.float32), t), "single precision"),
]
