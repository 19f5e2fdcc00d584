"""What a picture says in words, for those who cannot see it."""

import re
from typing import Any


def described(figure: Any) -> str:
    """What is written in a figure: title, axes and legend of each of its panels, mathematics without its markup."""
    panels = [ax for ax in figure.axes if ax.get_visible() and (ax.axison or ax.get_title())]
    whole = _plain(figure.get_suptitle()) if figure.get_suptitle() else ""
    said = [words for words in map(_panel, panels) if words]
    numbered = [f"{k}: {words}" for k, words in enumerate(said, start=1)] if len(said) > 1 else said
    return ". ".join(filter(None, [whole, f"{len(said)} panels" if len(said) > 1 else "", *numbered])) or "A picture"


def _panel(ax: Any) -> str:
    legend = ax.get_legend()
    shown = ", ".join(_plain(text.get_text()) for text in legend.get_texts()) if legend else ""
    parts = {"": _title(ax), "across: ": ax.get_xlabel(), "up: ": ax.get_ylabel(), "shown: ": shown}
    return "; ".join(before + _plain(text) for before, text in parts.items() if _plain(text))


def _title(ax: Any) -> str:
    return " ".join(filter(None, (ax.get_title(loc) for loc in ("left", "center", "right"))))


def _plain(text: str) -> str:
    text = re.sub(r"\\(?:mathrm|mathbf|text|tilde|hat|bar)\b", "", text)
    return " ".join(re.sub(r"[${}\\]", "", text).split())
