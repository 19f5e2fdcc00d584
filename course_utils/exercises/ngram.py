"""Exercises of chapter 03: bigram probabilities, perplexity, add-k, continuation counts, temperature."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from course_utils.exercises.exercise import Exercise, NotYet, agree, call, close, same_shape
from course_utils.tree import Array

TEXT = np.array([0, 1, 0, 2, 0, 1, 1, 3, 0, 1, 2, 4])
"""Twelve tokens, V = 6. 5 never occurs and 4 only at the end, so two rows have no successor at all."""


def bigram(tokens: Int[Array, "T"], V: int) -> Float[Array, "V V"]:
    N = np.zeros((V, V))
    np.add.at(N, (tokens[:-1], tokens[1:]), 1)
    total = N.sum(axis=1, keepdims=True)
    return np.where(total > 0, N / np.maximum(total, 1), 1 / V)


def rows(N: Array) -> Array:
    """Each row divided by its sum; rows of zeros stay."""
    return N / np.maximum(N.sum(axis=1, keepdims=True), 1)


def diagnose_bigram(answer: Callable[..., Any]) -> None:
    V = 6
    got = same_shape(call(answer, TEXT, V), (V, V))
    N = np.zeros((V, V))
    np.add.at(N, (TEXT[:-1], TEXT[1:]), 1)
    once = np.zeros((V, V))
    once[TEXT[:-1], TEXT[1:]] += 1
    total, want = N.sum(axis=1, keepdims=True), bigram(TEXT, V)
    seen = total[:, 0] > 0
    closed = N.copy()
    closed[TEXT[-1], TEXT[0]] += 1
    if close(got, np.full((V, V), 1 / V)):
        raise NotYet(
            "every word is equally likely, which is what the stub did.",
            "count the pairs (tokens[i], tokens[i + 1]) first",
        )
    if close(got, N):
        raise NotYet("these are the counts, still to be divided.", "divide each row by its sum")
    if close(got, N / N.sum()):
        raise NotYet(
            "that is the joint probability of a pair: the whole table sums to 1.",
            "p(w | c) asks among the pairs that begin with c: each *row* sums to 1",
        )
    if close(got, (N + 1) / (total + V)):
        raise NotYet("that is add-1; here the counts are to be taken as they are.", "N[c, w] / N[c].sum()")
    if close(got[closed.any(axis=1)], rows(closed)[closed.any(axis=1)]):
        raise NotYet(
            "the last token was given the first one as its successor (np.roll wraps around); nothing follows it.",
            "the pairs are tokens[:-1] and tokens[1:]",
        )
    if close(got[seen], rows(once)[seen]):
        raise NotYet(
            "each pair was counted once, however often it occurs: N[a, b] += 1 with repeated indices adds only once.",
            "np.add.at(N, (a, b), 1), or np.bincount(a * V + b)",
        )
    if close(got[seen], want.T[seen]) or close(got, rows(N.T)):
        raise NotYet("rows and columns are swapped.", "row c, column w: what follows c")
    if close(got[seen][:, seen], (N / np.maximum(total[:, 0], 1))[seen][:, seen]):
        raise NotYet(
            "the sums of the rows were laid out beside each other, so that they divide columns.",
            "N.sum(axis=1, keepdims=True) has the shape (V, 1) and stands beside the rows",
        )
    if close(got, np.where(N > 0, rows(N), 1 / V)):
        raise NotYet(
            "every zero became 1/V, also in rows with counts, which now sum to more than 1.",
            "ask of the sum of the row whether it is 0: np.where(total > 0, ...)",
        )
    columns = N / np.maximum(N.sum(axis=0, keepdims=True), 1)
    if close(got[seen][:, N.sum(axis=0) > 0], columns[seen][:, N.sum(axis=0) > 0]):
        raise NotYet("the columns sum to 1: that is p(c | w), the word *before*.", "divide by the sums over axis=1")
    if close(got, rows(N)):
        raise NotYet(
            "rows 4 and 5 are 0, so they do not sum to 1. Nothing was seen after these words, so nothing is known.",
            "let such a row be 1/V everywhere",
        )
    if close(got[seen], want[seen]) and not got[TEXT[-1]].any():
        raise NotYet(
            "row 4 is 0: token 4 does occur, but only at the end, where it has no successor.",
            "count how often something follows each word: the sum of its row, not its np.bincount",
        )
    if np.isnan(got).any():
        raise NotYet(
            "there are NaNs: nothing was seen after 4 and 5, and 0 / 0 is no number.",
            "let such a row be 1/V everywhere",
        )
    agree(got, want, "the table", "row c: the counts of c followed by w, divided by how often anything follows c")
    other = np.array([2, 2, 0, 2, 1, 2, 2, 0])
    agree(
        call(answer, other, 3), bigram(other, 3), "the table of another text, in which a word follows itself",
        "divide by how often something follows the word: the last token of a text has no successor",
    )  # fmt: skip


def perplexity(p: Float[Array, "T"]) -> float:
    return float(np.exp(-np.mean(np.log(p))))


def diagnose_perplexity(answer: Callable[..., Any]) -> None:
    p = np.array([0.5, 0.1, 0.25, 0.9, 0.02])
    got = same_shape(call(answer, p), ())
    nats = -np.mean(np.log(p))
    named = (
        (1.0, "it always says 1, which is what the stub did: a model that is never surprised.", "-log p is the surprise"),
        (nats, "that is the mean surprise in nats; perplexity is its exponential.", "np.exp(...)"),
        (nats / np.log(2), "that is the mean surprise in bits; perplexity is 2 to this power.", "2 ** ..."),
        (np.exp(-nats), "a sign got lost: perplexity is at least 1, yours is its inverse.", "exp of *minus* the mean log p"),
        (2**nats, "the bases do not fit: natural logarithms, but powers of 2.", "np.exp with np.log, or 2 ** with np.log2"),
        (np.exp(nats / np.log(2)), "the bases do not fit: np.log2, but np.exp.", "np.exp with np.log, or 2 ** with np.log2"),
        (np.exp(5 * nats), "you summed the surprises: the result grows with the length of the text.", "take the mean"),
        (1 / p.mean(), "you averaged the probabilities before anything else. One impossible word must cost infinitely "
         "much; here it costs next to nothing.", "average log p, not p"),
        (np.mean(1 / p), "that is the mean of 1/p. Perplexity is the *geometric* mean of 1/p.", "average in logarithms"),
    )  # fmt: skip
    for value, what, hint in named:
        if close(got, value):
            raise NotYet(what, hint)
    agree(got, perplexity(p), "the perplexity")
    agree(call(answer, np.full(7, 1 / 6)), 6.0, "the perplexity of a fair die")
    try:
        got = same_shape(call(answer, np.full(5_000, 0.1)), ())
    except NotYet as no:
        raise NotYet(
            f"right for a short text, but for 5,000 words {no.what}",
            "the product of so many probabilities is 0 for a computer: add logarithms instead",
        ) from no
    if not np.isfinite(got):
        raise NotYet(
            "right for a short text, but infinite for 5,000 words: the product of so many probabilities is 0 for a "
            "computer.",
            "add logarithms instead of multiplying",
        )
    agree(got, 10.0, "the perplexity of 5,000 words")


def add_k(N: Float[Array, "C V"], k: float) -> Float[Array, "C V"]:
    V = N.shape[1]
    return (N + k) / (N.sum(axis=1, keepdims=True) + k * V)


def diagnose_add_k(answer: Callable[..., Any]) -> None:
    N, k = np.array([[3.0, 1, 0, 0, 6], [0, 2, 2, 0, 0], [0, 0, 0, 0, 0], [0, 5, 0, 0, 0]]), 0.5
    V, total, filled = 5, N.sum(axis=1, keepdims=True), [0, 1, 3]  # row 2 is empty: mistakes differ there
    got = same_shape(call(answer, N, k), N.shape)
    types = (N > 0).sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        only_zeros = np.where(N == 0, k, N)
        named = (
            (np.full(N.shape, 1 / V), "every word is equally likely, which is what the stub did.", "start from N + k"),
            (N / total, "these are the maximum likelihood probabilities; k is not in there.", "add k to each count"),
            (N + k, "these are the new counts, still to be divided.", "divide by the sum of the new counts"),
            ((N + k) / total, "k was added above and not below, so the rows sum to more than 1.",
             "all V words of a row were given k: the total grows by k V"),
            ((N + k) / (total + k), "below, k was added once. But each of the V words was given k.", "total + k * V"),
            ((N + k) / (total + V), "below stands + V, which is right for k = 1 only.", "total + k * V"),
            ((N + k) / (total + k * len(N)), "below, k was multiplied by the number of contexts.",
             "V is the number of columns, N.shape[1]"),
            ((N + k) / (total + k * types), "below, you counted only the words that were seen; the unseen got k, too.",
             "total + k * V"),
            (only_zeros / only_zeros.sum(axis=1, keepdims=True), "only the zeros were given k; then a word seen 0 times "
             "and one seen k times look the same.", "add k to every count, seen or not"),
            ((N + k) / (N.sum(axis=0, keepdims=True) + k * len(N)), "the columns sum to 1, not the rows.", "axis=1"),
            ((N + k) / (N + k).sum(), "the whole table sums to 1, not each row.", "sum over axis=1, keepdims=True"),
        )  # fmt: skip
    for value, what, hint in named:
        if close(got[filled], value[filled]):
            raise NotYet(what, hint)
    agree(got, add_k(N, k), "the table", "(N + k) / (total + k V), row by row")
    agree(call(answer, N[:, :3], 2.0), add_k(N[:, :3], 2.0), "the table for k = 2 and V = 3")


def continuation(tokens: Int[Array, "T"], V: int) -> Float[Array, "V"]:
    pairs = np.unique(np.stack([tokens[:-1], tokens[1:]]), axis=1)
    return np.bincount(pairs[1], minlength=V) / pairs.shape[1]


def diagnose_continuation(answer: Callable[..., Any]) -> None:
    tokens, V = np.array([4, 1, 2, 1, 2, 1, 2, 0, 3, 4, 3, 0, 3, 1, 3, 3]), 6
    got = same_shape(call(answer, tokens, V), (V,))
    a, b = np.unique(np.stack([tokens[:-1], tokens[1:]]), axis=1)
    before = np.bincount(b, minlength=V)
    others = np.bincount(b[a != b], minlength=V)
    named = (
        (np.full(V, 1 / V), "every word is equally likely, which is what the stub did.", "list the distinct pairs first"),
        (np.bincount(tokens, minlength=V) / len(tokens), "that is how *often* each word occurs.",
         "count after how many *different* words it occurs"),
        (np.bincount(tokens[1:], minlength=V) / (len(tokens) - 1), "pairs that occur twice were counted twice.",
         "np.unique of the pairs, then count"),
        (np.bincount(a, minlength=V) / len(a), "you counted the different words *after* w.", "count those in front of it"),
        (before, "these are the counts N1+(. w), still to be divided.", "divide by the number of distinct pairs"),
        (before / V, "divided by V, they do not sum to 1.", "divide by their sum, the number of distinct pairs"),
        (before / len(tokens), "divided by the number of tokens, they do not sum to 1.",
         "divide by their sum, the number of distinct pairs"),
        (before / (len(tokens) - 1), "divided by the number of all pairs, they do not sum to 1.",
         "divide by their sum, the number of distinct pairs"),
        (others / others.sum(), "a word may also stand in front of itself ('very, very'): you left those pairs out.",
         "keep all distinct pairs"),
    )  # fmt: skip
    for value, what, hint in named:
        if close(got, value):
            raise NotYet(what, hint)
    agree(got, continuation(tokens, V), "the distribution", "N1+(. w) / (number of distinct pairs)")
    francisco = np.array([1, 2] * 5 + [3, 4, 0, 4])
    agree(call(answer, francisco, 5), continuation(francisco, 5), "the distribution of another text")


def with_temperature(p: Float[Array, "V"], temperature: float) -> Float[Array, "V"]:
    sharpened = p ** (1 / temperature)
    return sharpened / sharpened.sum()


def diagnose_temperature(answer: Callable[..., Any]) -> None:
    p, temperature = np.array([0.5, 0.3, 0.0, 0.15, 0.05]), 0.5
    got = same_shape(call(answer, p, temperature), (5,))
    softmax = np.exp(p / temperature) / np.exp(p / temperature).sum()
    named = (
        (p, "nothing changed, which is what the stub did, too. Dividing p by the temperature and then by the sum leaves p as "
         "it was.", "p ** (1 / temperature), then make it sum to 1"),
        (p ** (1 / temperature), "the powers are right, but they do not sum to 1.", "divide by their sum"),
        (with_temperature(p, 1 / temperature), "it goes the wrong way: a low temperature must favour the likeliest word.",
         "the exponent is 1 / temperature"),
        (p / temperature, "dividing p keeps all ratios as they are, and the sum is no longer 1.",
         "divide the *logarithms* by the temperature: p ** (1 / temperature)"),
        (softmax, "softmax wants logarithms: you gave it the probabilities themselves, so the impossible became possible.",
         "softmax(log p / temperature), which is p ** (1 / temperature) made to sum to 1"),
    )  # fmt: skip
    for value, what, hint in named:
        if close(got, value):
            raise NotYet(what, hint)
    with np.errstate(divide="ignore"):
        logarithms = np.log(p) / temperature
    if close(got, logarithms):
        raise NotYet("these are still logarithms.", "np.exp of them, then divide by their sum")
    if close(got, p == p.max()):
        raise NotYet("only the likeliest word is left, as at temperature 0; the others become rarer, not impossible.",
                     "p ** (1 / temperature)")  # fmt: skip
    if np.isnan(got).any():
        raise NotYet("there are NaNs: log 0 is minus infinity.", "p ** (1 / temperature) needs no logarithm")
    hot = same_shape(call(answer, p, 3.0), (5,))
    if hot[2] > 0:
        raise NotYet(
            f"at temperature 3 a word of probability 0 is given {hot[2]:.2g}: whatever you put in place of log 0 "
            "makes the impossible possible.",
            "p ** (1 / temperature) needs no logarithm, and 0 stays 0",
        )
    for t in (temperature, 3.0, 1.0):
        agree(call(answer, p, t), with_temperature(p, t), f"the distribution at temperature {t:g}")


EXERCISES = (
    Exercise(
        "03.1", "what follows what", bigram, diagnose_bigram,
        hints=(
            "Make a V x V table of counts, row = the word before, column = the word after, from tokens[:-1], tokens[1:].",
            "np.add.at(N, (tokens[:-1], tokens[1:]), 1); divide by N.sum(axis=1, keepdims=True); np.where for empty rows.",
        ),
        praise="Every row sums to 1, repeated pairs count, and a word that nothing ever followed gives 1/V.",
    ),
    Exercise(
        "03.2", "perplexity", perplexity, diagnose_perplexity,
        hints=(
            "The surprise of one word is -log p. Perplexity is the exponential of the mean surprise.",
            "np.exp(-np.mean(np.log(p))): the same base inside and outside, the mean and not the sum.",
        ),
        praise="The same base inside and outside, a mean, and logarithms, so that long texts do no harm.",
    ),
    Exercise(
        "03.3", "add-k", add_k, diagnose_add_k,
        hints=(
            "Every one of the V words of a row gets k more. By how much does the sum of the row grow?",
            "(N + k) / (N.sum(axis=1, keepdims=True) + k * V), where V is the number of columns.",
        ),
        praise="Each row sums to 1, whatever k, and the row in which nothing was seen is even.",
    ),
    Exercise(
        "03.4", "Kneser–Ney's continuation counts", continuation, diagnose_continuation,
        hints=(
            "List the distinct pairs (a, b) of neighbours. In how many of them does w stand second?",
            "np.unique(np.stack([tokens[:-1], tokens[1:]]), axis=1) has one column per distinct pair; bincount its row 1.",
        ),
        praise="Not how often a word occurs but after how many different words: Francisco is rare now.",
    ),
    Exercise(
        "03.5", "temperature", with_temperature, diagnose_temperature,
        hints=(
            "Divide log p by the temperature and take the exponential: which power of p is that?",
            "q = p ** (1 / temperature), then q / q.sum().",
        ),
        praise="Cold is bold, hot is even, 1 changes nothing, and the impossible stays impossible.",
    ),
)  # fmt: skip
