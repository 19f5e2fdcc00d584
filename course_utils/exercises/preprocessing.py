"""Exercises of chapter 01: a vocabulary, alignment with a mask, one-hot product, embedding gradient, masked mean."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.exercises.lookup import diagnose_lookup, lookup_by_product
from course_utils.exercises.slips import Diagnosis, Slip
from course_utils.tree import Array

COUNTS = {"film": 7, "the": 20, "goat": 1, "bad": 7, "a": 12, "heist": 2, "tulip": 2, "zzz": 1}
"""One tie stands against the alphabet and one along it, to tell a forgotten rule from a reversed one."""


def numbered(counts: dict[str, int], min_count: int) -> dict[str, int]:
    kept = [word for word in counts if counts[word] >= min_count]
    kept.sort(key=lambda word: (-counts[word], word))
    return {word: number for number, word in enumerate(kept, start=2)}


def diagnose_numbered(answer: Callable[..., Any]) -> None:
    got, want = call(answer, COUNTS, 2), numbered(COUNTS, 2)
    if not isinstance(got, dict):
        raise NotYet(f"wanted a dictionary word -> number, got {type(got).__name__}.")
    if got == {}:
        raise NotYet("the dictionary is empty, which is what the stub did.", "begin with the words seen often enough")
    if all(isinstance(word, str) for word in got.values()):
        raise NotYet("it leads from numbers to words; wanted from words to numbers.", "{word: number for ...}")
    if set(got) == {w for w, n in COUNTS.items() if n > 2}:
        raise NotYet("a word seen exactly min_count times is missing.", "at least means >=")
    if set(got) == set(COUNTS):
        raise NotYet("no word was dropped.", "keep the words with counts[word] >= min_count")
    if added := [word for word in got if word not in COUNTS]:
        raise NotYet(
            f"it holds what is no word of the text: {', '.join(map(repr, added))}. Padding and unknown keep the numbers "
            "0 and 1, but they are not to be in the dictionary.",
            "only words from counts",
        )
    if set(got) != set(want):
        raise NotYet(f"kept {sorted(got)}, wanted {sorted(want)}.", "compare counts[word] with min_count")
    if all(got[word] == COUNTS[word] for word in got):
        raise NotYet(
            "these are the counts; wanted places in the list.", "number the sorted words: enumerate(words, start=2)"
        )
    if not all(isinstance(number, int | np.integer) for number in got.values()):
        raise NotYet("the numbers are to be integers: later they pick rows of an array.", "enumerate(words, start=2)")
    numbers, order = sorted(got.values()), sorted(got, key=lambda word: got[word])
    if numbers != list(range(2, 2 + len(want))):
        first = numbers[0]
        if numbers == list(range(first, first + len(want))):
            raise NotYet(
                f"the first word has the number {first}, but 0 is padding and 1 is unknown.",
                "enumerate(words, start=2)",
            )
        raise NotYet(
            f"the numbers have gaps or repeat: {numbers}, wanted {list(range(2, 2 + len(want)))}.",
            "drop the rare words first, sort, and number what is left",
        )
    pair, given = "sort by the pair (-counts[w], w)", [word for word in COUNTS if word in want]
    named = (
        (
            sorted(order),
            "the words stand in alphabetical order; the alphabet decides only between equally frequent ones.",
        ),
        (given, "the words stand in the order of the dictionary you were given: not sorted yet."),
        (
            sorted(order, key=lambda w: (-COUNTS[w], [-ord(c) for c in w])),
            "words that are equally frequent stand in "
            'reverse alphabetical order ("tulip" before "heist"): reverse=True turns the alphabet round as well.',
        ),
        (
            sorted(given, key=lambda w: -COUNTS[w]),
            'the order of "bad" and "film" is wrong: both occur 7 times, so the alphabet decides.',
        ),
    )
    for wrong, what in named:
        if order == wrong:
            raise NotYet(what, pair)
    times = [COUNTS[word] for word in order]
    if times == sorted(times):
        raise NotYet("rare words come first; the most frequent word must have the number 2.", pair)
    if got != want:
        raise NotYet(f"the order is {order}, wanted {list(want)}.", pair)
    again(answer, numbered, ({"b": 1, "a": 1, "c": 0}, 1))
    for words, counts, min_count in (
        ("one word", {"film": 3}, 1),
        ("no words at all", {}, 1),
        ("a min_count that no word reaches", {"film": 3, "the": 4}, 5),
        ("a min_count of 0, which every word reaches", {"film": 0, "the": 4}, 0),
        ("equally frequent words that begin alike", {"films": 2, "film": 2, "filmed": 2}, 2),
        ("words in another alphabet", {"фильм": 2, "и": 9, "кино": 2, "а": 1}, 2),
        ("forty words", {f"w{number}": 7 * number % 11 for number in range(40)}, 2),
    ):
        edge(words, answer, numbered, counts, min_count)


def align_to_the_end(sequences: list[Int[Array, "_"]], T: int) -> tuple[Int[Array, "T B"], Bool[Array, "T B"]]:
    tokens = np.zeros((T, len(sequences)), int)
    mask = np.zeros((T, len(sequences)), bool)
    for b, sequence in enumerate(sequences):
        last = sequence[-T:]
        tokens[T - len(last) :, b] = last
        mask[T - len(last) :, b] = True
    return tokens, mask


def diagnose_align(answer: Callable[..., Any]) -> None:
    sequences = [np.array([5, 6, 8]), np.array([2, 3, 4, 5, 6, 7]), np.array([9, 8, 7, 6])]
    T = 4
    tokens, mask = several(call(answer, sequences, T), "tokens and mask", 2)
    B = len(sequences)
    if np.shape(tokens) == (B, T):
        raise NotYet(f"the tokens have shape {(B, T)}: batch first. Here time comes first.", "return tokens.T")
    tokens = same_shape(tokens, (T, B), "the array of tokens")
    want, want_mask = align_to_the_end(sequences, T)
    if np.array_equal(tokens[:, :2], [[5, 2], [6, 3], [8, 4], [0, 5]]):
        raise NotYet(
            "both ends are treated as in the chapter's pad_all: the padding stands behind the text, and the beginning of the "
            "long sequence is kept.",
            "last = sequence[-T:] keeps its end; tokens[T - len(last):, b] = last puts it there",
        )
    if not tokens.any():
        raise NotYet("all tokens are 0, which is what the stub did.", "fill one column for each sequence")
    if close(tokens[:, 0], [5, 6, 8, 0]):
        raise NotYet("the padding stands behind the text; wanted in front.", "tokens[T - len(sequence):, b] = ...")
    if close(tokens[:, 1], [2, 3, 4, 5]):
        raise NotYet("the beginning of the long sequence is kept; wanted its end.", "sequence[-T:]")
    if close(tokens[:, 1], [7, 6, 5, 4]):
        raise NotYet(
            "the texts run backwards.", "sequence[-T:] has its end already where it belongs: do not turn it round"
        )
    if close(tokens[:, 0], [0, 0, 0, 8]):
        raise NotYet(
            "of a sequence shorter than T most is lost: len(sequence) - T is negative there and counts from the end.",
            "sequence[-T:], which takes all where there are fewer than T",
        )
    padding = tokens[~want_mask]
    if close(tokens[want_mask], want[want_mask]) and padding.any():
        raise NotYet(
            f"the tokens are in their places, but the padding is {padding[0]}, wanted 0.",
            "begin with np.zeros((T, len(sequences)), int)",
        )
    if close(tokens, want[:, ::-1]):
        raise NotYet("the texts are in reverse order.", "column b holds sequences[b]")
    agree(tokens, want, "the array of tokens", "the last T tokens, at the end of their column")
    if tokens.dtype.kind not in "iu":
        raise NotYet("tokens are integers; yours became real numbers.", "np.zeros((T, len(sequences)), int)")
    mask = same_shape(mask, (T, B), "the mask")
    if close(mask, ~want_mask):
        raise NotYet("the mask is the wrong way round: True belongs to real tokens.", "~mask")
    if not mask.any():
        raise NotYet(
            "the mask is False everywhere: if it is tokens > 0, it was made before the tokens were put in.",
            "set it in the same loop as the tokens",
        )
    if mask.all():
        raise NotYet(
            "the mask is True everywhere, also where there is padding.", "begin with zeros, True where a token was put"
        )
    if close(mask, want_mask[::-1]):
        raise NotYet(
            "the mask has its True in front, but the tokens stand at the end.", "fill both in the same rows of column b"
        )
    agree(mask, want_mask, "the mask", "True where a token was put")
    zero = [np.array([0, 4]), np.array([3, 3, 3])]
    _, mask = several(call(answer, zero, 3), "tokens and mask", 2)
    if close(mask, align_to_the_end(zero, 3)[0] > 0):
        raise NotYet(
            "the mask is read off the tokens: a sequence that itself holds a 0 loses that step.",
            "set the mask from the lengths, in the same loop",
        )
    again(answer, align_to_the_end, (zero, 3))
    two, long = np.array([7, 4]), np.arange(2, 32)
    for words, sequences, T in (
        ("T = 1", [two, long, two], 1),
        ("one sequence", [long], 12),
        ("one sequence of one token", [two[:1]], 1),
        ("sequences that are all shorter than T", [two, two[:1]], 5),
        ("more sequences than steps", [two, long, two, two[:1], long], 2),
        ("token numbers of 70,000", [70_000 + long, 70_000 + two], 4),
    ):
        edge(words, answer, align_to_the_end, sequences, T)


def embedding_gradient(tokens: Int[Array, "T"], de: Float[Array, "T D"], V: int) -> Float[Array, "V D"]:
    dW = np.zeros((V, de.shape[1]))
    for t, w in enumerate(tokens):
        dW[w] += de[t]
    return dW


ADD, COLLECTED = "dW[w] += de[t]", "return dW"
THREE_TIMES = "word 2 occurs three times but only its"
OFTEN = "np.bincount(tokens, minlength=V)[:, None]"

mistakes_in_gradient = Diagnosis(
    embedding_gradient, lambda: (np.array([2, 3, 2, 0, 2]), np.random.default_rng(1).normal(size=(5, 3)), 6), "dW",
    hint="row w collects de[t] of all steps with tokens[t] == w",
    slips=tuple(Slip(*mistake) for mistake in (
        (COLLECTED, "return 0 * dW", "all zeros, which is what the stub did.", "add de[t] to the row of the word at step t"),
        ("+=", "=", f"{THREE_TIMES} last gradient is there. Either = stands where += belongs, or it was `dW[tokens] += de`, "
         "which reads each row once, adds, and writes it back: of several additions to the same row one survives.", "a loop over "
         "t with dW[tokens[t]] += de[t]"),
        (("enumerate(tokens)", "+="), ("reversed(list(enumerate(tokens)))", "="), f"{THREE_TIMES} first gradient is there.",
         "add at every step: dW[tokens[t]] += de[t]"),
        (ADD, "dW[t] += de[t]", "row t received de[t], but the rows of W belong to words, not to steps.", "dW[tokens[t]] += "
         "de[t]"),
        (ADD, "dW[w] += de[w]", "you added de[tokens[t]], but de has a row for each step, not for each word.", "dW[tokens[t]] += "
         "de[t]"),
        ("+=", "-=", "that is minus the gradient. Going downhill is the optimiser's business.", "+=, not -="),
        (COLLECTED, f"return dW * {OFTEN}", "the gradients of a repeated word are added up and then multiplied by how often it "
         "occurs: it counts twice over.", "the sum is all: do not multiply"),
        (ADD, "dW += de[t]", "every word received the gradients of all steps.", "step t adds to one row: dW[tokens[t]] += de[t]"),
        (COLLECTED, f"return dW / np.maximum({OFTEN}, 1)", "the gradients of a repeated word are averaged; the product rule says "
         "sum.", "do not divide by how often"),
        (COLLECTED, "return dW / len(tokens)", "everything is divided by T; any mean belongs to the loss and is already inside "
         "de.", "leave it out"),
        (ADD, "dW[w] += de[t] * (w > 0)", "row 0 got nothing. That padding learns nothing is the mask's business: it makes de "
         "zero there.", "treat word 0 like all others"),
    )),
)  # fmt: skip


def diagnose_gradient(answer: Callable[..., Any]) -> None:
    tokens, de, V = mistakes_in_gradient.given()
    result = call(answer, tokens, de, V)
    if np.shape(result) == (V,):
        raise NotYet(
            "you summed over the features, too; each of the D numbers has its own gradient.", "np.zeros((V, D))"
        )
    if np.shape(result) == (3, V):
        raise NotYet("dW is lying on its side, (D, V).", "dW has the shape of W: np.zeros((V, D))")
    for rows, counted in ((4, "up to the largest token"), (3, "that occur in the text")):
        if np.shape(result) == (rows, 3):
            raise NotYet(
                f"dW: shape ({rows}, 3), wanted (6, 3): it has rows for the words {counted}. The others have a gradient, "
                "too: 0.",
                "np.zeros((V, D))",
            )
    if np.shape(result) == de.shape:
        raise NotYet("that has a row for each step; dW has one for each word of the vocabulary.", "np.zeros((V, D))")
    mistakes_in_gradient.name(result)
    agree(
        call(answer, np.array([1, 1]), np.ones((2, 2)), 2),
        np.array([[0, 0], [2, 2]]),
        "dW of the text 1, 1",
        "row 1 collects both steps, row 0 nothing",
    )
    for words, *case in (
        ("T = 1", tokens[:1], de[:1], V),
        ("D = 1", tokens, de[:, :1], V),
        ("a vocabulary of one word", np.zeros(5, int), de, 1),
        ("gradients a billion times as large", tokens, 1e9 * de, V),
        ("a text longer than the vocabulary", np.tile(tokens, 9), np.tile(de, (9, 1)), 4),
        ("gradients a billion times as small", tokens, 1e-9 * de, V),
    ):
        edge(words, answer, embedding_gradient, *case)


def masked_mean(e: Float[Array, "T B D"], mask: Bool[Array, "T B"]) -> Float[Array, "B D"]:
    return (e * mask[..., None]).sum(axis=0) / mask.sum(axis=0)[:, None]


def _batch() -> tuple[Array, Array]:
    """No text fills all steps."""
    mask = np.array([[1, 1, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]], bool)
    return np.random.default_rng(2).normal(size=(4, 3, 2)), mask


MEAN, SUM, NUMBER = (
    "(e * mask[..., None]).sum(axis=0) / mask.sum(axis=0)[:, None]",
    "(e * mask[..., None]).sum(axis=0)",
    "mask.sum(axis=0)",
)
MULTIPLY, LARGEST = "multiply by mask[..., None] first", "that is the largest number over time; wanted the mean."

mistakes_in_mean = Diagnosis(
    masked_mean, _batch, "the mean", hint="each text: the sum over its real steps, divided by how many there are",
    slips=(
        *(Slip(MEAN, *mistake) for mistake in (
            ("0 * e[0]", "all zeros, which is what the stub did.", "sum over time, divide by the number of real steps"),
            ("e.mean(axis=0)", "that is the mean over all steps, padding included.", MULTIPLY),
            ("(e * mask[..., None]).mean(axis=0)", "padding adds nothing to the sum, but it still counts in the division by T.",
             f"divide by {NUMBER}"),
            (SUM, "that is the sum; a long review would shout louder than a short one.", f"divide by {NUMBER}"),
            (f"e.sum(axis=0) / {NUMBER}[:, None]", "the division is right, but the sum still takes padding in.", MULTIPLY),
            (f"{SUM} / {NUMBER}.max()", "divided by the steps of the longest text; each text has its own number.", NUMBER),
            (f"{SUM} / mask.sum()", "divided by the real steps of the whole batch; each text has its own number.", NUMBER),
            ("np.where(mask[..., None], e, -np.inf).max(axis=0)", LARGEST, f"sum, then divide by {NUMBER}"),
            ("e.max(axis=0)", LARGEST, f"sum, then divide by {NUMBER}"),
        )),
        *(Slip("return", f"mask = {moved}\n    return", f"you averaged over the {which} steps of each text, as many as are real. "
               "But padding may stand at either end: the mask says where.", MULTIPLY)
          for which, moved in (("first", "np.sort(mask, axis=0)[::-1]"), ("last", "np.sort(mask, axis=0)"))),
        Slip("return", "mask = ~mask\n    return", "that is the mean over the padding: the mask is True at the *real* steps.",
             "mask, not ~mask"),
    ),
)  # fmt: skip


def diagnose_mean(answer: Callable[..., Any]) -> None:
    e, mask = _batch()
    result = call(answer, e, mask)
    if np.shape(result) == (2,):
        raise NotYet(
            "that is one mean for the whole batch (e[mask] forgets which text a step is from).", "sum over axis 0 only"
        )
    if np.shape(result) == (4, 2):
        raise NotYet("you averaged over the texts; time is the first axis.", "axis=0")
    if np.shape(result) == (3,):
        raise NotYet("you averaged over the features, too; each has a mean of its own.", "axis=0 only")
    if np.shape(result) == (1, 3, 2):
        raise NotYet("an axis of length 1 is left where time was.", "sum(axis=0), without keepdims")
    mistakes_in_mean.name(result)
    rng = np.random.default_rng(20)
    again(answer, masked_mean, (rng.normal(size=(5, 4, 2)), np.arange(5)[:, None] < [1, 5, 2, 3]))
    for words, T, B, D in (("T = 1", 1, 3, 2), ("B = 1", 4, 1, 2), ("D = 1", 4, 3, 1), ("T = B = D", 3, 3, 3)):
        real = rng.permuted(np.arange(T)[:, None] <= np.arange(B), axis=0)  # 1, 2, ... of the steps, anywhere
        edge(words, answer, masked_mean, rng.normal(size=(T, B, D)), real)
    edge("numbers a billion times as large", answer, masked_mean, 1e9 * e, mask)
    edge("numbers a billion times as small", answer, masked_mean, 1e-9 * e, mask)


EXERCISES = (
    Exercise(
        "01.1",
        "a vocabulary with a cut-off",
        numbered,
        diagnose_numbered,
        hints=(
            "Three steps: keep the words seen often enough, sort them, number them.",
            "sorted(words, key=lambda w: (-counts[w], w)) puts frequent words first and settles ties by the alphabet.",
        ),
    ),
    Exercise(
        "01.2",
        "pad and truncate at the front",
        align_to_the_end,
        diagnose_align,
        hints=(
            "The last T tokens of a sequence are sequence[-T:], also if it is shorter.",
            "With last = sequence[-T:], they fill the rows T - len(last) to T - 1 of column b; the mask is True there.",
        ),
    ),
    Exercise(
        "01.3",
        "the lookup as a product",
        lookup_by_product,
        diagnose_lookup,
        hints=(
            "Row t of the one-hot array has V numbers and a single 1. Where?",
            "one_hot[np.arange(T), tokens] = 1 sets all ones at once; the product is one_hot @ W.",
        ),
        praise="So an embedding is a linear layer whose input happens to be one-hot; the lookup only saves the zeros.",
    ),
    Exercise(
        "01.4",
        "the gradient of the embedding",
        embedding_gradient,
        diagnose_gradient,
        hints=(
            "Step t used row tokens[t] of W, so that row receives de[t].",
            "Start from zeros and add inside a loop over t: dW[tokens[t]] += de[t].",
        ),
        praise="Repeated words accumulate. You have written your first backward pass.",
    ),
    Exercise(
        "01.5",
        "a mean that ignores padding",
        masked_mean,
        diagnose_mean,
        hints=(
            "mask[..., None] has the shape (T, B, 1), which multiplies (T, B, D).",
            "Divide the sum over time by mask.sum(axis=0)[:, None], the number of real steps of each text.",
        ),
    ),
)
