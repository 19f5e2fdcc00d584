"""The stacks of LSTMs that chapter 10 and its explorer look into: trained on chapter 05's characters, and kept.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.stacked [--quick]

They are no contest: all have one learning rate, 0.004, which suits some of them better than others; who is better with a rate
of its own is measured by `benchmarks.quality.depth`. Chapter 05's budget: 3,000 updates of 32 windows of 32 characters, 2,200
with Adam at 0.004 and 800 at 0.001, norms clipped at 1, from seed 0; scored on 200,000 held-out characters. What each reached is
written to course_utils/experiments/results/stacked.json, the networks to the shipped weights. Those that the table holds
already are not trained again: without it, all takes two minutes of one core.

gain  of W_x in the layers above the first, before training (`character_models.untrained_stack`)
"""

import time
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.experiments.one_pass import read_once
from course_utils.models.objectives import TruncatedBPTT
from course_utils.models.perplexity import bits, nats_per_token
from course_utils.pretrained import store
from course_utils.pretrained.character_models import untrained_stack
from course_utils.text.batching import sequential_partition
from course_utils.tree import Array, count
from tools.command_line import arguments
from tools.report import Runs

T, B, STEPS = 32, 32, 3_000


class Setting(NamedTuple):
    layers: int
    H: int
    gain: float = 1.0


KEPT = [Setting(1, 62), *(Setting(layers, H, 4.0) for layers, H in ((2, 40), (3, 32), (2, 62), (3, 62)))]


def measure(setting: Setting, steps: int, letters: Array, held_out: Array, keep: bool) -> dict[str, Any]:
    """Train one network, keep it and score it."""
    start = time.process_time()
    model = untrained_stack(setting.layers, setting.H, rng=np.random.default_rng(0), gain=setting.gain)
    windows = list(islice(sequential_partition(letters, T, B), steps))
    model = read_once(model, TruncatedBPTT(), windows, lr=4e-3)
    seconds = round(time.process_time() - start, 1)
    if keep:
        store.keep(model, f"stacks/{setting.layers}x{setting.H}")
    score = round(bits(nats_per_token(model, held_out)), 4)
    return {"parameters": count(model), "bits": score, "seconds": seconds}


def main(quick: bool) -> list[dict[str, Any]]:
    """Train what is not there yet, print and write the table; returns its rows."""
    parts = split(load_reviews())
    steps = 30 if quick else STEPS
    letters = encoded_characters(parts.train, STEPS * T * B + 1)
    held_out = encoded_characters(parts.test, 20_000 if quick else 200_000)
    runs = Runs("stacked", keep=not quick, steps=steps)
    for setting in KEPT:
        runs.run(setting._asdict(), partial(measure, setting, steps, letters, held_out, not quick))
    return runs.rows


if __name__ == "__main__":
    main(arguments(__doc__, quick="30 updates").quick)
