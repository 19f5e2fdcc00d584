"""Is a deeper network a better one? LSTM stacks on chapter 05's characters, at equal parameters and at equal width.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.quality.stacked [--quick]

Every run has chapter 05's budget: 3,000 updates of 32 windows of 32 characters, 2,200 with Adam at 0.004 and 800 at
0.001, norms clipped at 1; all are scored on the same 200,000 held-out characters. Nobody has a learning rate of its own here:
`benchmarks.quality.depth` gives each one. The table is written after every run, to
course_utils/experiments/results/stacked.json, which chapter 10 draws; some networks of seed 0 go to the shipped weights,
for its pictures. Runs that the table holds already are not repeated: without it, all takes about ten minutes of one core.

gain        of W_x in the layers above the first, before training (`character_models.untrained_stack`)
characters  how many different ones are read; 100,000 are read thirty times
dropout     the rate between layers
"""

import time
from functools import partial
from itertools import cycle, islice
from typing import Any, NamedTuple

import numpy as np

from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.experiments.one_pass import read_once
from course_utils.models.objectives import TruncatedBPTT
from course_utils.models.perplexity import bits, nats_per_token
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.pretrained import store
from course_utils.pretrained.character_models import untrained_stack
from course_utils.text.batching import sequential_partition
from course_utils.tree import Array, count
from tools.command_line import arguments
from tools.report import Runs

T, B, STEPS = 32, 32, 3_000
ALL, SMALL = STEPS * T * B + 1, 100_000


class Setting(NamedTuple):
    layers: int
    H: int
    gain: float = 1.0
    characters: int = ALL
    dropout: float = 0.0


EQUAL_SIZE = [Setting(1, 62), Setting(2, 40), Setting(3, 32), Setting(2, 40, 4.0), Setting(3, 32, 4.0)]
"""28,300 parameters each, as chapter 05's network."""
LARGER = [Setting(2, 62, 4.0), Setting(3, 62, 4.0), Setting(1, 128)]
"""More layers of the same width; and one layer with as many parameters (90,000) as three of 62."""
FEW_CHARACTERS = [Setting(1, 62, 1.0, SMALL), *(Setting(2, 62, 4.0, SMALL, rate) for rate in (0.0, 0.25, 0.5))]
KEPT = [Setting(1, 62), *(Setting(layers, H, 4.0) for layers, H in ((2, 40), (3, 32), (2, 62), (3, 62)))]
RUNS = [(one, seed) for seed in (0, 1) for one in EQUAL_SIZE + LARGER + FEW_CHARACTERS] + [(e, 2) for e in EQUAL_SIZE]


def train(setting: Setting, tokens: Array, *, seed: int, steps: int) -> RecurrentLanguageModel:
    """A stack after `steps` updates on windows of the tokens, which are read again from the start when they end."""
    rng = np.random.default_rng(seed)
    model = untrained_stack(setting.layers, setting.H, rng=rng, gain=setting.gain)
    windows = cycle(list(islice(sequential_partition(tokens[: setting.characters], T, B), steps)))
    return read_once(model, TruncatedBPTT(setting.dropout, rng=rng), list(islice(windows, steps)), lr=4e-3)


def measure(setting: Setting, seed: int, steps: int, letters: Array, held_out: Array, keep: bool) -> dict[str, Any]:
    """Train one network and score it; the chapter's pictures need some of them, which are kept."""
    start = time.process_time()
    model = train(setting, letters, seed=seed, steps=steps)
    seconds = round(time.process_time() - start, 1)
    if keep and seed == 0 and setting in KEPT:
        store.keep(model, f"stacks/{setting.layers}x{setting.H}")
    score, read = (round(bits(nats_per_token(model, text)), 4) for text in (held_out, letters[:50_000]))
    return {"parameters": count(model), "bits": score, "bits_on_what_it_read": read, "seconds": seconds}


def main(quick: bool) -> None:
    """Measure, print and write the table."""
    parts = split(load_reviews())
    steps, settings = (30, RUNS[:11]) if quick else (STEPS, RUNS)
    letters, held_out = (
        encoded_characters(parts.train, ALL),
        encoded_characters(parts.test, 20_000 if quick else 200_000),
    )
    runs = Runs("stacked", keep=not quick, steps=steps)
    for setting, seed in settings:
        runs.run(
            setting._asdict() | {"seed": seed},
            partial(measure, setting, seed, steps, letters, held_out, not quick),
        )


if __name__ == "__main__":
    main(arguments(__doc__, quick="30 updates, one seed, half a minute").quick)
