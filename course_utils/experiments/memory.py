"""Memory put to the test: recall, adding and counting, one network from one seed and one number for each trial."""

from typing import Any

import numpy as np

from course_utils.data.tasks import TokenTask, adding, brackets, delayed_recall
from course_utils.layers.chain import Chain
from course_utils.layers.linear import Linear
from course_utils.models.equal_size import language_model, recurrent_layer, width
from course_utils.models.objectives import adding_loss, token_task_loss
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.optim import Adam
from course_utils.schedules import drop
from course_utils.train import fit


def recall(kind: str, delay: int, seed: int, *, parameters: int = 5_248, steps: int = 300, B: int = 32) -> float:
    """Share of right answers in `data.tasks.delayed_recall` after `steps` updates; 0.25 is guessing."""
    rng = np.random.default_rng(seed)
    model = language_model(kind, 9, 8, width(kind, 8, parameters), rng=rng)
    batches = [delayed_recall(delay, B, rng=rng) for _ in range(steps)]
    model = fit(model, token_task_loss, batches, Adam(3e-3), clip=1.0, progress=None).model
    asked = delayed_recall(delay, 500, rng=rng)
    return float(np.mean(model.forward(asked.x)[0][-1].argmax(-1) == asked.y[-1]))


def addition(kind: str, T: int, seed: int, *, parameters: int = 4_480, steps: int = 1_000, B: int = 32) -> float:
    """Mean squared error in `data.tasks.adding` of length T after `steps` updates; 1/6 is always answering 1."""
    rng = np.random.default_rng(seed)
    H = width(kind, 2, parameters)
    model = Chain((recurrent_layer(kind, 2, H, rng=rng), Linear.init(H, 1, rng=rng, dtype=np.float32)))
    batches = [adding(T, B, rng=rng) for _ in range(steps)]
    model = fit(model, adding_loss, batches, Adam(5e-3), clip=1.0, progress=None).model
    return adding_loss(model, adding(T, 1_000, rng=rng))[0]


def is_open(T: int, B: int, *, rng: np.random.Generator) -> TokenTask:
    """Random brackets, and after each of them: is any still open (1) or none (0)?"""
    x, depth, mask = brackets(T, B, rng=rng)
    return TokenTask(x, np.minimum(depth, 1), mask)


def bracket_counter(
    kind: str, seed: int, *, parameters: int = 416, steps: int = 1_500, T: int = 40
) -> RecurrentLanguageModel:
    """A small network that learned on random brackets of length T to say whether any is open."""
    rng = np.random.default_rng(seed)
    model = language_model(kind, 2, 4, width(kind, 4, parameters), rng=rng)
    batches = [is_open(T, 32, rng=rng) for _ in range(steps)]
    schedule = drop({2 * steps // 3: 1 / 5})
    return fit(model, token_task_loss, batches, Adam(1e-2), clip=1.0, schedule=schedule, progress=None).model


def closings_until_closed(model: Any, n: int = 80) -> int:
    """After n opening brackets, how many closing ones pass before the model says that none is open? n is right."""
    logits, _ = model.forward(np.repeat([0, 1], n))
    says_closed = logits[n:].argmax(-1) == 0
    return int(says_closed.argmax()) + 1 if says_closed.any() else n + 1
