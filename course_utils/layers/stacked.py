"""Layers on top of each other: what one layer puts out at every step is what the next one reads at that step."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.base import Recurrent
from course_utils.layers.dropout import Dropout
from course_utils.tree import Array, Tree, tree


@tree
class StackedTrace(Tree):
    """The traces of the layers, lowest first, and the dropout between them if there was any."""

    layers: tuple[Any, ...]
    dropout: tuple[Dropout, ...] | None

    @property
    def state(self) -> tuple[Any, ...]:
        """The last state of every layer, to be carried on: ``stacked.forward(next_x, state=trace.state)``."""
        return tuple(layer.state for layer in self.layers)


@tree
class Stacked(Tree):
    """x -> layers[0] -> layers[1] -> ... -> y, every layer over all steps and all with the same mask (Graves 2013)."""

    layers: tuple[Recurrent, ...]

    def forward(
        self,
        x: Any,
        mask: Bool[Array, "T *B"] | None = None,
        *,
        state: tuple[Any, ...] | None = None,
        dropout: tuple[Dropout, ...] | None = None,
    ) -> tuple[Float[Array, "T *B H"], StackedTrace]:
        """Run the layers from the lowest to the highest; `state` holds one initial state a layer.

        `dropout` acts on what flows from layer to layer, never on what a layer passes on to itself over time (Zaremba
        et al. 2014). Without it nothing is random: this is how a trained model is used. Raises ValueError unless there
        is one state for every layer and one dropout for every gap between two layers.
        """
        states = self._one_each(state, len(self.layers), "states", "forward")
        gaps = self._one_each(dropout, len(self.layers) - 1, "dropouts", "forward")
        traces = []
        for layer, first, gap in zip(self.layers, states, (None, *gaps), strict=True):
            x, trace = layer.forward(x if gap is None else gap.apply(x), mask, state=first)
            traces.append(trace)
        return x, StackedTrace(tuple(traces), dropout)

    def draw_dropout(self, x: Float[Array, "T *B D"], rate: float, *, rng: np.random.Generator) -> tuple[Dropout, ...]:
        """One `Dropout` a gap for a pass over `x`: each output of a layer is silenced with probability `rate`."""
        gaps, nothing = [], x[:0]  # no steps to read, but the outputs still have their width
        for layer in self.layers[:-1]:
            nothing, _ = layer.forward(nothing)
            gaps.append(Dropout.draw((*x.shape[:-1], nothing.shape[-1]), rate, rng=rng))
        return tuple(gaps)

    def backward(
        self, dy: Float[Array, "T *B H"], trace: StackedTrace, dstate: tuple[Any, ...] | None = None
    ) -> tuple[Any, "Stacked", StackedTrace]:
        """The layers from the highest to the lowest, each turning the gradient of its output into that of its input."""
        dstates = self._one_each(dstate, len(self.layers), "dstates", "backward")
        gaps = self._one_each(trace.dropout, len(self.layers) - 1, "dropouts", "backward")
        passes = list(zip(self.layers, trace.layers, dstates, (None, *gaps), strict=True))
        dlayers: list[Any] = []
        dtraces: list[Any] = []
        for layer, layer_trace, last, gap in reversed(passes):
            dy, dlayer, dtrace = layer.backward(dy, layer_trace, last)
            dy = dy if gap is None else gap.apply(dy)
            dlayers.insert(0, dlayer)
            dtraces.insert(0, dtrace)
        return dy, Stacked(tuple(dlayers)), StackedTrace(tuple(dtraces), trace.dropout)

    def _one_each(self, given: tuple[Any, ...] | None, wanted: int, what: str, where: str) -> tuple[Any, ...]:
        if given is not None and len(given) != wanted:
            raise ValueError(f"Stacked.{where}: wanted {wanted} {what} for {len(self.layers)} layers, got {len(given)}")
        return given or (None,) * wanted
