"""What the controls of all explorers have in common: room for their labels, and texts that can be shown."""

from typing import Any

from ipywidgets import Checkbox, Text, ToggleButtons, Widget

from course_utils.text.letters import canonical

LONGEST = 1_000
"""Characters of a typed text; what was pasted beyond is cut off, and the box shows so."""


def prepare(key: str, control: Widget) -> None:
    """Give the control its width and its class on the page, and let no text through that cannot be shown."""
    control.style.description_width = "initial"
    if isinstance(control, ToggleButtons):
        control.style.button_width = "auto"
        control.layout.display, control.layout.grid_gap = "flex", "0 0.5em"  # the label beside its buttons
    control.layout.width = control.layout.width or width_for(control)
    control.add_class(f"explorer-{key}")
    if isinstance(control, Text):
        control._register_validator(_legible, ("value",))


def width_for(control: Widget) -> str:
    """Room for the label and about 10 em of slider or list behind it; buttons and boxes take what they need."""
    return "auto" if isinstance(control, Checkbox | ToggleButtons) else f"{16 + len(control.description) // 2}em"


def _legible(_: Text, proposal: Any) -> str:
    """What of a typed text goes on: so much of it, and nothing that no page and no font can show."""
    text: str = proposal["value"][:LONGEST].encode("utf-8", "replace").decode()
    return "" if text.strip() and not canonical(text).strip() else text
