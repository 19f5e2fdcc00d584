"""Layers one after the other."""

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
        """The chain rule: run the layers in reverse, each turning the gradient of its output into that of its input."""
        if len(trace.layers) != len(self.layers):
            raise ValueError(
                f"Chain.backward: wanted the trace of {len(self.layers)} layers, got one of {len(trace.layers)}"
            )
        dlayers, dtraces = [], []
        for layer, layer_trace in zip(reversed(self.layers), reversed(trace.layers), strict=True):
            dy, dlayer, dtrace = layer.backward(dy, layer_trace)
            dlayers.append(dlayer)
            dtraces.append(dtrace)
        return dy, Chain(tuple(reversed(dlayers))), ChainTrace(tuple(reversed(dtraces)))
