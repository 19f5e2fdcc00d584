"""Exercise 01.3: the one-hot vectors of a text, and their product with W."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Real

from course_utils.exercises.exercise import NotYet, again, agree, call, edge, same_shape, several
from course_utils.exercises.slips import Diagnosis, Slip
from course_utils.tree import Array

PICKING = {np.take, np.take_along_axis, np.compress, np.choose, np.select, np.extract, np.delete}


class Watched(np.ndarray):
    """A matrix that takes part in every product, and remembers what became of rows that were read on their own.

    All its numbers differ, so that each says which row it is from.
    """

    row_of: dict[float, int]
    read: set[int]
    multiplied: set[int]

    def __array_finalize__(self, parent: Any) -> None:
        if isinstance(parent, Watched):
            self.row_of, self.read, self.multiplied = parent.row_of, parent.read, parent.multiplied

    def looked_up(self) -> bool:
        """Were some rows picked out, and not all of them to be multiplied one by one?"""
        return bool(self.read) and (self.read != set(self.row_of.values()) or not self.read <= self.multiplied)

    def _rows(self, part: Any) -> set[int]:
        """The rows that all its numbers are from; none if these are all rows, or if there are other numbers in it."""
        rows = {self.row_of.get(number, -1) for number in np.ravel(np.asarray(part)).tolist()}
        return set() if -1 in rows or rows == set(self.row_of.values()) else rows

    def _picked(self, part: Any) -> Any:
        rows = self._rows(part)
        self.read |= rows
        if np.ndim(part):
            watched_part = np.asarray(part).view(Watched)
            watched_part.__array_finalize__(self)
            return watched_part
        self.multiplied |= rows  # of a single number nobody can tell
        return part

    def __getitem__(self, key: Any) -> Any:
        return self._picked(np.asarray(self)[key])

    def take(self, *arguments: Any, **options: Any) -> Any:
        return self._picked(np.asarray(self).take(*arguments, **options))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        for one in inputs:
            if isinstance(one, Watched):
                self.multiplied |= self._rows(one)
        return getattr(ufunc, method)(*_plain(inputs), **_plain(options))

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        result = function(*_plain(arguments), **_plain(options))
        return self._picked(result) if function in PICKING else result  # a product with one-hot rows gives rows, too

    def __str__(self) -> str:  # printing looks numbers up
        return str(np.asarray(self))

    __repr__ = __str__


def watched(W: Real[Array, "V D"]) -> Watched:
    """A copy of W that remembers which rows were picked from it, or from any part of it."""
    copy = W.copy().view(Watched)
    copy.row_of = {number: row for row, numbers in enumerate(W.tolist()) for number in numbers}
    copy.read, copy.multiplied = set(), set()
    return copy


def _plain(argument: Any) -> Any:
    """Everything in it that is watched as an ordinary array."""
    if isinstance(argument, list | tuple):
        return type(argument)(map(_plain, argument))
    if isinstance(argument, dict):
        return {key: _plain(value) for key, value in argument.items()}
    return np.asarray(argument) if isinstance(argument, Watched) else argument


def lookup_by_product(
    tokens: Int[Array, "T"], W: Real[Array, "V D"]
) -> tuple[Float[Array, "T V"], Float[Array, "T D"]]:
    one_hot = np.zeros((len(tokens), len(W)))
    one_hot[np.arange(len(tokens)), tokens] = 1
    return one_hot, one_hot @ W


ONES, RESULTS = "one_hot[np.arange(len(tokens)), tokens] = 1", "return one_hot, one_hot @ W"
TEXT, TABLE = np.array([3, 0, 3, 1]), np.random.default_rng(0).normal(size=(5, 2))

mistakes_in_one_hot = Diagnosis(
    lookup_by_product, tuple, "the array of one-hot vectors", ask=lambda answer: answer(TEXT, TABLE)[0],
    slips=tuple(Slip(*mistake) for mistake in (
        (RESULTS, "return 0 * one_hot, 0 * one_hot @ W", "all zeros, which is what the stub did.", "one 1 in each row, at the "
         "place of the token"),
        (ONES, "one_hot[tokens, np.arange(len(tokens))] = 1", "rows and columns are swapped: you wrote one_hot[tokens[t], t].",
         "the row is the step: one_hot[t, tokens[t]]"),
        ("= 1", "= tokens", "the entries are the tokens themselves; wanted a 1 at the place of each.", "one_hot[t, tokens[t]] = "
         "1"),
        ("= 1", "= tokens > 0", "the row of token 0 is empty. Padding is a word like any other here.", "leave out the test for "
         "0"),
        (RESULTS, "return 1 - one_hot, one_hot @ W", "0 and 1 are the wrong way round.", "a single 1 in each row, all else 0"),
        (RESULTS, "return one_hot[::-1], one_hot @ W", "the steps are in reverse order.", "row t belongs to tokens[t]"),
        ("tokens] = 1", "tokens - 1] = 1", "every 1 stands one place too far left: tokens count from 0.", "place tokens[t], not "
         "tokens[t] - 1"),
    )),
)  # fmt: skip


def diagnose_lookup(answer: Callable[..., Any]) -> None:
    tokens, W = TEXT, TABLE
    one_hot, e = several(call(answer, tokens, W), "the one-hot vectors and their product with W", 2)
    if np.shape(one_hot) == (4, 4):  # T and the largest token + 1 are both 4 here: which is it?
        shorter, _ = several(call(answer, tokens[:3], W), "the one-hot vectors and their product with W", 2)
        raise NotYet(
            "the array of one-hot vectors: shape (4, 4), wanted (4, 5): "
            + (
                "you made a column for each *step*; a row has one for each word of the vocabulary."
                if np.shape(shorter) == (3, 3)
                else "you counted the words up to the largest token, but the last words need not occur in the text."
            ),
            "V is len(W)",
        )
    if np.shape(one_hot) == (4, 3):
        raise NotYet(
            "you made a column for each different word of the *text*, 3 of them; W has a row for each of the V = 5 words "
            "of the *vocabulary*.",
            "V is len(W), and the column is the token itself",
        )
    if np.shape(one_hot) == (5,):
        raise NotYet(
            "that is one vector for the whole text, which says what occurs and forgets where; wanted one row a step.",
            "np.zeros((T, V)), with its 1 in row t at place tokens[t]",
        )
    if np.shape(one_hot) == (5, 4):
        raise NotYet("the one-hot vectors are columns; wanted one row a step, (T, V).", "one_hot[t, tokens[t]] = 1")
    one_hot = same_shape(one_hot, (4, 5), "the array of one-hot vectors")
    mistakes_in_one_hot.explain((one_hot,))
    if (np.count_nonzero(one_hot, axis=1) > 1).any():
        raise NotYet(
            "some rows hold more than one 1: one_hot[:, tokens] = 1 sets whole columns.",
            "one_hot[np.arange(T), tokens] = 1 pairs each row with its token",
        )
    want = lookup_by_product(tokens, W)
    agree(one_hot, want[0], "the array of one-hot vectors", "row t has its 1 at place tokens[t]")
    if np.shape(e) == (2, 4):
        raise NotYet("the product is lying on its side, (D, T).", "one_hot @ W, in this order, has a row for each step")
    e = same_shape(e, (4, 2), "the product")
    if not e.any():
        raise NotYet("the one-hot vectors are right, the product is still 0.", "one_hot @ W")
    agree(e, want[1], "the product", "one_hot @ W")
    again(answer, lookup_by_product, (tokens[1:], np.arange(12.0).reshape(4, 3)))
    for words, *case in (
        ("T = 1", tokens[:1], W),
        ("D = 1", tokens, W[:, :1]),
        ("a vocabulary of one word", np.zeros(3, int), W[:1]),
        ("a W of whole numbers", np.array([1, 2, 2]), np.arange(6).reshape(3, 2)),
        ("T = V = D", np.array([2, 0, 0]), W[:3] @ W[:3].T),
    ):
        edge(words, answer, lookup_by_product, *case)
    table = watched(W)
    call(answer, tokens, table)
    if table.looked_up():
        raise NotYet(
            "the numbers are right, but rows of W were looked up. Here the product is to pick them.", "one_hot @ W"
        )
