"""From encoded texts of many lengths to rectangular minibatches.

Time comes first: a minibatch is ``(T, B)``, one text a column. Two ways lead there. *Texts with a label* are aligned:
`align` pads and truncates, its mask says which steps are real, `minibatches` and `buckets` choose who is together.
*One long corpus* for a language model is cut into windows: `random_partition`, `sequential_partition`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
from jaxtyping import Bool, Int

from course_utils.shapes import expect, expect_rng, expect_whole
from course_utils.text.entries import expect_iterable
from course_utils.tree import Array

End = Literal["front", "back"]
PADDING = 0


def truncate(tokens: Int[Array, "T"], length: int, at: End = "back") -> Int[Array, "S"]:
    """At most `length` tokens: what is too much is cut off at the back (the beginning stays) or at the front."""
    tokens = expect(tokens, "T", what="tokens", where="truncate", kind="int")
    _expect_end(at, "truncate")
    expect_whole("truncate", length=length)
    return tokens[:length] if at == "back" else tokens[max(len(tokens) - length, 0) :]


def align(
    sequences: Iterable[Int[Array, "_"]],
    length: int | None = None,
    *,
    pad_at: End = "back",
    truncate_at: End = "back",
) -> tuple[Int[Array, "T B"], Bool[Array, "T B"]]:
    """Texts of many lengths as the columns of one array with T = `length`, and a mask that is True at real tokens.

    Without `length`, T is the longest text's, so that nothing is cut.

    Raises ValueError for no sequences, an empty one (its mask would have no True), numbers that are not integers, a
    length below 1, or an end other than "front" and "back".
    """
    sequences = list(expect_iterable(sequences, "align"))
    if not sequences:
        raise ValueError("align: wanted at least one sequence, got none")
    rows = [expect(row, "T", what=f"sequence {k}", where="align", kind="int") for k, row in enumerate(sequences)]
    empty = [k for k, row in enumerate(rows) if len(row) == 0]
    if empty:
        raise ValueError(f"align: wanted at least one token in every sequence, got none in {empty[:5]}; leave them out")
    T = max(map(len, rows)) if length is None else length
    expect_whole("align", length=T)
    rows = [truncate(row, T, truncate_at) for row in rows]
    _expect_end(pad_at, "align")
    tokens = np.full((T, len(rows)), PADDING, np.intp)
    mask = np.zeros((T, len(rows)), bool)
    for b, row in enumerate(rows):
        real = slice(0, len(row)) if pad_at == "back" else slice(T - len(row), T)
        tokens[real, b] = row
        mask[real, b] = True
    return tokens, mask


def minibatches(N: int, B: int, *, rng: np.random.Generator) -> list[Int[Array, "_"]]:
    """The numbers 0 ... N-1 in random order, in groups of B (the last may be smaller): which texts go together."""
    expect_whole("minibatches", N=N, B=B)
    expect_rng("minibatches", rng)
    order = rng.permutation(N)
    return [order[start : start + B] for start in range(0, N, B)]


def buckets(lengths: Sequence[int] | Int[Array, "N"], B: int, *, rng: np.random.Generator) -> list[Int[Array, "_"]]:
    """Like `minibatches`, but texts of similar length go together, so that `align` has little to pad.

    Sorts by length, ties in random order, cuts into groups of B and shuffles the groups.
    """
    expect_rng("buckets", rng)
    lengths = expect(lengths, "N", what="lengths", where="buckets", kind="int")
    expect_whole("buckets", N=len(lengths), B=B)
    shuffled = rng.permutation(len(lengths))
    order = shuffled[np.argsort(lengths[shuffled], kind="stable")]
    groups = [order[start : start + B] for start in range(0, len(order), B)]
    return [groups[k] for k in rng.permutation(len(groups))]


Window = tuple[Int[Array, "T B"], Int[Array, "T B"]]
"""x and y of a language model: y is x one step later, ``y[:-1] == x[1:]``."""


def random_partition(corpus: Int[Array, "_"], T: int, B: int, *, rng: np.random.Generator) -> Iterator[Window]:
    """Windows of T steps in random order, B at a time; each starts with no memory of another.

    The windows do not overlap and begin after a random offset below T, so that another epoch cuts elsewhere. What does
    not fill a minibatch is left for another epoch.

    Raises ValueError where the corpus does not fill one minibatch for every offset: T·(B+1) tokens do.
    """
    expect_whole("random_partition", T=T, B=B)
    expect_rng("random_partition", rng)
    T, B = int(T), int(B)  # NumPy's small integers would overflow
    corpus = _expect_corpus(corpus, T, B, T * (B + 1), "random_partition")
    offset = int(rng.integers(T))
    starts = rng.permutation(np.arange(offset, len(corpus) - T, T))
    return _windows(corpus, T, (starts[k : k + B] for k in range(0, len(starts) - B + 1, B)))


def sequential_partition(corpus: Int[Array, "_"], T: int, B: int, *, offset: int = 0) -> Iterator[Window]:
    """The corpus as B long columns, T steps at a time: column b of a minibatch goes on where it ended in the one before.

    So a recurrent model may carry its state from minibatch to minibatch (Zaremba et al. 2014, section 4.1). Pass another
    `offset`, such as ``int(rng.integers(T))``, in every epoch to cut elsewhere.

    Raises ValueError for a negative offset, or if fewer than offset + T·B + 1 tokens are there.
    """
    expect_whole("sequential_partition", T=T, B=B)
    expect_whole("sequential_partition", low=0, offset=offset)
    T, B, offset = int(T), int(B), int(offset)  # NumPy's small integers would overflow
    corpus = _expect_corpus(corpus, T, B, offset + T * B + 1, "sequential_partition")
    column = (len(corpus) - 1 - offset) // B
    heads = offset + column * np.arange(B)
    return _windows(corpus, T, (heads + t for t in range(0, column - T + 1, T)))


def _windows(corpus: Array, T: int, starts: Iterator[Array]) -> Iterator[Window]:
    steps = np.arange(T)[:, None]
    return ((corpus[steps + start], corpus[steps + start + 1]) for start in starts)


def _expect_corpus(corpus: Array, T: int, B: int, least: int, where: str) -> Array:
    expect_whole(where, T=T, B=B)
    corpus = expect(corpus, "T", what="corpus", where=where, kind="int")
    if len(corpus) < least:
        raise ValueError(
            f"{where}: wanted at least {least} tokens for T={T} and B={B}, got {len(corpus)}; take smaller ones"
        )
    return corpus


def _expect_end(at: str, where: str) -> None:
    if at not in ("front", "back"):
        raise ValueError(f'{where}: wanted "front" or "back", got {at!r}')
