"""The contract that every layer keeps, and what recurrent layers promise beyond it."""

from typing import Any, Protocol, runtime_checkable

from jaxtyping import Bool

from course_utils.tree import Array


@runtime_checkable
class Layer(Protocol):
    """A tree of parameters that maps ``x`` of axes (T, *B, D) to ``y``, and gradients back.

    A layer holds no cache, no gradient and no mode: the same layer can run twice, in two directions or under finite
    differences, without overwriting itself. The trace of a pass holds everything the pass computed, by name.

    Gradients mirror what they are gradients of: ``dlayer`` has the class of the layer, ``dtrace`` the class of the
    trace. Arrays of integers and booleans (tokens, masks) have no slope, so a gradient carries them along unchanged,
    and ``dx`` is None for a layer that reads tokens.
    """

    def forward(self, x: Any, mask: Bool[Array, "T *B"] | None = None) -> tuple[Array, Any]:
        """What flows on, and what stays behind: ``y, trace``. The mask is True at real steps, False at padding.

        A padded step may hold anything, nan included, in x and in dy: outputs and gradients of the real steps are those
        with 0 there (`padding.readable`).
        """
        ...

    def backward(self, dy: Array, trace: Any) -> tuple[Any, Any, Any]:
        """The same, mirrored: ``dx, dlayer, dtrace``."""
        ...


@runtime_checkable
class Recurrent(Layer, Protocol):
    """A layer that reads step by step and hands on a state: ``layer.forward(more, state=trace.state)`` reads on.

    A state is an array, or a tuple of states: of an LSTM (h, c), of a stack one a layer, of two directions one each. The
    gradient of a state has the same build.
    """

    def forward(self, x: Any, mask: Bool[Array, "T *B"] | None = None, *, state: Any = None) -> tuple[Array, Any]:
        """Read from the initial `state`, zero if None. The trace says by its `state` where the pass ended."""
        ...

    def backward(self, dy: Array, trace: Any, dstate: Any = None) -> tuple[Any, Any, Any]:
        """Back through time; `dstate` is what the last state receives from outside, beyond dy."""
        ...
