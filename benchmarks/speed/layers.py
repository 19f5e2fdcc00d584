"""Forward and backward of the recurrent layers against PyTorch, in one run.

python -m benchmarks.speed.layers [--quick]       needs torch (CPU): pip install torch==2.13.0

ours       the NumPy layer of course_utils/layers, float32
torch.nn   the library's layer with the same weights (oneDNN or ATen kernels, written in C++)
scratch    the loop over time steps in PyTorch that courses teach, gradients by autograd

Times are medians, taken in turns so that a busy moment hits all alike; ratios above 1 mean that ours is faster. "GEMM"
is the share of this machine's matrix-product speed (measured in the same run at the size of the recurrent product)
that ours reaches with its 3 * 2 T B (D + H) G H floating-point operations. Both sides use the same number of threads.
The memory of a trace is counted, not measured. Writes benchmarks/results/layers.json.

The results name the kernels that both sides use. Where OPENBLAS_CORETYPE chooses others than OpenBLAS itself would (Haswell:
without AVX-512, which PyTorch uses wherever it can), they go to a file of that name, layers_Haswell.json.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import geometric_mean, median
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_info
from torch import Tensor

from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.lstm import LSTM
from course_utils.layers.pytorch import to_torch_state
from course_utils.layers.rnn import RNN
from course_utils.tree import leaves
from tools.command_line import arguments
from tools.report import write

Case = tuple[int, int, int]
# (T, B, H) with D = H: the sizes of the course, from one generated text to a wide batch
CASES: tuple[Case, ...] = (
    (35, 1, 32),
    (35, 16, 64),
    (35, 32, 128),
    (64, 32, 128),
    (100, 32, 128),
    (100, 16, 64),
    (200, 16, 64),
    (200, 32, 128),
    (35, 64, 256),
    (100, 64, 256),
    (500, 32, 32),
    (500, 1, 128),
    (35, 32, 512),
)
QUICK: tuple[Case, ...] = ((35, 16, 64), (35, 32, 128), (200, 16, 64))


def scratch_rnn(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    """The plain recurrent layer as a loop over time steps."""
    h = x.new_zeros(x.shape[1], b.shape[-1])
    states = []
    for x_t in x:
        h = torch.tanh(x_t @ W_x[0] + h @ W_h[0] + b[0])
        states.append(h)
    return torch.stack(states)


def scratch_gru(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    """The gated recurrent unit, gate by gate, in the notes' convention."""
    h = x.new_zeros(x.shape[1], b.shape[-1])
    states = []
    for x_t in x:
        r = torch.sigmoid(x_t @ W_x[0] + h @ W_h[0] + b[0])
        z = torch.sigmoid(x_t @ W_x[1] + h @ W_h[1] + b[1])
        h_tilde = torch.tanh(x_t @ W_x[2] + (r * h) @ W_h[2] + b[2])
        h = z * h + (1 - z) * h_tilde
        states.append(h)
    return torch.stack(states)


def scratch_gru_reset_after(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor, b_past: Tensor) -> Tensor:
    """The gated recurrent unit, gate by gate, in PyTorch's convention."""
    h = x.new_zeros(x.shape[1], b.shape[-1])
    states = []
    for x_t in x:
        r = torch.sigmoid(x_t @ W_x[0] + h @ W_h[0] + b[0])
        z = torch.sigmoid(x_t @ W_x[1] + h @ W_h[1] + b[1])
        h_tilde = torch.tanh(x_t @ W_x[2] + b[2] + r * (h @ W_h[2] + b_past))
        h = z * h + (1 - z) * h_tilde
        states.append(h)
    return torch.stack(states)


def scratch_lstm(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    """Long short-term memory, gate by gate."""
    h = c = x.new_zeros(x.shape[1], b.shape[-1])
    states = []
    for x_t in x:
        i = torch.sigmoid(x_t @ W_x[0] + h @ W_h[0] + b[0])
        f = torch.sigmoid(x_t @ W_x[1] + h @ W_h[1] + b[1])
        o = torch.sigmoid(x_t @ W_x[2] + h @ W_h[2] + b[2])
        c = f * c + i * torch.tanh(x_t @ W_x[3] + h @ W_h[3] + b[3])
        h = o * torch.tanh(c)
        states.append(h)
    return torch.stack(states)


def rivals(name: str, case: Case, rng: np.random.Generator) -> dict[str, Callable[[], Any]]:
    """The contenders as functions of no arguments that run forward and backward; fails if their results differ."""
    T, B, H = case
    layer = LAYERS[name].make(H, H, rng=rng, dtype=np.float32)
    x, dy = rng.normal(size=(2, T, B, H)).astype(np.float32)
    x_torch, dy_torch = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dy)

    def ours() -> Any:
        y, trace = layer.forward(x)
        return y, layer.backward(dy, trace)[0]

    def theirs(run: Callable[[Tensor], Tensor], parameters: list[Tensor]) -> Callable[[], Any]:
        def both() -> Any:
            for tensor in (x_torch, *parameters):
                tensor.grad = None
            y = run(x_torch)
            y.backward(dy_torch)
            return y.detach().numpy(), x_torch.grad.numpy()  # type: ignore[union-attr]

        return both

    arrays = [array[None] if isinstance(layer, RNN) else array for _, array in leaves(layer)]
    weights = [torch.from_numpy(array.copy()).requires_grad_() for array in arrays]
    contenders = {"ours": ours, "scratch": theirs(lambda x: LAYERS[name].scratch(x, *weights), weights)}
    if LAYERS[name].library is not None:
        library = LAYERS[name].library(H, H)
        library.load_state_dict({key: torch.from_numpy(a) for key, a in to_torch_state(layer).items()})
        contenders["torch.nn"] = theirs(lambda x: library(x)[0], list(library.parameters()))
    wanted = ours()
    for who, run in contenders.items():
        for a, b in zip(run(), wanted, strict=True):
            error = np.abs(a - b).max() / np.abs(b).max()
            assert error < 1e-4, f"{who} differs from our {name} by {error:.1e} at {case}"
    return contenders


def medians(contenders: dict[str, Callable[[], Any]], rounds: int = 5, repeats: int = 5) -> dict[str, float]:
    """Seconds of each: the median over the rounds of the fastest of a few calls in a row.

    In a round each has its turn, and before it a pause and two calls that do not count: the worker threads of one
    library keep both cores busy for a while after its last call, which would be charged to the next.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            time.sleep(0.1)
            times[name].append(min(seconds(run) for _ in range(repeats + 2)))
    return {name: median(of) for name, of in times.items()}


def seconds(run: Callable[[], Any]) -> float:
    """One call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def gemm_flops(B: int, H: int, gates: int, rng: np.random.Generator) -> float:
    """Floating-point operations a second of (B, H) @ (H, gates * H) on this machine, now."""
    a = rng.normal(size=(B, H)).astype(np.float32)
    b = rng.normal(size=(H, gates * H)).astype(np.float32)
    out = np.empty((B, gates * H), np.float32)
    loops = max(20, int(2e7 / (B * H * H)))

    def product() -> None:
        for _ in range(loops):
            np.matmul(a, b, out=out)

    return 2 * B * H * gates * H * loops / medians({"gemm": product})["gemm"]


def megabytes(layer: Any, x: np.ndarray) -> float:
    """Size of all arrays of a trace."""
    return sum(array.nbytes for _, array in leaves(layer.forward(x)[1])) / 1e6


@dataclass(frozen=True)
class Rivals:
    """How our layer is made, its counterparts in torch.nn (None where it has none) and as a loop, its gates."""

    make: Callable[..., Any]
    library: Any
    scratch: Callable[..., Tensor]
    gates: int


LAYERS = {
    "RNN": Rivals(RNN.init, torch.nn.RNN, scratch_rnn, 1),
    "GRU": Rivals(GRU.init, None, scratch_gru, 3),
    "GRU reset after": Rivals(ResetAfterGRU.init, torch.nn.GRU, scratch_gru_reset_after, 3),
    "LSTM": Rivals(LSTM.init, torch.nn.LSTM, scratch_lstm, 4),
}


def ratio(row: dict[str, Any], who: str) -> float | None:
    """How many times as long as ours, None where there is no such rival."""
    return round(row[f"{who} (ms)"] / row["ours (ms)"], 2) if row[f"{who} (ms)"] is not None else None


def main(quick: bool) -> None:
    """Measure, print a table, write the JSON."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    rows, memory = [], []
    for name, layer in LAYERS.items():
        for T, B, H in QUICK if quick else CASES:
            times = medians(rivals(name, (T, B, H), rng), *((2, 3) if quick else ()))
            flops = 3 * 2 * T * B * 2 * H * layer.gates * H / times["ours"]
            row: dict[str, Any] = {"layer": name, "T": T, "B": B, "H": H}
            for who in ("ours", "torch.nn", "scratch"):
                row[f"{who} (ms)"] = round(1e3 * times[who], 3) if who in times else None
            row |= {f"{who} / ours": ratio(row, who) for who in ("torch.nn", "scratch")}
            rows.append(row | {"GEMM": round(flops / gemm_flops(B, H, layer.gates, rng), 2)})
            print(*rows[-1].values(), sep="\t", flush=True)
        for T in (50, 100, 200, 400):
            x = rng.normal(size=(T, 32, 128)).astype(np.float32)
            made = layer.make(128, 128, rng=rng, dtype=np.float32)
            memory.append({"layer": name, "T": T, "B": 32, "H": 128, "trace (MB)": round(megabytes(made, x), 2)})
    tables = {"time": rows, "geometric means": means(rows), "memory": memory}
    write(
        "_".join(["layers", *filter(None, [os.environ.get("OPENBLAS_CORETYPE")])]),
        tables,
        keep=not quick,
        threads=torch.get_num_threads(),
        kernels={
            "numpy": [library["architecture"] for library in threadpool_info() if "architecture" in library],
            "torch": torch.backends.cpu.get_cpu_capability(),
        },
    )


def means(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ratios of each layer over all sizes, over the gated sizes of training, and over the small and large ones."""
    groups: dict[str, Callable[[dict[str, Any]], bool]] = {
        "all": lambda row: True,
        "training: T 35-200, B 16-64, H 64-256": lambda row: (
            35 <= row["T"] <= 200 and 16 <= row["B"] <= 64 and 64 <= row["H"] <= 256
        ),
        "H up to 128": lambda row: row["H"] <= 128,
        "H above 128": lambda row: row["H"] > 128,
    }
    found = []
    for sizes, belongs in groups.items():
        for name in (*LAYERS, "all"):
            mean: dict[str, Any] = {"layer": name, "sizes": sizes}
            for rival in ("torch.nn / ours", "scratch / ours"):
                ratios = [r[rival] for r in rows if name in (r["layer"], "all") and belongs(r) and r[rival]]
                mean[rival] = round(geometric_mean(ratios), 2) if ratios else None
            found.append(mean)
    return found


if __name__ == "__main__":
    main(arguments(__doc__, quick="three sizes, fewer repeats").quick)
