"""Layers one after the other: numbered in a `Chain`, named in a `Pipeline`."""

from collections.abc import Sequence
from dataclasses import fields, make_dataclass
from functools import cache
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
        y, traces = run_through(self.layers, x, mask)
        return y, ChainTrace(traces)

    def backward(self, dy: Any, trace: ChainTrace) -> tuple[Any, "Chain", ChainTrace]:
        """The chain rule. Raises ValueError if the trace is one of another number of layers."""
        dx, dlayers, dtraces = back_through(self.layers, dy, trace.layers)
        return dx, Chain(dlayers), ChainTrace(dtraces)


class Pipeline(Tree):
    """A chain whose layers have names. To be subclassed: the fields are the layers, in the order in which they run.

    The trace has the same names as the model. After ``@tree class Reader(Pipeline)`` with the fields ``embedding``,
    ``recurrent`` and ``readout``, the states are in ``trace.recurrent.h``, their gradient in ``dtrace.recurrent.h``.
    A subclass whose `forward` has more to say (a state that came in) may write it out, with a class for the trace.
    """

    def forward(self, x: Any, mask: Bool[Array, "T *B"] | None = None) -> tuple[Array, Any]:
        """Run the layers in order; all see the same mask."""
        y, traces = run_through(tuple(self), x, mask)
        names = tuple(field.name for field in fields(self))  # type: ignore[arg-type]
        return y, trace_class(type(self).__name__, names)(*traces)

    def backward(self, dy: Any, trace: Any) -> tuple[Any, Any, Any]:
        """The chain rule. Raises ValueError if the trace is one of another number of layers."""
        dx, dlayers, dtraces = back_through(tuple(self), dy, tuple(trace))
        return dx, type(self)(*dlayers), type(trace)(*dtraces)


@cache
def trace_class(pipeline: str, names: tuple[str, ...]) -> type[Any]:
    """The class of all traces of a pipeline: a tree with fields of the same names."""
    return make_dataclass(f"{pipeline}Trace", names, bases=(Tree,), frozen=True, eq=False, repr=False)


def run_through(layers: Sequence[Any], x: Any, mask: Bool[Array, "T *B"] | None) -> tuple[Array, tuple[Any, ...]]:
    """The layers in order, each reading what the one before put out: y, traces."""
    traces = []
    for layer in layers:
        x, trace = layer.forward(x, mask)
        traces.append(trace)
    return x, tuple(traces)


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
