"""The made-up tasks: answers recomputed from the inputs by other means, chances, seeds and bad sizes."""

import numpy as np
import pytest

from course_utils.data.tasks import adding, at_places, brackets, delayed_recall


@pytest.mark.parametrize("delay", [0, 1, 7])
def test_delayed_recall_hides_the_answer_behind_distractors(rng, delay):
    x, y, mask = delayed_recall(delay, 500, rng=rng, symbols=3)
    assert x.shape == y.shape == mask.shape == (delay + 2, 500)
    assert set(x[0]) == {0, 1, 2}
    assert (x[-1] == 6).all()
    if delay:
        assert set(x[1:-1].ravel()) == {3, 4, 5}
    np.testing.assert_array_equal(y[-1], x[0])
    assert mask[-1].all()
    assert not mask[:-1].any()


def test_recall_is_a_fair_die_and_distractors_tell_nothing(rng):
    x, y, _ = delayed_recall(3, 8_000, rng=rng)
    np.testing.assert_allclose(np.bincount(y[-1]) / 8_000, 0.25, atol=0.02)
    for step in x[1:-1]:
        assert abs(np.corrcoef(step, y[-1])[0, 1]) < 0.05


@pytest.mark.parametrize("T", [2, 3, 10])
def test_adding_marks_one_number_in_each_half(rng, T):
    x, y = adding(T, 400, rng=rng)
    assert x.shape == (T, 400, 2)
    values, marks = x[..., 0], x[..., 1]
    assert (marks[: T // 2].sum(0) == 1).all()
    assert (marks[T // 2 :].sum(0) == 1).all()
    assert (0 <= values).all()
    assert (values < 1).all()
    np.testing.assert_allclose(y, [values[marks[:, b] == 1, b].sum() for b in range(400)])
    assert (marks.sum(1) > 0).all()  # every place is marked somewhere


def test_always_answering_1_is_off_by_a_sixth(rng):
    _, y = adding(20, 40_000, rng=rng)
    np.testing.assert_allclose(np.mean((y - 1) ** 2), 1 / 6, atol=0.005)


def test_brackets_count_what_is_open(rng):
    x, y, mask = brackets(60, 200, rng=rng)
    depth = np.cumsum(np.where(x == 0, 1, -1), axis=0)
    assert (depth >= 0).all()
    np.testing.assert_array_equal(y, np.minimum(depth, 9))
    assert mask.all()
    assert set(x.ravel()) == {0, 1}


def test_brackets_saturate_at_nine_and_always_begin_open(rng):
    x, y, _ = brackets(15, 50, rng=rng, p_open=1.0)
    assert (x == 0).all()
    np.testing.assert_array_equal(y[:, 0], [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9])
    assert (brackets(3, 50, rng=rng, p_open=0.01).x[0] == 0).all()


def test_p_open_is_the_share_of_opening_brackets_where_both_may_come(rng):
    x, y, _ = brackets(300, 100, rng=rng, p_open=0.7)
    free = y[:-1] > 0
    np.testing.assert_allclose(np.mean(x[1:][free] == 0), 0.7, atol=0.01)


def test_at_places_asks_for_tokens_by_their_place(rng):
    x, y, mask = at_places((0, 2), 5, 300, rng=rng, symbols=3)
    assert x.shape == y.shape == mask.shape == (6, 300)
    assert (x[-1] == 3).all()
    assert set(np.unique(x[:-1])) == {0, 1, 2}
    np.testing.assert_array_equal(y[-1], 3 * x[0] + x[2])
    assert set(np.unique(y[-1])) == set(range(9))
    assert mask[-1].all()
    assert not mask[:-1].any()


TASKS = {
    "recall": lambda rng: delayed_recall(4, 6, rng=rng),
    "adding": lambda rng: adding(9, 6, rng=rng),
    "brackets": lambda rng: brackets(12, 6, rng=rng),
    "places": lambda rng: at_places((0, 3), 6, 6, rng=rng),
}


@pytest.mark.parametrize("name", TASKS)
def test_the_same_seed_gives_the_same_task(name):
    one, two, other = (TASKS[name](np.random.default_rng(seed)) for seed in (3, 3, 4))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != b).any() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda rng: delayed_recall(-1, 3, rng=rng), "delayed_recall: wanted delay >= 0, got -1"),
        (lambda rng: delayed_recall(1, 0, rng=rng), "delayed_recall: wanted B >= 1, got 0"),
        (lambda rng: delayed_recall(1, 3, rng=rng, symbols=1), "delayed_recall: wanted symbols >= 2, got 1"),
        (lambda rng: adding(1, 3, rng=rng), "adding: wanted T >= 2, got 1"),
        (
            lambda rng: at_places((0, 5), 5, 3, rng=rng),
            "at_places: wanted places from 0 to 4, at most (62|30) bits of them, got",
        ),
        (
            lambda rng: at_places((), 5, 3, rng=rng),
            "at_places: wanted places from 0 to 4, at most (62|30) bits of them, got",
        ),
        (lambda rng: brackets(0, 3, rng=rng), "brackets: wanted T >= 1, got 0"),
        (lambda rng: brackets(5, 3, rng=rng, p_open=0.0), "brackets: wanted 0 < p_open <= 1, got 0.0"),
        (lambda rng: brackets(5, 3, rng=rng, p_open=1.5), "brackets: wanted 0 < p_open <= 1, got 1.5"),
    ],
)
def test_sizes_that_make_no_task_are_named(rng, make, message):
    with pytest.raises(ValueError, match=message):
        make(rng)
