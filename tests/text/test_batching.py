"""Minibatches: the asked length, nothing lost that need not be, masks that tell the truth, windows that continue."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.text.batching import align, buckets, minibatches, random_partition, sequential_partition, truncate

ends = st.sampled_from(["front", "back"])
sequences = st.lists(
    st.lists(st.integers(1, 99), min_size=1, max_size=12).map(lambda row: np.array(row)), min_size=1, max_size=6
)


@pytest.mark.parametrize(
    ("pad_at", "truncate_at", "columns"),
    [
        ("back", "back", [[1, 2, 0], [3, 4, 5]]),
        ("front", "back", [[0, 1, 2], [3, 4, 5]]),
        ("back", "front", [[1, 2, 0], [4, 5, 6]]),
        ("front", "front", [[0, 1, 2], [4, 5, 6]]),
    ],
)
def test_align_by_hand(pad_at, truncate_at, columns):
    rows = [np.array([1, 2]), np.array([3, 4, 5, 6])]
    tokens, mask = align(rows, 3, pad_at=pad_at, truncate_at=truncate_at)
    np.testing.assert_array_equal(tokens.T, columns)
    np.testing.assert_array_equal(mask, tokens != 0)


@given(sequences, st.integers(1, 15), ends, ends)
def test_align_has_the_length_and_keeps_what_fits(rows, length, pad_at, truncate_at):
    tokens, mask = align(rows, length, pad_at=pad_at, truncate_at=truncate_at)
    assert tokens.shape == mask.shape == (length, len(rows))
    assert mask.sum(0).tolist() == [min(len(row), length) for row in rows]
    assert not tokens[~mask].any()
    for b, row in enumerate(rows):
        kept = row[:length] if truncate_at == "back" else row[-length:]
        np.testing.assert_array_equal(tokens[mask[:, b], b], kept)
        np.testing.assert_array_equal(kept, truncate(row, length, truncate_at))
        assert mask[0 if pad_at == "back" else -1, b]


@given(sequences)
def test_align_without_length_cuts_nothing(rows):
    tokens, mask = align(rows)
    assert len(tokens) == max(map(len, rows))
    assert mask.sum() == sum(map(len, rows))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: align([]), "at least one sequence"),
        (lambda: align([np.array([1]), np.array([], int)]), r"none in \[1\]"),
        (lambda: align([np.array([0.5])]), "sequence 0 of int"),
        (lambda: align([np.array([1])], 0), "length >= 1, got 0"),
        (lambda: align([np.array([1])], -3), "length >= 1, got -3"),
        (lambda: buckets(np.array([3, 4]), 0, rng=np.random.default_rng(0)), "B >= 1"),
        (lambda: minibatches(0, 4, rng=np.random.default_rng(0)), "N >= 1"),
        (lambda: sequential_partition(np.arange(20), 5, 4), "at least 21 tokens"),
        (lambda: sequential_partition(np.arange(99), 5, 4, offset=-1), "offset >= 0"),
        (lambda: random_partition(np.arange(24), 5, 4, rng=np.random.default_rng(0)), "at least 25 tokens"),
        (lambda: random_partition(np.arange(9.0), 2, 2, rng=np.random.default_rng(0)), "corpus of int"),
        (lambda: sequential_partition(np.arange(20), 0, 4), "T >= 1"),
    ],
)
@pytest.mark.usefixtures("without_type_checks")
def test_bad_input_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@given(st.integers(1, 50), st.integers(1, 12))
def test_minibatches_hold_each_text_once(N, B):
    groups = minibatches(N, B, rng=np.random.default_rng(1))
    assert sorted(np.concatenate(groups)) == list(range(N))
    assert all(len(group) == B for group in groups[:-1])


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60).map(np.array), st.integers(1, 12))
def test_buckets_hold_each_text_once_and_sort_by_length(lengths, B):
    groups = buckets(lengths, B, rng=np.random.default_rng(1))
    assert sorted(np.concatenate(groups)) == list(range(len(lengths)))
    spans = sorted((lengths[group].min(), lengths[group].max()) for group in groups)
    assert all(one[1] <= next[0] for one, next in pairwise(spans))


def test_randomness_comes_from_the_callers_generator():
    lengths = np.arange(100) // 10 + 1
    for make in (lambda rng: buckets(lengths, 7, rng=rng), lambda rng: minibatches(100, 7, rng=rng)):
        one, same, other = (np.concatenate(make(np.random.default_rng(seed))) for seed in (1, 1, 2))
        np.testing.assert_array_equal(one, same)
        assert (one != other).any()


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 60), st.integers(0, 7))
def test_sequential_windows_continue(T, B, more, offset):
    corpus = np.arange(offset + T * B + 1 + more)
    windows = list(sequential_partition(corpus, T, B, offset=offset))
    column = (len(corpus) - 1 - offset) // B
    assert len(windows) == column // T >= 1
    x, y = (np.concatenate(parts) for parts in zip(*windows, strict=True))  # windows one after another: long columns
    assert x.shape == (len(windows) * T, B)
    np.testing.assert_array_equal(y, x + 1)
    np.testing.assert_array_equal(x, offset + column * np.arange(B) + np.arange(len(x))[:, None])


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 60), st.integers(0, 9))
def test_random_windows_do_not_overlap(T, B, more, seed):
    corpus = np.arange(T * (B + 1) + more)
    windows = list(random_partition(corpus, T, B, rng=np.random.default_rng(seed)))
    assert windows
    for x, y in windows:
        assert x.shape == (T, B)
        np.testing.assert_array_equal(y, x + 1)
        np.testing.assert_array_equal(np.diff(x, axis=0), 1)
    read = np.concatenate([x.ravel() for x, _ in windows])
    assert len(set(read.tolist())) == len(read)
    assert len(corpus) - len(read) < T * (B + 1) + 1, "at most an offset and one minibatch are left out"


def test_random_windows_come_in_random_order():
    x, _ = next(iter(random_partition(np.arange(1000), 5, 20, rng=np.random.default_rng(0))))
    assert (np.diff(x[0]) < 0).any()


@pytest.mark.usefixtures("without_type_checks")
def test_small_integers_of_numpy_do_not_overflow(rng):
    with pytest.raises(ValueError, match="at least 270 tokens"):
        random_partition(np.arange(200), np.uint8(15), np.uint8(17), rng=rng)
    with pytest.raises(ValueError, match="at least 257 tokens"):
        sequential_partition(np.arange(200), np.uint8(16), np.uint8(16))
    assert len(list(sequential_partition(np.arange(3000), 10, 20, offset=np.uint8(250)))) == 13
