"""The contract that every layer keeps."""

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
