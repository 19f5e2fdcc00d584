"""Exercise 01.3: the one-hot vectors of a text, and their product with W."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Real

from course_utils.exercises.exercise import NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.tree import Array


class NeverIndexed(np.ndarray):
    """A matrix that takes part in every product, and that nothing can be looked up in."""

    def __getitem__(self, key: Any) -> Any:
        raise NotYet(
            "the numbers are right, but rows of W were looked up. Here the product is to pick them.", "one_hot @ W"
        )

    def take(self, *_: Any, **__: Any) -> Any:
        return self[0]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return getattr(ufunc, method)(*map(_indexable, inputs), **options)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        return self[0] if function is np.take else function(*map(_indexable, arguments), **options)

    def __str__(self) -> str:  # printing looks numbers up
        return str(np.asarray(self))

    __repr__ = __str__


def _indexable(argument: Any) -> Any:
    return np.asarray(argument) if isinstance(argument, NeverIndexed) else argument


def lookup_by_product(
    tokens: Int[Array, " T"], W: Real[Array, "V D"]
) -> tuple[Float[Array, "T V"], Float[Array, "T D"]]:
    one_hot = np.zeros((len(tokens), len(W)))
    one_hot[np.arange(len(tokens)), tokens] = 1
    return one_hot, one_hot @ W


def diagnose_lookup(answer: Callable[..., Any]) -> None:
    tokens, W = np.array([3, 0, 3, 1]), np.random.default_rng(0).normal(size=(5, 2))
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
    if not one_hot.any():
        raise NotYet("all zeros, which is what the stub did.", "one 1 in each row, at the place of the token")
    want = lookup_by_product(tokens, W)
    swapped, off_by_one = np.zeros((4, 5)), np.zeros((4, 5))
    swapped[tokens, np.arange(4)] = 1
    off_by_one[np.arange(4), tokens - 1] = 1
    if close(one_hot, swapped):
        raise NotYet(
            "rows and columns are swapped: you wrote one_hot[tokens[t], t].",
            "the row is the step: one_hot[t, tokens[t]]",
        )
    if close(one_hot, want[0] * tokens[:, None]):
        raise NotYet(
            "the entries are the tokens themselves; wanted a 1 at the place of each.", "one_hot[t, tokens[t]] = 1"
        )
    if close(one_hot, want[0] * (tokens > 0)[:, None]):
        raise NotYet("the row of token 0 is empty. Padding is a word like any other here.", "leave out the test for 0")
    if close(one_hot, 1 - want[0]):
        raise NotYet("0 and 1 are the wrong way round.", "a single 1 in each row, all else 0")
    if (np.count_nonzero(one_hot, axis=1) > 1).any():
        raise NotYet(
            "some rows hold more than one 1: one_hot[:, tokens] = 1 sets whole columns.",
            "one_hot[np.arange(T), tokens] = 1 pairs each row with its token",
        )
    if close(one_hot, want[0][::-1]):
        raise NotYet("the steps are in reverse order.", "row t belongs to tokens[t]")
    if close(one_hot, off_by_one):
        raise NotYet(
            "every 1 stands one place too far left: tokens count from 0.", "place tokens[t], not tokens[t] - 1"
        )
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
    call(answer, tokens, W.view(NeverIndexed))
