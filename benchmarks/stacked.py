"""Is a deeper network a better one? LSTM stacks on chapter 05's characters, at equal parameters and at equal width.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.stacked [--quick]

Every run has chapter 05's budget: 3,000 updates of 32 windows of 32 characters, 2,200 with Adam at 0.004 and 800 at
0.001, norms clipped at 1; all are scored on the same 200,000 held-out characters. The table is written after every run,
to benchmarks/results/stacked.json and to course_utils/data/results/, where chapter 10 reads it; some networks of seed 0
go to course_utils/data/stacks/, for its pictures. Runs that the table holds already are not repeated: without the table,
it takes about ten minutes of one core.

gain        of W_x in the layers above the first, before training (`pretrained.untrained_stack`)
characters  how many different ones are read; 100,000 are read thirty times
dropout     the rate between layers
"""

import json
import shutil
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import course_utils.data
from benchmarks.command_line import arguments
from benchmarks.report import write
from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.experiments.budget import read_once
from course_utils.models.objectives import TruncatedBPTT
from course_utils.models.perplexity import bits, nats_per_token
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.pretrained.character_models import untrained_stack
from course_utils.saving import save
from course_utils.text.batching import sequential_partition
from course_utils.tree import Array, astype, count

T, B, STEPS = 32, 32, 3_000
ALL, SMALL = STEPS * T * B + 1, 100_000
DATA = Path(course_utils.data.__file__).parent


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


def main(quick: bool) -> None:
    """Measure, print and write the table."""
    parts = split(load_reviews())
    steps, runs = (30, RUNS[:11]) if quick else (STEPS, RUNS)
    letters, held_out = (
        encoded_characters(parts.train, ALL),
        encoded_characters(parts.test, 20_000 if quick else 200_000),
    )
    table = DATA / "results" / "stacked.json"
    rows: list[dict[str, Any]] = json.loads(table.read_text("utf-8"))["runs"] if table.exists() and not quick else []
    for setting, seed in runs:
        wanted = {**setting._asdict(), "seed": seed}
        if any(wanted.items() <= row.items() for row in rows):
            continue
        start = time.process_time()
        model = train(setting, letters, seed=seed, steps=steps)
        seconds = round(time.process_time() - start, 1)
        score, read = (round(bits(nats_per_token(model, text)), 4) for text in (held_out, letters[:50_000]))
        rows.append(
            {**wanted, "parameters": count(model), "bits": score, "bits_on_what_it_read": read, "seconds": seconds}
        )
        path = write("stacked", {"runs": rows}, steps=steps, quick=quick)
        if not quick:
            shutil.copy(path, table)
            if seed == 0 and setting in KEPT:
                (DATA / "stacks").mkdir(exist_ok=True)
                save(astype(model, np.float16), DATA / "stacks" / f"{setting.layers}x{setting.H}.npz")


if __name__ == "__main__":
    main(arguments(__doc__, quick="30 updates, one seed, half a minute; nothing is kept for the chapter").quick)
