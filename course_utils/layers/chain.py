"""Layers one after the other."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Bool

from course_utils.tree import Array, Tree, tree


@tree
class ChainTrace(Tree):
    """The traces of the layers, first layer first."""

    layers: tuple[Any, ...]


@tree
class Chain(Tree):
    """y = the last layer of ... of the first layer of x. All layers see the same mask."""

    layers: tuple[Any, ...]

    def forward(self, x: Any, mask: Bool[Array, "T *B"] | None = None) -> tuple[Array, ChainTrace]:
        """Run the layers in order."""
        traces = []
        for layer in self.layers:
            x, trace = layer.forward(x, mask)
            traces.append(trace)
        return x, ChainTrace(tuple(traces))

    def backward(self, dy: Any, trace: ChainTrace) -> tuple[Any, "Chain", ChainTrace]:
        """The chain rule. Raises ValueError if the trace is one of another number of layers."""
        dx, dlayers, dtraces = back_through(self.layers, dy, trace.layers)
        return dx, Chain(dlayers), ChainTrace(dtraces)


def back_through(layers: Sequence[Any], dy: Any, traces: Sequence[Any]) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """The layers in reverse, each turning the gradient of its output into that of its input: dx, dlayers, dtraces.

    Raises ValueError if there is not one trace for each layer.
    """
    if len(traces) != len(layers):
        raise ValueError(f"back_through: wanted one trace for each of {len(layers)} layers, got {len(traces)}")
    backwards = []
    for layer, trace in zip(reversed(layers), reversed(traces), strict=True):
        dy, dlayer, dtrace = layer.backward(dy, trace)
        backwards.append((dlayer, dtrace))
    dlayers, dtraces = zip(*reversed(backwards), strict=True) if backwards else ((), ())
    return dy, dlayers, dtraces
