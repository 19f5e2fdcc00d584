"""Trials of memory: scores that mean what they say, and gradients that are cut where it is said."""

import numpy as np
import pytest

from course_utils.data.tasks import TokenTask, delayed_recall
from course_utils.experiments import memory
from course_utils.models.equal_size import IDENTITY, OPEN, language_model
from course_utils.models.objectives import token_task_loss
from course_utils.tree import astype, leaves


@pytest.mark.usefixtures("without_type_checks")
def test_memory_is_learned_where_it_can_be():
    assert memory.recall("LSTM", 2, 0, steps=200) > 0.9
    assert memory.recall("LSTM", 40, 0, steps=5) < 0.5
    assert memory.addition("GRU", 6, 0, steps=300) < 0.03 < memory.addition("GRU", 6, 0, steps=2)
    assert memory.addition("GRU", 6, 0, steps=60, rate=1e-5) > memory.addition("GRU", 6, 0, steps=60)


class Says:
    """A language model that answers so, whatever it reads."""

    def __init__(self, answers):
        self.answers = answers

    def forward(self, x):
        return np.eye(5)[np.broadcast_to(self.answers, x.shape)], None


def test_shares_by_symbol_tell_what_is_known_from_what_is_said():
    symbols = np.array([0, 0, 1, 1, 1, 1, 2, 3])
    asked = TokenTask(np.zeros((2, 8), int), np.stack([0 * symbols, symbols]), np.ones((2, 8), bool))
    trained = memory.Recall(None, Says([0, 0, 1, 1, 1, 2, 2, 2]), asked)
    np.testing.assert_array_equal(trained.right, [1, 1, 1, 1, 1, 0, 1, 0])
    assert trained.by_symbol == [1, 0.75, 1, 0]


def same(one, other):
    return all(np.array_equal(a, b) for (_, a), (_, b) in zip(leaves(one), leaves(other), strict=True))


@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_a_gradient_that_is_cut_behind_the_first_step_is_whole(kind, rng):
    model, task = astype(language_model(kind, 9, 4, 5, rng=rng), np.float64), delayed_recall(4, 3, rng=rng)
    loss, gradient = token_task_loss(model, task)
    for steps in (6, 99):
        cut_loss, cut = memory.answer_loss_cut(steps)(model, task)
        assert cut_loss == loss
        assert same(cut, gradient)


@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_no_step_before_the_cut_learns_anything_and_the_state_goes_on_over_it(kind, rng):
    model, task = astype(language_model(kind, 9, 4, 5, rng=rng), np.float64), delayed_recall(4, 30, rng=rng)
    loss, gradient = token_task_loss(model, task)
    cut_loss, cut = memory.answer_loss_cut(5)(model, task)
    assert cut_loss == pytest.approx(loss, rel=1e-12)
    assert gradient.embedding.W[:4].any(axis=1).all()
    assert not cut.embedding.W[:4].any(), "the symbols stand in the first step only"
    assert cut.embedding.W[4:].any(axis=1).all()
    np.testing.assert_allclose(cut.readout.W, gradient.readout.W)


def test_reach_is_what_one_step_after_the_other_leaves_of_the_gradient(rng):
    """With a forget gate alone it is the gate to the power of the distance; from the identity nothing is lost."""
    task = delayed_recall(30, 64, rng=rng)
    lstm = language_model(OPEN, 9, 8, 6, rng=rng)
    lstm.recurrent.W_x[...] *= 1e-6
    lstm.recurrent.W_h[...] = 0
    gate = 1 / (1 + np.exp(-4.0))
    assert memory.reach(lstm, task).memory == pytest.approx(gate**31, rel=1e-3)
    relu = language_model(IDENTITY, 9, 8, 6, rng=rng)
    relu.recurrent.b_h[...] = 100  # every unit is on
    assert memory.reach(relu, task) == pytest.approx((1, 1), rel=1e-5)
    faint = memory.reach(language_model("RNN", 9, 8, 32, rng=rng), task)
    assert max(faint) < 1e-3
