"""How fast: the transformer block against PyTorch, and generation with and without a cache.

python -m benchmarks.speed.transformer_speed [--quick]      needs torch (CPU): pip install torch==2.13.0

time        forward and backward of `TransformerBlock` (float32, hidden layer 4 D) and of torch.nn.TransformerEncoderLayer
            with norm_first, dropout 0 and the same weights, in turns, with the same number of threads; ratios above 1
            mean that ours is faster. The backward pass gives all gradients of parameters and of x; ours keeps all
            weights of all heads, and their gradients, to look at, where PyTorch's fused kernel forgets them.
generation  T tokens from a prompt of one: keys and values carried on, and everything read again for every token.
            Both write the same text.

Medians (see benchmarks.speed.layers). Writes benchmarks/results/transformer_speed.json; the name of a kernel chosen by
OPENBLAS_CORETYPE is added to it. What attention costs beside recurrence: benchmarks.speed.attention_cost.
"""

import os
from collections.abc import Callable
from statistics import geometric_mean
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_info

from benchmarks.speed.layers import medians
from course_utils.layers.pytorch import to_torch_state
from course_utils.layers.transformer import TransformerBlock
from course_utils.models.sampling import draw, generate, next_token_probabilities
from course_utils.models.transformer import TransformerLanguageModel
from course_utils.tree import Array
from tools.command_line import arguments
from tools.report import write

Case = tuple[int, int, int, int]
# (T, B, D, N): the sizes of the course
CASES: tuple[Case, ...] = tuple((128, B, D, N) for B in (16, 32) for D, N in ((64, 4), (128, 4), (256, 8)))
QUICK: tuple[Case, ...] = ((128, 16, 64, 4),)


def rivals(case: Case, rng: np.random.Generator) -> dict[str, Callable[[], Any]]:
    """Both as functions of no arguments that run forward and backward; fails if their results differ."""
    T, B, D, N = case
    block = TransformerBlock.init(D, N, 4 * D, rng=rng, dtype=np.float32)
    module = torch.nn.TransformerEncoderLayer(D, N, 4 * D, dropout=0.0, norm_first=True)
    module.load_state_dict({name: torch.from_numpy(a) for name, a in to_torch_state(block).items()})
    x, dy = rng.normal(size=(2, T, B, D)).astype(np.float32)
    x_torch, dy_torch = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dy)

    def ours() -> Any:
        y, trace = block.forward(x)
        return y, block.backward(dy, trace)[0]

    def theirs() -> Any:
        for tensor in (x_torch, *module.parameters()):
            tensor.grad = None
        y = module(x_torch)
        y.backward(dy_torch)
        return y.detach().numpy(), x_torch.grad.numpy()  # type: ignore[union-attr]

    for a, b in zip(ours(), theirs(), strict=True):
        # Not the largest difference: rounding lets a ReLU unit or two of millions be silent on one side only.
        error = np.linalg.norm(a - b) / np.linalg.norm(b)
        assert error < 1e-3, f"PyTorch differs from ours by {error:.1e} at {case}"
    return {"ours": ours, "torch.nn": theirs}


def blocks(quick: bool, rng: np.random.Generator) -> list[dict[str, Any]]:
    """The table of times."""
    rows: list[dict[str, Any]] = []
    for T, B, D, N in QUICK if quick else CASES:
        times = medians(rivals((T, B, D, N), rng), *((2, 3) if quick else ()))
        # 12 D D weights take part in one product forward and two backward; heads in 2 products forward, 4 backward
        flops = 2 * T * B * (3 * 12 * D * D + 6 * T * D)
        row = {"T": T, "B": B, "D": D, "N": N} | {f"{who} (ms)": round(1e3 * t, 2) for who, t in times.items()}
        row |= {"torch.nn / ours": round(times["torch.nn"] / times["ours"], 2)}
        rows.append(row | {"ours (GFLOP/s)": round(flops / times["ours"] / 1e9, 1)})
        print(*rows[-1].values(), sep="\t", flush=True)
    return rows


def read_again(model: TransformerLanguageModel, prompt: Array, length: int, *, rng: np.random.Generator) -> Array:
    """What `generate` writes, without a cache: the whole text is read for every token."""
    text = prompt
    for _ in range(length):
        text = np.append(text, draw(next_token_probabilities(model.forward(text)[0][-1]), rng=rng))
    return text[len(prompt) :]


def generation(quick: bool, rng: np.random.Generator) -> list[dict[str, Any]]:
    """The table of texts with and without a cache."""
    rows: list[dict[str, Any]] = []
    for D, layers in ((64, 2),) if quick else ((64, 2), (128, 4)):
        model = TransformerLanguageModel.init(60, D, layers, 4, 512, rng=rng)
        for T in (64, 256) if quick else (64, 128, 256, 512):
            prompt = np.array([1])

            def cached(T: int = T, model: Any = model, prompt: Array = prompt) -> Array:
                return generate(model, prompt, T - 1, rng=np.random.default_rng(0))

            def whole(T: int = T, model: Any = model, prompt: Array = prompt) -> Array:
                return read_again(model, prompt, T - 1, rng=np.random.default_rng(0))

            assert (cached() == whole()).all(), "both write the same text"
            times = medians({"cache": cached, "no cache": whole}, 1 if quick else 3, -1)  # one call in a round
            row = {"T": T, "D": D, "layers": layers} | {f"{how} (s)": round(t, 4) for how, t in times.items()}
            rows.append(row | {"times faster": round(times["no cache"] / times["cache"], 1)})
            print(*rows[-1].values(), sep="\t", flush=True)
    return rows


def main(quick: bool) -> None:
    """Measure, print the tables, write the JSON."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    tables = {"time": blocks(quick, rng), "generation": generation(quick, rng)}
    mean = round(geometric_mean([row["torch.nn / ours"] for row in tables["time"]]), 2)
    print(f"geometric mean of torch.nn / ours: {mean}")
    kernels = {
        "numpy": [library["architecture"] for library in threadpool_info() if "architecture" in library],
        "torch": torch.backends.cpu.get_cpu_capability(),
    }
    name = "_".join(["transformer_speed", *filter(None, [os.environ.get("OPENBLAS_CORETYPE")])])
    write(name, tables, keep=not quick, geometric_mean=mean, threads=torch.get_num_threads(), kernels=kernels)


if __name__ == "__main__":
    main(arguments(__doc__, quick="one size each, fewer repeats").quick)
