"""Is a deeper network a better one? LSTM stacks on chapter 04's characters, at equal parameters and at equal width.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.stacked [--quick]

Every run has chapter 04's budget: 3,000 updates of 32 windows of 32 characters, 2,200 with Adam at 0.004 and 800 at
0.001, norms clipped at 1; scored on the same 200,000 held-out characters. Seeds go round by round, and the tables are
written after each, to benchmarks/results/stacked.json and to course_utils/data/results/, where chapter 09 reads them.
The networks of seed 0 go to course_utils/data/stacks/, for its pictures. About a quarter of an hour of one core.

depth    1, 2 and 3 layers: with about as many parameters as chapter 04's network, or as many units in each layer (62);
         and a single layer as large as 3 of 62; all on 3.1 million characters, each read once
dropout  the same number of updates, but on 100,000 characters read again and again, or on all; rates between layers
"""

import shutil
import time
from collections.abc import Iterator
from itertools import chain, cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

import course_utils.data
from benchmarks.command_line import arguments
from benchmarks.report import write
from course_utils.data.reviews import characters, load_reviews, split
from course_utils.models import RecurrentLanguageModel, TruncatedBPTT
from course_utils.optim import Adam
from course_utils.pretrained import untrained_stack
from course_utils.scores import bits, nats_per_token
from course_utils.text.batching import sequential_partition
from course_utils.train import fit
from course_utils.tree import Array, astype, count, save

T, B, STEPS, SMALL = 32, 32, 3_000, 100_000
DEPTH = ((1, 62), (2, 40), (3, 32), (2, 62), (3, 62), (1, 128))
"""Layers and units in each: 28,000 parameters; the same width; one layer with the 90,000 parameters of 3 x 62."""
DROPOUT = ((1, 0.0), (2, 0.0), (2, 0.25), (2, 0.5))
"""Layers (of 62 units) and rate, on SMALL characters; 2 layers with 0.25 on all characters, too. Two seeds."""
DATA = Path(course_utils.data.__file__).parent


def train(layers: int, H: int, tokens: Array, *, seed: int, rate: float = 0.0, steps: int = STEPS) -> Any:
    """A stack after `steps` updates on windows of the tokens, read from the start again when they end."""
    rng = np.random.default_rng(seed)
    model = untrained_stack(layers, H, rng=rng)
    windows = list(islice(sequential_partition(tokens, T, B), steps))
    batches: Iterator[Any] = islice(cycle(windows), steps)
    loss_and_gradient = TruncatedBPTT(rate, rng=rng)
    for lr, share in ((4e-3, steps * 11 // 15), (1e-3, steps - steps * 11 // 15)):
        run = fit(model, loss_and_gradient, islice(batches, share), Adam(lr), clip=1.0, progress=None)
        model = run.model
    return model


def scored(model: RecurrentLanguageModel, layers: int, H: int, seed: int, start: float, texts: Any) -> dict[str, Any]:
    read, held_out = texts
    row: dict[str, Any] = {"layers": layers, "H": H, "parameters": count(model), "seed": seed}
    row |= {"bits": round(bits(nats_per_token(model, held_out)), 4)}
    row |= {"bits_on_what_it_read": round(bits(nats_per_token(model, read)), 4)}
    print(row, flush=True)
    return {**row, "seconds": round(time.process_time() - start, 1)}


def main(quick: bool) -> None:
    """Measure, print and write the tables."""
    parts = split(load_reviews())
    steps, seeds, size = (30, 1, 20_000) if quick else (STEPS, 3, 200_000)
    letters, held_out = characters(parts.train, (steps + 1) * T * B + 1), characters(parts.test, size)
    depth: list[dict[str, Any]] = []
    dropout: list[dict[str, Any]] = []
    for seed in range(seeds):
        for layers, H in DEPTH:
            start = time.process_time()
            model = train(layers, H, letters, seed=seed, steps=steps)
            depth.append(scored(model, layers, H, seed, start, (letters[:SMALL], held_out)))
            if seed == 0 and not quick:
                save(astype(model, np.float16), DATA / "stacks" / f"{layers}x{H}.npz")
        for (layers, rate), read in chain(
            ((c, SMALL) for c in DROPOUT if seed < 2), [((2, 0.25), len(letters))] * (seed < 2)
        ):
            start = time.process_time()
            model = train(layers, 62, letters[:read], seed=seed, rate=rate, steps=steps)
            row = scored(model, layers, 62, seed, start, (letters[:SMALL], held_out))
            dropout.append({"characters": min(read, len(letters)), "rate": rate, **row})
        path = write("stacked", {"depth": depth, "dropout": dropout}, steps=steps, seeds=seed + 1, quick=quick)
        if not quick:
            (DATA / "results").mkdir(exist_ok=True)
            shutil.copy(path, DATA / "results" / path.name)


if __name__ == "__main__":
    main(arguments(__doc__, quick="30 updates, one seed, half a minute; nothing is kept for the chapter").quick)
