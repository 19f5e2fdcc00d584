"""Counting n-grams: equal to a dictionary, for any stream; what is stored grows with what was seen, not with V**n."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.text.ngram import NGrams, distinct

STREAMS = st.lists(st.integers(0, 3), min_size=1, max_size=40)
BOUNDARIES = st.sampled_from([None, 0])


def unpack(counts: NGrams, m: int, rank: int) -> tuple[int, ...]:
    """The tokens of an m-gram, read back from its packed key; the boundary for the start of a text."""
    if m == 0:
        return ()
    if rank == counts.start(m):
        return (counts.boundary,) * m
    context, last = divmod(int(counts.keys[m][rank]), counts.V)
    return (*unpack(counts, m - 1, context), last)


@given(tokens=STREAMS, n=st.integers(1, 6), boundary=BOUNDARIES)
def test_counts_equal_those_of_a_dictionary(pairs, tokens, n, boundary):
    counts = NGrams.count(tokens, n, 4, boundary=boundary)
    for m in range(1, n + 1):
        slow = Counter((*c, w) for c, w in pairs(tokens, m, boundary) if len(c) == m - 1)
        fast = {unpack(counts, m, rank): int(count) for rank, count in enumerate(counts.counts[m])}
        assert fast == slow
        for rank in range(len(fast)):
            suffix = unpack(counts, m - 1, int(counts.suffix[m][rank]))
            assert suffix == unpack(counts, m, rank)[1:]
    assert counts.seen == tuple(map(len, counts.keys[1:]))


@given(tokens=STREAMS, held_out=STREAMS, n=st.integers(1, 5), boundary=BOUNDARIES)
def test_find_gives_the_rank_or_says_never_seen(pairs, tokens, held_out, n, boundary):
    counts = NGrams.count(tokens, n, 4, boundary=boundary)
    found = counts.find(held_out)
    assert len(found) == n
    for m, (contexts, ranks) in enumerate(found, start=1):
        seen = {unpack(counts, m, rank): rank for rank in range(counts.seen[m - 1])}
        expected = [seen.get((*c, w), -1) for c, w in pairs(held_out, m, boundary) if len(c) == m - 1]
        assert ranks.tolist() == expected
        for context, rank in zip(contexts, ranks, strict=True):
            assert rank < 0 or counts.keys[m][rank] // 4 == context
        if expected:
            assert counts.unseen(held_out)[m - 1] == pytest.approx(np.mean(np.array(expected) < 0))
        else:
            assert np.isnan(counts.unseen(held_out)[m - 1])


@given(tokens=STREAMS, n=st.integers(1, 5), boundary=BOUNDARIES, data=st.data())
def test_contexts_and_what_follows_them(pairs, tokens, n, boundary, data):
    counts = NGrams.count(tokens, n, 4, boundary=boundary)
    context = data.draw(st.lists(st.integers(0, 3), max_size=6))
    ranks = counts.contexts(context)
    begun = boundary is not None and boundary in context
    assert len(ranks) == (n if begun else min(n, len(context) + 1))
    padded = [boundary] * n + context[len(context) - context[::-1].index(boundary) :] if begun else context
    for m, rank in enumerate(ranks, start=1):
        wanted = tuple(padded[len(padded) - m + 1 :])
        slow = Counter(w for c, w in pairs(tokens, m, boundary) if c == wanted)
        if rank < 0:
            assert not slow
            continue
        here = counts.following(m, rank)
        fast = {
            int(key) % 4: int(count) for key, count in zip(counts.keys[m][here], counts.counts[m][here], strict=True)
        }
        assert fast == slow


def test_of_counts_one_ngram():
    counts = NGrams.count([1, 2, 1, 2, 1, 3], 3, 5)
    assert [counts.of(g) for g in ([1], [1, 2], [1, 2, 1], [3, 1], [4])] == [3, 2, 2, 0, 0]
    with pytest.raises(ValueError, match="at most n = 3 tokens, got 4"):
        counts.of([1, 2, 1, 2])


def test_a_context_never_reaches_into_the_previous_text():
    counts = NGrams.count([1, 2, 0, 3, 0], 3, 4, boundary=0)
    assert counts.of([2]) == 1
    assert counts.of([2, 0]) == 1, "the end of a text is predicted"
    assert counts.of([2, 0, 3]) == 0, "but not carried over"
    ((_, first),) = [(c, r) for c, r in enumerate(counts.contexts([0])) if c == 2]
    assert [int(k) % 4 for k in counts.keys[3][counts.following(3, first)]] == [1, 3], "how texts begin"


@pytest.mark.parametrize("V", [10_000, 2**31, 2**53])
def test_no_overflow_where_mixed_radix_would(V):
    tokens = [V - 1, V - 2, V - 1, V - 2, V - 1, 0, V - 1]
    counts = NGrams.count(tokens, 6, V)
    assert counts.of([V - 1, V - 2, V - 1, V - 2, V - 1]) == 1
    assert counts.of([V - 2, V - 1]) == 2
    assert unpack(counts, 6, 0) in {tuple(tokens[k : k + 6]) for k in range(2)}


def test_refuses_what_would_overflow():
    with pytest.raises(ValueError, match="leaves 64 bits"):
        NGrams.count([1, 2, 3], 2, 2**62)


def test_memory_follows_the_ngrams_seen_not_the_vocabulary():
    tokens = np.random.default_rng(0).integers(0, 50, 2_000)
    small, large = NGrams.count(tokens, 4, 50), NGrams.count(tokens, 4, 10**12)
    assert small.seen == large.seen
    assert small.nbytes == large.nbytes == 16 * sum(small.seen) + small.keys[0].nbytes * 3


@given(st.lists(st.integers(0, 9), min_size=1, max_size=50), st.sampled_from([10, 10**9]))
def test_distinct_is_unique_by_table_and_by_sort(keys, size):
    keys = np.array(keys)
    unique, count, rank, where = distinct(keys, size)
    expected = np.unique(keys, return_inverse=True, return_counts=True)
    for fast, slow in zip((unique, rank, count), expected, strict=True):
        np.testing.assert_array_equal(fast, slow)
    np.testing.assert_array_equal(keys[where], unique)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n >= 1, got 0"),
        ({"V": 0}, "V >= 1"),
        ({"boundary": 5}, r"boundary token in 0 \.\.\. 4"),
        ({"boundary": -1}, "wanted boundary >= 0, got -1"),
        ({"tokens": []}, "NGrams.count: wanted at least one token"),
        ({"tokens": [5]}, r"wanted tokens in 0 \.\.\. V-1 = 4"),
        ({"tokens": [0.5]}, "dtype float64"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        NGrams.count(**({"tokens": [1, 2], "n": 2, "V": 5} | arguments))


def test_a_text_shorter_than_n_has_no_long_ngrams():
    counts = NGrams.count([1, 2], 4, 3)
    assert counts.seen == (2, 1, 0, 0)
    assert [rank.tolist() for _, rank in counts.find([1, 2, 1, 2])] == [[0, 1, 0, 1], [0, -1, 0], [-1, -1], [-1]]


def test_repr_tells_what_was_seen():
    assert repr(NGrams.count([1, 2, 1], 2, 3)) == "NGrams(n=2, V=3, 3 tokens, seen of order 1 to 2: 2, 2)"


@pytest.mark.usefixtures("without_type_checks")
def test_a_small_integer_of_numpy_as_size_does_not_overflow():
    tokens = np.array([0, 1] * 60)
    assert NGrams.count(tokens, 2, np.int8(100)).n == 2
    assert NGrams.count(tokens, np.uint8(2), 100).n == 2
