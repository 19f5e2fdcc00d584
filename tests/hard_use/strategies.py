"""What a learner may hand over, on purpose or by mistake: texts, numbers and arrays, from the usual to the absurd.

`result` is the one rule: a call gives a result, or it is refused with a message that says what was wanted.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

characters = st.characters(exclude_categories=())  # lone surrogates, NUL and private use included
snippets = st.sampled_from(
    ["שלום עולם", "مرحبا بالعالم", "e\u0301e\u0301", "Z\u0351\u036b\u0343a\u0338l\u0334go", "👩\u200d👩\u200d👧", "🇬🇧", "\x00",
     "\ud83d", "\u202eabc", "ẞİﬁǅ", "\u200b", "\ufeff", "\x1b[31m", "<br", "<br/>", "&amp;", "&#0;", "$x^{", "%s{}\\n",
     "\u2028", "don’t", "..."]
)  # fmt: skip
texts = st.one_of(
    st.text(characters, max_size=40),
    st.lists(st.one_of(snippets, st.text(characters, max_size=5)), max_size=8).map("".join),
    st.lists(st.sampled_from("the plot was not very good , bad film !".split()), min_size=1, max_size=12).map(" ".join),
)
"""Any text, the empty one too."""
filled = texts.filter(lambda text: text and not text.isspace())
"""Texts with something in them."""
huge = st.builds(lambda piece, n: (piece * (n // len(piece) + 1))[:n], filled, st.just(100_000))
"""One hundred thousand characters."""

numbers = st.one_of(
    st.integers(-3, 12),
    st.sampled_from([10**6, -(2**40), 2**63, 10**30]),
    st.floats(),
    st.floats(-2, 2),
    st.booleans(),
    st.integers(-3, 12).map(np.int64),
    st.floats(width=32).map(np.float32),
)
"""Numbers of every kind and size, nan and the infinities among them."""
sizes = numbers.filter(lambda n: not isinstance(n, int) or n <= 12)
"""As `numbers`, without whole numbers so large that what they ask for would rightly be made, and fill the memory."""

DTYPES = ("f8", "f4", "f2", "i8", "i1", "u1", "u8", "?", "c16", "U3", "O")
nested = st.recursive(st.integers(-2, 9) | st.floats(-2, 9), lambda inner: st.lists(inner, max_size=4), max_leaves=9)
"""Numbers in lists in lists, ragged more often than not."""
anything = st.one_of(
    st.sampled_from(DTYPES).flatmap(
        lambda dtype: (
            arrays(dtype, array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4), fill=st.nothing())
            if dtype != "O"
            else st.just(np.array([None, 1, "a"], object))
        )
    ),
    nested,
    numbers,
    texts,
    st.none(),
)
"""Anything that is no array of the right kind, and sometimes one that is."""

token_arrays = arrays(
    st.sampled_from(["i8", "i4", "i1", "u1", "u8"]),
    array_shapes(min_dims=1, max_dims=1, min_side=0, max_side=20),
    elements=st.integers(0, 6),
    fill=st.nothing(),
)
"""One text of tokens below 7, of any kind of integer."""


def mostly(good: st.SearchStrategy[Any], bad: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Four times of five the good one, lest with several arguments nothing ever works."""
    return st.integers(0, 4).flatmap(lambda k: good if k else bad)


small = mostly(st.integers(1, 6), sizes)
positive = mostly(st.floats(0.01, 5), numbers)
shares = mostly(st.floats(0.01, 1), numbers)
streams = mostly(token_arrays, st.one_of(token_arrays.map(list), anything))


def rng() -> np.random.Generator:
    """A fresh generator: what is drawn plays no part in these tests."""
    return np.random.default_rng(0)


def reals(shape: Any, largest: float = 1e6, dtype: str = "f8", **options: Any) -> st.SearchStrategy[np.ndarray]:
    """Arrays of finite numbers."""
    width = {"f8": 64, "f4": 32}[dtype]
    elements = st.floats(-largest, largest, width=width, **options)
    return arrays(dtype, shape, elements=elements, fill=st.nothing())


SAYS = re.compile(r"\bwant(s|ed)?\b|reserves")


def result(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What the call gives, or None if it was refused in words; any other error, and any warning, fails the test."""
    try:
        return call(*arguments, **named)
    except (ValueError, FileNotFoundError) as error:
        said = str(error)
        assert SAYS.search(said), f"does not say what was wanted: {said!r}"
        assert len(said) < 1_000, f"{len(said)} characters are too many to read"
        return None


def at_most(examples: int) -> settings:
    """For slow tests: so many examples of the default profile's 100, and as large a share of any other's."""
    return settings(max_examples=max(1, settings().max_examples * examples // 100))
