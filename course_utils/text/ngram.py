"""Counting n-grams: the table behind every language model of chapter 03.

An n-gram is n tokens in a row. All orders 1 ... n are counted at once and kept as a *trie in sorted arrays*: an m-gram
is its context (the m-1 tokens in front, known by their rank among the (m-1)-grams) and its last token w, in one key

    key_m = rank_{m-1}(context) * V + w ,

so a key never exceeds (number of tokens) * V and cannot overflow, where the plain mixed radix V**n of a 10,000 word
vocabulary leaves 64 bits at n = 5. What is kept grows with the n-grams *seen*, never with the V**n possible ones.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from course_utils.shapes import expect_whole
from course_utils.text.stream import Tokens, as_tokens
from course_utils.tree import Array


def distinct(
    keys: Int[Array, "T"], size: int
) -> tuple[Int[Array, "G"], Int[Array, "G"], Int[Array, "T"], Int[Array, "G"]]:
    """The distinct keys in order, how often each occurs, the rank of each key, and one position where each stands.

    All keys lie in [0, size). A dense table is used where it is no larger than the text, a sort where it is.
    """
    T = len(keys)
    if size <= 2 * T:
        table = np.bincount(keys.astype(np.intp), minlength=size)
        unique = np.flatnonzero(table)
        rank = np.cumsum(table > 0, dtype=np.int32)[keys] - 1
        where = np.empty(len(unique), np.intp)
        where[rank] = np.arange(T)
        return unique.astype(np.int64), table[unique], rank, where
    order = np.argsort(keys)
    ordered = keys[order]
    new = np.r_[True, ordered[1:] != ordered[:-1]] if T else np.zeros(0, bool)
    first = np.flatnonzero(new)
    rank = np.empty(T, np.int32)
    rank[order] = np.cumsum(new, dtype=np.int32) - 1
    return ordered[first], np.diff(first, append=T), rank, order[first]


MOST = 1_000
"""The largest order that is counted."""


@dataclass(frozen=True, eq=False, repr=False)
class NGrams:
    """How often every sequence of 1 ... n tokens occurs in a text. Lists are indexed by order: `keys[m]`, m = 1 ... n.

    With `boundary=None` the text is one endless stream (the first tokens simply have shorter contexts). With a boundary
    token the stream is texts that each *end* with it (see `join`): a context never reaches into the previous text but
    is filled up with the boundary on the left, and the boundary is itself predicted, so the model learns how texts end.
    Either way each of the T tokens is predicted exactly once.

    keys[m]    sorted packed m-grams, int64 (G_m,)
    counts[m]  how often each occurs, int32 (G_m,)
    suffix[m]  rank of the m-gram without its first token among the (m-1)-grams, int32 (G_m,)
    """

    n: int
    V: int
    boundary: int | None
    T: int
    keys: tuple[Array, ...]
    counts: tuple[Array, ...]
    suffix: tuple[Array, ...]

    @classmethod
    def count(cls, tokens: Tokens, n: int, V: int, *, boundary: int | None = None) -> "NGrams":
        """Count all 1- to n-grams of `tokens` (T,), integers in [0, V). O(n T log T) time, O(T) working memory.

        Raises ValueError for n < 1, V < 1, a boundary outside the vocabulary, and tokens that are not tokens.
        """
        expect_whole("NGrams.count", n=n, V=V)
        n, V = int(n), int(V)  # NumPy's small integers would overflow
        if n > MOST:
            raise ValueError(f"NGrams.count: wanted an order n <= {MOST}, got {n}; longer n-grams hardly occur twice")
        expect_whole("NGrams.count", low=0, boundary=boundary or 0)
        if boundary is not None and boundary >= V:
            raise ValueError(f"NGrams.count: wanted a boundary token in 0 ... {V - 1} (or None), got {boundary}")
        stream = as_tokens(tokens, V, where="NGrams.count")
        if (len(stream) + 1) * V >= 2**63:
            raise ValueError(
                f"NGrams.count: {len(stream)} tokens times V = {V} leaves 64 bits; renumber the tokens first"
            )
        root = np.zeros(1, np.int64)
        keys, counts, suffix = [root], [np.array([len(stream)], np.int64)], [root]
        rank = np.zeros(len(stream) + 1, np.int32)  # of the empty context, one in front of each token
        for m in range(1, n + 1):
            context = _contexts(rank, stream, m, len(keys[-1]), boundary)
            last = stream[len(stream) - len(context) :]
            shorter = rank[len(rank) - len(context) :]
            unique, how_often, rank, where = distinct(context * V + last, (len(keys[-1]) + 1) * V)
            keys.append(unique)
            counts.append(how_often.astype(np.int32))
            suffix.append(shorter[where] if m > 1 else np.zeros(len(unique), np.int32))
        return cls(n, V, boundary, len(stream), tuple(keys), tuple(counts), tuple(suffix))

    @property
    def seen(self) -> tuple[int, ...]:
        """How many different m-grams were seen, for m = 1 ... n."""
        return tuple(len(keys) for keys in self.keys[1:])

    @property
    def nbytes(self) -> int:
        """Bytes of all stored arrays."""
        return sum(array.nbytes for part in (self.keys, self.counts, self.suffix) for array in part)

    def __repr__(self) -> str:
        seen = ", ".join(f"{count:,}" for count in self.seen)
        return f"NGrams(n={self.n}, V={self.V:,}, {self.T:,} tokens, seen of order 1 to {self.n}: {seen})"

    def start(self, m: int) -> int:
        """The rank that stands for "m boundary tokens" as a context: one past the real m-grams."""
        return len(self.keys[m]) if m else 0

    def find(self, tokens: Tokens, n: int | None = None) -> list[tuple[Int[Array, "T"], Int[Array, "T"]]]:
        """For orders 1 ... n and every token: the rank of its context and of the m-gram ending there; -1 = never seen.

        Without a boundary token the arrays of order m are shorter, T - m + 1: the first tokens have no such context.
        """
        stream = as_tokens(tokens, self.V, where="NGrams.find")
        rank, found = np.zeros(len(stream) + 1, np.int32), []
        for m in range(1, self._order(n, "find") + 1):
            context = _contexts(rank, stream, m, len(self.keys[m - 1]), self.boundary)
            last, shorter = (
                stream[len(stream) - len(context) :],
                rank[len(rank) - len(context) :],
            )
            rank = np.full(len(context), -1, np.int64)
            possible = np.flatnonzero(
                (context >= 0) & (shorter >= 0)
            )  # a seen m-gram has a seen context and a seen suffix
            rank[possible] = self._lookup(m, context[possible] * self.V + last[possible])
            found.append((context, rank))
        return found

    def contexts(self, context: Tokens, n: int | None = None) -> list[int]:
        """The ranks of the last 0, 1, ..., n-1 tokens of `context` (-1 = never seen); shorter where `context` is.

        A boundary token in `context` begins a text there: what stands before it does not count.
        """
        tokens = as_tokens(context, self.V, where="NGrams.contexts", empty=True)
        n = self._order(n, "contexts")
        tokens = tokens[max(len(tokens) - n + 1, 0) :]
        ends = np.flatnonzero(tokens == self.boundary) if self.boundary is not None else tokens[:0]
        ranks = [0]
        for length in range(1, n if len(ends) else len(tokens) + 1):
            inside = tokens[ends[-1] + 1 :] if len(ends) else tokens
            words = inside[max(len(inside) - length, 0) :]
            fill = length - len(words)
            ranks.append(self._walk(fill, self.start(fill), words))
        return ranks

    def of(self, gram: Tokens) -> int:
        """How often one n-gram, given as its tokens, was counted (0: never). ValueError if it is longer than n."""
        tokens = as_tokens(gram, self.V, where="NGrams.of")
        if len(tokens) > self.n:
            raise ValueError(f"NGrams.of: wanted at most n = {self.n} tokens, got {len(tokens)}; count a higher order")
        rank = self._walk(0, 0, tokens)
        return int(self.counts[len(tokens)][rank]) if rank >= 0 else 0

    def following(self, m: int, context: int) -> slice:
        """The m-grams that begin with this context (a rank of order m-1) stand next to each other: their slice."""
        low, high = np.searchsorted(self.keys[m], [context * self.V, (context + 1) * self.V])
        return slice(int(low), int(high))

    def unseen(self, tokens: Tokens) -> tuple[float, ...]:
        """The share of the m-grams of `tokens` that were never counted, for m = 1 ... n (nan where there are none)."""
        return tuple(float(np.mean(rank < 0)) if len(rank) else float("nan") for _, rank in self.find(tokens))

    def _order(self, n: int | None, where: str) -> int:
        expect_whole(f"NGrams.{where}", n=1 if n is None else n)
        if n is not None and n > self.n:
            raise ValueError(f"NGrams.{where}: wanted an order n <= {self.n}, got {n}; count a higher one")
        return self.n if n is None else n

    def _walk(self, m: int, rank: int, words: Int[Array, "K"]) -> int:
        """From a context of order m, word by word, to the rank of the longer one (-1 = never seen)."""
        for w in words:
            m += 1
            rank = int(self._lookup(m, np.array([rank * self.V + w]))[0]) if rank >= 0 else -1
        return rank

    def _lookup(self, m: int, keys: Int[Array, "K"]) -> Int[Array, "K"]:
        if not len(self.keys[m]):
            return np.full(len(keys), -1)
        place = np.minimum(np.searchsorted(self.keys[m], keys), len(self.keys[m]) - 1)
        return np.where(self.keys[m][place] == keys, place, -1)


def _contexts(rank: Array, stream: Array, m: int, size: int, boundary: int | None) -> Int[Array, "T"]:
    """Ranks of the order m contexts; `rank` holds those of the (m-1)-grams, each the context of the token after it."""
    if m == 1:
        return np.zeros(len(stream), np.int64)
    if boundary is None:
        return rank[:-1].astype(np.int64)
    context = np.empty(len(stream), np.int64)
    context[0], context[1:] = size, np.where(stream[:-1] == boundary, size, rank[:-1])
    return context
