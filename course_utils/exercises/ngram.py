"""Exercises of chapter 03: bigram probabilities, perplexity, add-k, continuation counts, temperature."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Real

from course_utils.exercises.exercise import Exercise, NotYet, agree, call, close, edge, same_shape
from course_utils.exercises.slips import Diagnosis, Part, Slip
from course_utils.tree import Array

TEXT = np.array([0, 1, 0, 2, 0, 1, 1, 3, 0, 1, 2, 4])
"""Twelve tokens, V = 6. 5 never occurs and 4 only at the end, so two rows have no successor at all."""


def bigram(tokens: Int[Array, "T"], V: int) -> Float[Array, "V V"]:
    N = np.zeros((V, V))
    np.add.at(N, (tokens[:-1], tokens[1:]), 1)
    total = N.sum(axis=1, keepdims=True)
    return np.where(total > 0, N / np.maximum(total, 1), 1 / V)


SWAPPED = "rows and columns are swapped.", "row c, column w: what follows c"
SUMS, SHARES, PAIRS = (
    "N.sum(axis=1, keepdims=True)",
    "np.where(total > 0, N / np.maximum(total, 1), 1 / V)",
    "(tokens[:-1], tokens[1:])",
)
NEIGHBOURS = "tokens[:-1] and tokens[1:]"
BESIDE = (
    "the sums of the rows were laid out beside each other, so that they divide columns.",
    "N.sum(axis=1, keepdims=True) has the shape (V, 1) and stands beside the rows",
)

mistakes_in_bigram = Diagnosis(
    bigram, lambda: (TEXT, 6), "the table",
    parts=(
        Part("the table, rows 0 to 3", lambda table: table[:4],
             "row c: the counts of c followed by w, divided by how often anything follows c"),
    ),
    slips=tuple(Slip(*mistake) for mistake in (
        (SHARES, "np.full((V, V), 1 / V)", "every word is equally likely, which is what the stub did.", "count the pairs "
         "(tokens[i], tokens[i + 1]) first"),
        (SHARES, "N", "these are the counts, still to be divided.", "divide each row by its sum"),
        (SHARES, "N / N.sum()", "that is the joint probability of a pair: the whole table sums to 1.", "p(w | c) asks among the "
         "pairs that begin with c: each *row* sums to 1"),
        (SHARES, "(N + 1) / (total + V)", "that is add-1; here the counts are to be taken as they are.", "N[c, w] / N[c].sum()"),
        (f"np.add.at(N, {PAIRS}, 1)", "N[tokens[:-1], tokens[1:]] += 1", "each pair was counted once, however often it occurs: "
         "N[a, b] += 1 with repeated indices adds only once.", "np.add.at(N, (a, b), 1), or np.bincount(a * V + b)"),
        (SHARES, f"{SHARES}.T", *SWAPPED),
        (PAIRS, "(tokens[1:], tokens[:-1])", *SWAPPED),
        (SUMS, "N.sum(axis=1)", *BESIDE),
        ("total > 0", "N > 0", "every zero became 1/V, also in rows with counts, which now sum to more than 1.", "ask of the sum "
         "of the row whether it is 0: np.where(total > 0, ...)"),
        (SUMS, "N.sum(axis=0, keepdims=True)", "the columns sum to 1: that is p(c | w), the word *before*.", "divide by the sums "
         "over axis=1"),
        (SHARES, "N / np.maximum(total, 1)", "rows 4 and 5 are 0, so they do not sum to 1. Nothing was seen after these words, "
         "so nothing is known.", "let such a row be 1/V everywhere"),
        (PAIRS, "(tokens[:-2], tokens[2:])", "you paired each word with the one after the next.", NEIGHBOURS),
        (PAIRS, "(tokens[:-1:2], tokens[1::2])", "you cut the text into pairs that do not overlap, so every second pair is "
         "missing.", NEIGHBOURS),
        (SUMS, "(N := N + N.T).sum(axis=1, keepdims=True)", "each pair was counted in both directions; p(w | c) asks what comes "
         "*after* c.", "N[a, b] only"),
        (SHARES, "np.tile(np.bincount(tokens, minlength=V) / len(tokens), (V, 1))", "all rows are alike: that is how often each "
         "word occurs, whatever stands before it.", "row c: only the pairs that begin with c"),
        (SUMS, "N.max(axis=1, keepdims=True)", "each row was divided by its largest count.", "divide by its sum"),
    )),
)  # fmt: skip


def diagnose_bigram(answer: Callable[..., Any]) -> None:
    V = 6
    got = same_shape(call(answer, TEXT, V), (V, V), "the table")
    N = np.zeros((V, V))
    np.add.at(N, (TEXT[:-1], TEXT[1:]), 1)
    if close(got[:3, :4], N[:3, :4] / N.sum(axis=1)[:4]):  # where it does not meet 0 / 0
        raise NotYet(*BESIDE)
    mistakes_in_bigram.name(got)
    if close(got[TEXT[-1]], np.eye(V)[TEXT[0]]):
        raise NotYet(
            "the last token was given the first one as its successor (np.roll wraps around); nothing follows it.",
            f"the pairs are {NEIGHBOURS}",
        )
    if not got[TEXT[-1]].any():
        raise NotYet(
            "row 4 is 0: token 4 does occur, but only at the end, where it has no successor.",
            "count how often something follows each word: the sum of its row, not its np.bincount",
        )
    if np.isnan(got).any():
        raise NotYet(
            "there are NaNs: nothing was seen after 4 and 5, and 0 / 0 is no number.",
            "let such a row be 1/V everywhere",
        )
    if not close(got, bigram(TEXT, V)):
        raise NotYet("the rows with counts are right; one in which nothing was counted is 1/V everywhere.", "np.where")
    other = np.array([2, 2, 0, 2, 1, 2, 2, 0])
    agree(
        call(answer, other, 3),
        bigram(other, 3),
        "the table of another text, in which a word follows itself",
        "divide by how often something follows the word: the last token of a text has no successor",
    )
    for words, *case in (
        ("a text of one word, without any pair", np.array([1]), 3),
        ("a vocabulary of one word", np.zeros(4, int), 1),
        ("a vocabulary of two words", np.array([0, 1, 1, 0, 1, 1]), 2),
        ("V = 60", np.random.default_rng(13).integers(0, 55, 900).astype(np.intp), 60),
    ):
        edge(words, answer, bigram, *case)


def perplexity(p: Float[Array, "T"]) -> float:
    with np.errstate(divide="ignore"):  # log 0 is minus infinity: an impossible word costs infinitely much
        return float(np.exp(-np.mean(np.log(p))))


GEOMETRIC, PLAINLY = "np.exp(-np.mean(np.log(p)))", "np.exp of minus the mean of np.log(p)"
ENTROPY = (
    "you weighted each surprise with p itself, as in an entropy. The text has weighted them already: what is likely comes "
    "often."
)

mistakes_in_perplexity = Diagnosis(
    perplexity, lambda: (np.array([0.5, 0.1, 0.25, 0.9, 0.02]),), "the perplexity", hint=PLAINLY,
    slips=tuple(Slip(GEOMETRIC, *mistake) for mistake in (
        ("1", "it always says 1, which is what the stub did: a model that is never surprised.", "-log p is the surprise"),
        ("-np.mean(np.log(p))", "that is the mean surprise in nats; perplexity is its exponential.", "np.exp(...)"),
        ("-np.mean(np.log2(p))", "that is the mean surprise in bits; perplexity is 2 to this power.", "2 ** ..."),
        ("np.exp(np.mean(np.log(p)))", "a sign got lost: perplexity is at least 1, yours is its inverse.", "exp of *minus* the "
         "mean log p"),
        ("2 ** -np.mean(np.log(p))", "the bases do not fit: natural logarithms, but powers of 2.", "np.exp with np.log, or 2 ** "
         "with np.log2"),
        ("np.exp(-np.mean(np.log2(p)))", "the bases do not fit: np.log2, but np.exp.", "np.exp with np.log, or 2 ** with "
         "np.log2"),
        ("np.exp(-np.mean(np.log10(p)))", "the bases do not fit: np.log10, but np.exp.", "np.exp with np.log, or 10 ** with "
         "np.log10"),
        ("-np.mean(np.log10(p))", "that is the mean surprise in digits, powers of 10; perplexity is 10 to this power.",
         "10 ** ..."),
        ("-np.sum(p * np.log(p))", ENTROPY, "np.exp of the plain mean of -log p"),
        ("np.exp(-np.sum(p * np.log(p)))", ENTROPY, "the plain mean of -log p"),
        ("np.exp(-np.sum(np.log(p)) / (len(p) - 1))", "you divided by T - 1; there are T words with a probability each.",
         "np.mean"),
        ("np.exp(-np.median(np.log(p)))", "that is the median; every word counts.", "np.mean"),
        ("np.exp(-np.sum(np.log(p)))", "you summed the surprises: the result grows with the length of the text.", "take the "
         "mean"),
        ("1 / np.mean(p)", "you averaged the probabilities before anything else. One impossible word must cost infinitely much; "
         "here it costs next to nothing.", "average log p, not p"),
        ("np.mean(1 / p)", "that is the mean of 1/p. Perplexity is the *geometric* mean of 1/p.", "average in logarithms"),
    )),
)  # fmt: skip


def diagnose_perplexity(answer: Callable[..., Any]) -> None:
    mistakes_in_perplexity(answer)
    agree(call(answer, np.full(7, 1 / 6)), 6.0, "the perplexity of a fair die", PLAINLY)
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
    agree(got, 10.0, "the perplexity of 5,000 words", PLAINLY)
    surely = "log 0 is minus infinity, and that is right here: leave it as it is, add nothing to p and clip nothing"
    for impossible, what in (
        (np.array([0.5, 0.0, 0.5]), "a text with one impossible word (p = 0)"),
        (np.zeros(2), "a text of impossible words (p = 0)"),
    ):
        try:
            got = same_shape(call(answer, impossible), ())
        except NotYet as no:
            raise NotYet(
                f"right where all is possible; for {what} {no.what}", f"np.log(0) is minus infinity; {no.hint}"
            ) from no
        if not got == np.inf:
            raise NotYet(f"the perplexity of {what} is infinite, yours is {got:.4g}.", surely)
    for words, likely in (
        ("one word", np.array([0.25])),
        ("words that are certain", np.ones(4)),
        ("words as rare as 1e-30", np.array([1e-30, 1e-29, 0.5])),
        ("words as rare as 1e-12", np.full(6, 1e-12)),
    ):
        edge(words, answer, perplexity, likely)


def add_k(N: Real[Array, "C V"], k: float) -> Float[Array, "C V"]:
    V = N.shape[1]
    return (N + k) / (N.sum(axis=1, keepdims=True) + k * V)


def _counts() -> tuple[Array, float]:
    """Row 2 is empty: mistakes differ in what they make of it."""
    return np.array([[3.0, 1, 0, 0, 6], [0, 2, 2, 0, 0], [0, 0, 0, 0, 0], [0, 5, 0, 0, 0]]), 1.5


SMOOTHED, BELOW, ROW_BY_ROW = (
    f"(N + k) / ({SUMS} + k * V)",
    "total + k * V",
    "(N + k) / (N.sum(axis=1, keepdims=True) + k V)",
)

mistakes_in_add_k = Diagnosis(
    add_k, _counts, "the table",
    parts=(Part("the table but for row 2", lambda table: np.where(np.arange(4)[:, None] == 2, 0, table), ROW_BY_ROW),),
    slips=tuple(Slip(SMOOTHED, *mistake) for mistake in (
        ("np.full(N.shape, 1 / V)", "every word is equally likely, which is what the stub did.", "start from N + k"),
        (f"N / np.maximum({SUMS}, 1)", "these are the maximum likelihood probabilities; k is not in there.", "add k to each "
         "count"),
        ("N + k", "these are the new counts, still to be divided.", "divide by the sum of the new counts"),
        (f"(N + k) / np.maximum({SUMS}, 1)", "k was added above and not below, so the rows sum to more than 1.", "all V words of "
         "a row were given k: the total grows by k V"),
        (f"(N + k) / ({SUMS} + k)", "below, k was added once. But each of the V words was given k.", BELOW),
        (f"(N + k) / ({SUMS} + V)", "below stands + V, which is right for k = 1 only.", BELOW),
        (f"(N + k) / ({SUMS} + k * len(N))", "below, k was multiplied by the number of contexts.", "V is the number of columns, "
         "N.shape[1]"),
        ("(N + k) / np.maximum((N + k * (N > 0)).sum(axis=1, keepdims=True), 1)", "below, you counted only the words that were "
         "seen; the unseen got k, too.", BELOW),
        ("(N := np.where(N == 0, k, N)) / N.sum(axis=1, keepdims=True)", "only the zeros were given k; then a word seen 0 times "
         "and one seen k times look the same.", "add k to every count, seen or not"),
        ("(N + k) / (N + k).sum(axis=0)", "the columns sum to 1, not the rows.", "axis=1"),
        ("(N + k) / (N.sum() + k * V)", "below stands the total of the whole table; each row has its own.", SUMS),
        (f"(N + k / V) / ({SUMS} + k)", "each word was given k / V, so that a row gets k in all. Here each word gets k.",
         "(N + k) / (total + k * V)"),
        ("(N := np.maximum(N, k)) / N.sum(axis=1, keepdims=True)", "you raised small counts to k; here every count grows by k.",
         "N + k"),
        (f"N / np.maximum({SUMS}, 1) + k", "k was added to the probabilities, which then sum to more than 1.", "add it to the "
         "counts"),
        (f"N / ({SUMS} + k * V)", "k is below and not above: the rows sum to less than 1.", "N + k above, too"),
        (f"(N + 1) / ({SUMS} + V)", "that is add-1, whatever k is.", "N + k, and total + k * V"),
        ("(N + k) / (N + k).sum()", "the whole table sums to 1, not each row.", "sum over axis=1, keepdims=True"),
    )),
)  # fmt: skip


def diagnose_add_k(answer: Callable[..., Any]) -> None:
    N, k = _counts()
    got = call(answer, N, k)
    mistakes_in_add_k.name(got)
    if not close(got, add_k(N, k)):
        raise NotYet(
            "the rows with counts are right. In row 2 nothing was counted: (0 + k) / (0 + k V) is 1/V everywhere.",
            "it needs no case of its own",
        )
    agree(call(answer, N[:, :3], 2.0), add_k(N[:, :3], 2.0), "the table for k = 2 and V = 3", ROW_BY_ROW)
    for words, *case in (
        ("one context", N[:1], k),
        ("a vocabulary of one word", N[:, :1], k),
        ("as many contexts as words", N[:, 1:], 0.1),
        ("counts that are whole numbers (an array of integers)", N.astype(int), k),
        ("a tiny k, where 1e-9 is added to every count", N, 1e-9),
        ("a large k", N, 1e6),
    ):
        edge(words, answer, add_k, *case)


def continuation(tokens: Int[Array, "T"], V: int) -> Float[Array, "V"]:
    pairs = np.unique(np.stack([tokens[:-1], tokens[1:]]), axis=1)
    return np.bincount(pairs[1], minlength=V) / pairs.shape[1]


BEFORE = "np.bincount(pairs[1], minlength=V)"
BY_DISTINCT = "divide by their sum, the number of distinct pairs"

mistakes_in_continuation = Diagnosis(
    continuation, lambda: (np.array([4, 1, 2, 1, 2, 1, 2, 0, 3, 4, 3, 0, 3, 1, 3, 3, 2]), 6), "the distribution",
    hint="N1+(. w) / (number of distinct pairs)",
    slips=(
        *(Slip(f"{BEFORE} / pairs.shape[1]", *mistake) for mistake in (
            ("np.full(V, 1 / V)", "every word is equally likely, which is what the stub did.", "list the distinct pairs first"),
            ("np.bincount(tokens, minlength=V) / len(tokens)", "that is how *often* each word occurs.", "count after how many "
             "*different* words it occurs"),
            ("np.bincount(tokens[1:], minlength=V) / (len(tokens) - 1)", "pairs that occur twice were counted twice.",
             "np.unique of the pairs, then count"),
            ("np.bincount(pairs[0], minlength=V) / pairs.shape[1]", "you counted the different words *after* w.", "count those "
             "in front of it"),
            (BEFORE, "these are the counts N1+(. w), still to be divided.", "divide by the number of distinct pairs"),
            (f"{BEFORE} / V", "divided by V, they do not sum to 1.", BY_DISTINCT),
            (f"{BEFORE} / len(tokens)", "divided by the number of tokens, they do not sum to 1.", BY_DISTINCT),
            (f"{BEFORE} / (len(tokens) - 1)", "divided by the number of all pairs, they do not sum to 1.", BY_DISTINCT),
            (f"{BEFORE} / np.count_nonzero({BEFORE})", "divided by the number of different words, they do not sum to 1.",
             BY_DISTINCT),
            (f"({BEFORE} > 0) / np.count_nonzero({BEFORE})", "every word that occurs counts the same.", "count the pairs in "
             "which it is second"),
        )),
        Slip("[tokens[:-1], tokens[1:]]", "[tokens, np.roll(tokens, -1)]", "the last word was put in front of the first (np.roll "
             "wraps around), a pair that is not in the text.", f"the pairs are {NEIGHBOURS}"),
        Slip("axis=1)", "axis=1)\n    pairs = pairs[:, pairs[0] != pairs[1]]", "a word may also stand in front of itself "
             "('very, very'): you left those pairs out.", "keep all distinct pairs"),
    ),
)  # fmt: skip


def diagnose_continuation(answer: Callable[..., Any]) -> None:
    mistakes_in_continuation(answer)
    francisco = np.array([1, 2] * 5 + [3, 4, 0, 4])
    agree(
        call(answer, francisco, 5),
        continuation(francisco, 5),
        "the distribution of another text",
        "count distinct pairs: 'San Francisco' five times over is one of them",
    )
    for words, *case in (
        ("one pair", np.array([0, 2]), 3),
        ("a vocabulary of one word", np.zeros(3, int), 1),
        (
            "V = 40, where 1, 11 and 11, 1 are different pairs",
            np.array([1, 11, 1, 1, 11, 11, 39, 0, 39, 0, 10, 1, 0, 11]),
            40,
        ),
        (
            "V = 5,000, where no pair may be taken for another",
            np.random.default_rng(14).integers(0, 5_000, 4_000).astype(np.intp),
            5_000,
        ),
        ("a text of 900 words", np.random.default_rng(13).integers(0, 30, 900).astype(np.intp) ** 2 // 25, 36),
    ):
        edge(words, answer, continuation, *case)


def with_temperature(p: Float[Array, "V"], temperature: float) -> Float[Array, "V"]:
    with np.errstate(divide="ignore"):  # log 0 is minus infinity, and the exponential of that is 0 again
        z = np.log(p)
    q = np.exp((z - z.max()) / temperature)  # the largest is 1, so that the sum is never 0
    return q / q.sum()


Q, EXPONENT = "return q / q.sum()", "/ temperature)"
TO_ONE = "divide by their sum"

mistakes_in_temperature = Diagnosis(
    with_temperature, lambda: (np.array([0.5, 0.3, 0.0, 0.15, 0.05]), 0.5), "the distribution",
    slips=tuple(Slip(*mistake) for mistake in (
        (Q, "return p", "nothing changed, which is what the stub did, too. Dividing p by the temperature and then by the sum "
         "leaves p as it was.", "divide the *logarithms* by the temperature, then make it sum to 1"),
        (Q, "return p ** (1 / temperature)", "the powers are right, but they do not sum to 1.", TO_ONE),
        (Q, "return q", "you divided by the largest number, so they do not sum to 1.", TO_ONE),
        (EXPONENT, "* temperature)", "it goes the wrong way: a low temperature must favour the likeliest word.", "divide by the "
         "temperature, do not multiply: the exponent is 1 / temperature"),
        (EXPONENT, "/ temperature**2)", "the temperature is in there twice: the exponent is 1 / temperature².", "divide the "
         "logarithms by the temperature once"),
        (EXPONENT, "/ np.sqrt(temperature))", "the temperature counts too little: the exponent is 1 / √temperature.", "divide "
         "the logarithms by the temperature itself"),
        (Q, "return p / temperature", "dividing p keeps all ratios as they are, and the sum is no longer 1.", "divide the "
         "*logarithms* by the temperature, then np.exp"),
        ("np.log(p)", "p", "softmax wants logarithms: you gave it the probabilities themselves, so the impossible became "
         "possible.", "softmax(log p / temperature)"),
        (Q, "return z / temperature", "these are still logarithms.", "np.exp of them, then divide by their sum"),
        (Q, "return 1.0 * (p == p.max())", "only the likeliest word is left, as at temperature 0; the others become rarer, not "
         "impossible.", "np.exp(log p / temperature)"),
    )),
)  # fmt: skip


def diagnose_temperature(answer: Callable[..., Any]) -> None:
    p, temperature = mistakes_in_temperature.given()
    got = same_shape(call(answer, p, temperature), p.shape)
    mistakes_in_temperature.explain((got,))
    impossible = "leave log 0 at minus infinity: np.exp makes a 0 of it again"
    if np.isnan(got).any():
        raise NotYet("there are NaNs: log 0 is minus infinity, and 0 times that, for one, is no number.", impossible)
    hot = same_shape(call(answer, p, 3.0), (5,))
    if hot[2] > 0:
        raise NotYet(
            f"at temperature 3 a word of probability 0 is given {hot[2]:.2g}: whatever you put in place of log 0 "
            "makes the impossible possible.",
            impossible,
        )
    plainly = "q = np.exp(log p / temperature), then q / q.sum()"
    for t in (temperature, 3.0, 1.0):
        agree(call(answer, p, t), with_temperature(p, t), f"the distribution at temperature {t:g}", plainly)
    even = np.full(20, 0.05)
    try:
        cold = same_shape(call(answer, even, 0.002), even.shape)
    except NotYet as no:
        raise NotYet(f"right at other temperatures; at 0.002 {no.what}", no.hint) from no
    largest = "subtract the largest logarithm from all before you divide: q is the same, and its largest number is 1"
    if not np.isfinite(cold).all() or not cold.any():
        raise NotYet(
            "right at other temperatures, but at 0.002 there is no distribution left: 0.05 to the power of 500 is 0 for a "
            "computer, so the sum is 0, too.",
            largest,
        )
    agree(cold, even, "the distribution of 20 equally likely words at temperature 0.002", largest)
    for words, *case in (
        ("two likeliest words at temperature 0.001", np.array([0.1, 0.45, 0.0, 0.45]), 0.001),
        ("rare words at temperature 0.01", np.array([2e-9, 1e-9, 0.0, 1e-9]) / 4e-9, 0.01),
        ("one word", np.array([1.0]), 0.3),
        ("one possible word", np.array([0.0, 1.0, 0.0]), 0.002),
        ("temperature 1,000", p, 1_000.0),
        ("a word with the probability 1e-30", np.array([1e-30, 0.6, 0.4]), 20.0),
    ):
        edge(words, answer, with_temperature, *case)


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
            "np.exp(-np.mean(np.log(p))): the same base inside and outside, the mean and not the sum. Where p is 0, np.log gives "
            "minus infinity, and the perplexity is infinite, as it should be; np.errstate(divide=\"ignore\") hides the warning.",
        ),
        praise="The same base inside and outside, a mean, and logarithms, so that long texts do no harm; and one impossible "
        "word is infinitely surprising.",
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
            "Take the logarithms, divide them by the temperature, take the exponential, and divide by the sum. What becomes "
            "of p = 0 on the way, and of all the numbers where the temperature is small?",
            "z = np.log(p), where log 0 is minus infinity; q = np.exp((z - z.max()) / temperature), then q / q.sum(). "
            "Subtracting the largest changes nothing but keeps the sum away from 0.",
        ),
        praise="Cold is bold, hot is even, 1 changes nothing, and the impossible stays impossible, even near 0.",
    ),
)  # fmt: skip
