"""What does self-attention cost against recurrence as sequences grow? Forward and backward of one layer, one core.

    python -m benchmarks.speed.attention_cost [--quick]

Half a minute. Float32, 4 sequences, as many units as inputs (D), 4 heads. Of several repetitions the fastest counts. Writes
course_utils/experiments/results/attention_cost.json, which chapter 14 draws.
"""

import time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from course_utils.layers.lstm import LSTM
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.rnn import RNN
from tools.command_line import arguments
from tools.machine import load
from tools.report import write

B, N = 4, 4
LENGTHS = (16, 32, 64, 128, 256, 512, 1024, 2048)


def layers(D: int) -> dict[str, Any]:
    """The three that are compared, at width D."""
    rng = np.random.default_rng(0)
    return {
        "RNN": RNN.init(D, D, rng=rng, dtype=np.float32),
        "LSTM": LSTM.init(D, D, rng=rng, dtype=np.float32),
        "attention": MultiHeadAttention.init(D, N, rng=rng, dtype=np.float32),
    }


def seconds(layer: Any, T: int, D: int, *, least: float = 0.3, repetitions: int = 3) -> float:
    """The fastest of several passes there and back: at least so many, and for at least so long."""
    rng = np.random.default_rng(1)
    x, dy = (rng.normal(size=(T, B, D)).astype(np.float32) for _ in range(2))
    best, began, done = np.inf, time.perf_counter(), 0
    while done < repetitions or time.perf_counter() - began < least:
        start = time.perf_counter()
        layer.backward(dy, layer.forward(x)[1])
        best, done = min(best, time.perf_counter() - start), done + 1
    return best


def main(quick: bool) -> None:
    rows = []
    for D in (64,) if quick else (32, 64, 256):
        for name, layer in layers(D).items():
            for T in LENGTHS[:4] if quick else LENGTHS:
                with threadpool_limits(1, user_api="blas"):
                    cost = seconds(layer, T, D, least=0.02 if quick else 0.3)
                rows.append({"layer": name, "D": D, "T": T, "ms": round(1e3 * cost, 4)})
                print(*rows[-1].values(), sep="\t", flush=True)
    write("attention_cost", {"runs": rows}, shown=True, keep=not quick, load=load())


if __name__ == "__main__":
    main(arguments(__doc__, quick="four lengths, one width").quick)
