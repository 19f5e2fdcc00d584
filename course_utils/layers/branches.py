"""A transformer that can be taken apart: the same blocks with or without residual paths, norms, attention, feed-forward.

For experiments; a transformer with everything in its place is `layers.transformer.Transformer`, which gives the same
numbers (and can carry a state).
"""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.layers.chain import back_through
from course_utils.layers.feed_forward import FeedForward
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm, LayerNormTrace
from course_utils.layers.padding import readable
from course_utils.shapes import expect, expect_whole
from course_utils.tree import Array, Tree, tree, tree_map

PLACES = ("before", "after", "none")
"""Where the norm stands: x + part(norm(x)), norm(x + part(x)) or x + part(x)."""


@tree
class BranchTrace(Tree):
    """What came in, and the traces of the part and of the norm (None where there is none)."""

    x: Float[Array, "T *B D"]
    part: Any
    norm: Any


@tree
class Branch(Tree):
    """y = x + part(norm(x)), or what is left of it without the residual path (the "x +") or with the norm elsewhere."""

    part: MultiHeadAttention | FeedForward
    norm: LayerNorm
    place: str
    residual: bool

    def forward(
        self, x: Float[Array, "T *B D"], mask: Bool[Array, "T *B"] | None = None, *, causal: bool = False
    ) -> tuple[Float[Array, "T *B D"], BranchTrace]:
        x = readable(expect(x, "T *B D", where="Branch.forward"), mask)
        z, norm = self.norm.forward(x) if self.place == "before" else (x, None)
        y, part = self.part.forward(z, mask, causal=causal)
        if self.residual:
            y = x + y
        if self.place == "after":
            y, norm = self.norm.forward(y)
        return y, BranchTrace(x, part, norm)

    def backward(
        self, dy: Float[Array, "T *B D"], trace: BranchTrace
    ) -> tuple[Float[Array, "T *B D"], "Branch", BranchTrace]:
        """The gradient goes back through the part and, where there is a residual path, around it as well."""
        dy = readable(dy, trace.part.mask)
        dnorm, dtrace_norm = tree_map(np.zeros_like, self.norm), None  # of a norm that stands nowhere
        if self.place == "after":
            dy, dnorm, dtrace_norm = self.norm.backward(dy, trace.norm)
        dx, dpart, dtrace_part = self.part.backward(dy, trace.part)
        if self.place == "before":
            dx, dnorm, dtrace_norm = self.norm.backward(dx, trace.norm)
        if self.residual:
            dx = dx + dy
        return dx, Branch(dpart, dnorm, self.place, self.residual), BranchTrace(dx, dtrace_part, dtrace_norm)


@tree
class BranchesTrace(Tree):
    """The traces of all branches, lowest first, and of the last norm."""

    branches: tuple[BranchTrace, ...]
    norm: LayerNormTrace


@tree
class Branches(Tree):
    """Branches on top of each other and a norm at the end; in place of a `Transformer` it fits into its models."""

    branches: tuple[Branch, ...]
    norm: LayerNorm

    @classmethod
    def init(
        cls,
        D: int,
        layers: int,
        N: int,
        H: int | None = None,
        *,
        rng: np.random.Generator,
        place: str = "before",
        residual: bool = True,
        parts: tuple[str, ...] = ("attention", "feed_forward"),
        scale: float | None = None,
        dtype: type = np.float64,
    ) -> "Branches":
        """As `Transformer.init`, number for number, if all is in its place.

        `scale` shrinks what each branch puts out at the start: 1 / sqrt(2 · layers) if None, whatever `parts` are, but 1
        without a residual path, where nothing is summed up. Raises ValueError for an unknown place or part, and for
        fewer than 1 layer.
        """
        expect_whole("Branches.init", layers=layers)
        if place not in PLACES or not set(parts) <= {"attention", "feed_forward"} or not parts:
            raise ValueError(
                f'Branches.init: wanted place "before", "after" or "none" and parts out of "attention" and '
                f'"feed_forward", got {place!r} and {parts}'
            )
        if scale is None:
            scale = 1 / np.sqrt(2 * layers) if residual else 1.0
        branches = []
        for _ in range(layers):
            attention = MultiHeadAttention.init(D, N, rng=rng, scale=scale, dtype=dtype)
            feed_forward = FeedForward.init(D, H or 4 * D, rng=rng, scale=scale, dtype=dtype)
            both: dict[str, Any] = {"attention": attention, "feed_forward": feed_forward}
            branches += [Branch(both[part], LayerNorm.init(D, dtype=dtype), place, residual) for part in parts]
        return cls(tuple(branches), LayerNorm.init(D, dtype=dtype))

    def forward(
        self,
        x: Float[Array, "T *B D"],
        mask: Bool[Array, "T *B"] | None = None,
        *,
        causal: bool = False,
        state: Any = None,
    ) -> tuple[Float[Array, "T *B D"], BranchesTrace]:
        """Run the branches. Raises ValueError for a state: this one reads every text from its beginning."""
        if state is not None:
            raise ValueError("Branches.forward: wanted no state, got one; use a Transformer to carry it on")
        traces = []
        for branch in self.branches:
            x, trace = branch.forward(x, mask, causal=causal)
            traces.append(trace)
        y, norm = self.norm.forward(x, mask)
        return y, BranchesTrace(tuple(traces), norm)

    def backward(
        self, dy: Float[Array, "T *B D"], trace: BranchesTrace
    ) -> tuple[Float[Array, "T *B D"], "Branches", BranchesTrace]:
        """The last norm, then the branches from the highest to the lowest."""
        dy, dnorm, dtrace_norm = self.norm.backward(dy, trace.norm)
        dx, dbranches, dtraces = back_through(self.branches, dy, trace.branches)
        return dx, Branches(dbranches, dnorm), BranchesTrace(dtraces, dtrace_norm)
