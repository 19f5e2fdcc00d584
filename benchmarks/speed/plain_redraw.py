"""The usual way to make a figure interactive, for comparison: `interact` calls a function that draws all of it anew."""

from typing import Any

import matplotlib.pyplot as plt
from ipywidgets import Widget, interact

from course_utils.explorers.explorer import Explorer

TRAITS = ("options", "min", "max", "base", "step", "value", "description", "continuous_update")


def plain_redraw(explorer: Explorer) -> None:
    """Show `interact` on the same figure as `explorer`, with controls of its own that are equal to the explorer's."""

    def redraw(**state: Any) -> None:
        figure = plt.figure(figsize=explorer.figure.get_size_inches(), dpi=explorer.figure.dpi)
        explorer.draw_on(figure, **state)
        plt.show()

    interact(redraw, **{key: twin(control) for key, control in explorer.controls.items()})


def twin(control: Widget) -> Widget:
    """A new control of the same kind, range and value."""
    return type(control)(**{name: getattr(control, name) for name in TRAITS if control.has_trait(name)})
