"""Forward and backward of the recurrent layers against PyTorch, in one run.

python -m benchmarks.layers [--quick]       needs torch (CPU): pip install torch==2.13.0

ours       the NumPy layer of course_utils/layers, float32
torch.nn   the library's layer with the same weights (oneDNN or ATen kernels, written in C++)
scratch    the loop over time steps in PyTorch that courses teach, gradients by autograd

Times are medians, taken in turns so that a busy moment hits all alike; ratios above 1 mean that ours is faster. "GEMM"
is the share of this machine's matrix-product speed (measured in the same run at the size of the recurrent product)
that ours reaches with its 3 * 2 T B (D + H) G H floating-point operations. Both sides use the same number of threads.
The memory of a trace is counted, not measured. Writes benchmarks/results/layers.json.
"""

import argparse
import time
from collections.abc import Callable
from statistics import geometric_mean, median
from typing import Any

import numpy as np
import torch

from benchmarks.report import write
from course_utils.layers.rnn import RNN
from course_utils.tree import leaves

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


def scratch_rnn(x: torch.Tensor, W_xh: torch.Tensor, W_hh: torch.Tensor, b_h: torch.Tensor) -> torch.Tensor:
    """The plain recurrent layer as a loop over time steps."""
    h = x.new_zeros(x.shape[1], W_hh.shape[0])
    states = []
    for x_t in x:
        h = torch.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return torch.stack(states)


def rnn_rivals(T: int, B: int, H: int, rng: np.random.Generator) -> dict[str, Any]:
    """Ours, torch.nn and the loop, each as a function of no arguments that runs forward and backward."""
    layer = RNN.init(H, H, rng=rng, dtype=np.float32)
    library = torch.nn.RNN(H, H)
    with torch.no_grad():
        for parameter, array in zip(
            library.parameters(), (layer.W_xh.T, layer.W_hh.T, layer.b_h, np.zeros_like(layer.b_h)), strict=True
        ):
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(array)))
    weights = [torch.from_numpy(array.copy()).requires_grad_() for _, array in leaves(layer)]
    return rivals(
        layer,
        lambda x: library(x)[0],
        list(library.parameters()),
        lambda x: scratch_rnn(x, *weights),
        weights,
        (T, B, H),
        rng,
    )


def rivals(
    layer: Any,
    library: Callable[[torch.Tensor], torch.Tensor],
    library_parameters: list[torch.Tensor],
    scratch: Callable[[torch.Tensor], torch.Tensor],
    scratch_parameters: list[torch.Tensor],
    case: Case,
    rng: np.random.Generator,
) -> dict[str, Callable[[], Any]]:
    """The three contenders on the same input; fails if their results differ."""
    T, B, H = case
    x, dy = rng.normal(size=(2, T, B, H)).astype(np.float32)
    x_torch, dy_torch = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dy)

    def ours() -> Any:
        y, trace = layer.forward(x)
        return y, layer.backward(dy, trace)[0]

    def theirs(run: Callable[[torch.Tensor], torch.Tensor], parameters: list[torch.Tensor]) -> Callable[[], Any]:
        def both() -> Any:
            for tensor in (x_torch, *parameters):
                tensor.grad = None
            y = run(x_torch)
            y.backward(dy_torch)
            return y.detach().numpy(), x_torch.grad.numpy()

        return both

    contenders = {
        "ours": ours,
        "torch.nn": theirs(library, library_parameters),
        "scratch": theirs(scratch, scratch_parameters),
    }
    wanted = ours()
    for name, run in contenders.items():
        for a, b in zip(run(), wanted, strict=True):
            error = np.abs(a - b).max() / np.abs(b).max()
            assert error < 1e-4, f"{name} differs from ours by {error:.1e} at {case}"
    return contenders


def medians(contenders: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Median seconds of each, measured in turns."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: median(of) for name, of in times.items()}


def gemm_flops(B: int, H: int, gates: int, rng: np.random.Generator) -> float:
    """Floating-point operations a second of (B, H) @ (H, gates * H) on this machine, now."""
    a = rng.normal(size=(B, H)).astype(np.float32)
    b = rng.normal(size=(H, gates * H)).astype(np.float32)
    out = np.empty((B, gates * H), np.float32)
    loops = max(20, int(2e7 / (B * H * H)))

    def product() -> None:
        for _ in range(loops):
            np.matmul(a, b, out=out)

    return 2 * B * H * gates * H * loops / medians({"gemm": product}, 7)["gemm"]


def megabytes(layer: Any, x: np.ndarray) -> float:
    """Size of all arrays of a trace."""
    return sum(array.nbytes for _, array in leaves(layer.forward(x)[1])) / 1e6


LAYERS: dict[str, tuple[Callable[..., dict[str, Callable[[], Any]]], type, int]] = {"RNN": (rnn_rivals, RNN, 1)}
"""Name: its rivals, its class, and how many gates it has."""


def main(quick: bool) -> None:
    """Measure, print a table, write the JSON."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    rows, memory = [], []
    for name, (make, layer_class, gates) in LAYERS.items():
        for T, B, H in QUICK if quick else CASES:
            seconds = medians(make(T, B, H, rng), repeats=5 if quick else 15)
            flops = 3 * 2 * T * B * 2 * H * gates * H / seconds["ours"]
            rows.append(
                {
                    "layer": name, "T": T, "B": B, "H": H,
                    **{f"{who} (ms)": round(1e3 * s, 3) for who, s in seconds.items()},
                    "torch.nn / ours": round(seconds["torch.nn"] / seconds["ours"], 2),
                    "scratch / ours": round(seconds["scratch"] / seconds["ours"], 2),
                    "GEMM": round(flops / gemm_flops(B, H, gates, rng), 2),
                }
            )  # fmt: skip
        for T in (50, 100, 200, 400):
            x = rng.normal(size=(T, 32, 128)).astype(np.float32)
            layer = layer_class.init(128, 128, rng=rng, dtype=np.float32)
            memory.append({"layer": name, "T": T, "B": 32, "H": 128, "trace (MB)": round(megabytes(layer, x), 2)})
    means = [
        {
            "layer": name,
            **{
                f"{rival} / ours": round(geometric_mean(r[f"{rival} / ours"] for r in rows if r["layer"] == name), 2)
                for rival in ("torch.nn", "scratch")
            },
        }
        for name in LAYERS
    ]
    write("layers", {"time": rows, "geometric means": means, "memory": memory}, torch_threads=torch.get_num_threads())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    main(parser.parse_args().quick)
