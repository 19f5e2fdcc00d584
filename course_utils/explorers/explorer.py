"""The base of every explorer: named controls above one picture that follows them without lag or flicker.

Most of a figure does not change when a slider moves. `setup` draws everything once; the base keeps that as background
and after every change restores it, lets `update` move the few artists that change, draws only those and sends one
complete image ("blitting"). Against redrawing the whole figure this is four times faster or more.

The functions of an explorer ask for what they need by the names of their parameters, as tests ask for fixtures:

    Explorer("WavesExplorer", {"k": slider, "title": box}, compute=wave, setup=setup, update=update, describe=describe)
    wave(k) -> Wave      setup(figure) -> artists      update(artists, now, title)      describe(now, k) -> str
"""

import base64
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from html import escape
from itertools import chain
from math import isfinite
from numbers import Real
from types import MappingProxyType
from typing import Any
from warnings import catch_warnings, filterwarnings

import numpy as np
from ipywidgets import HTML, Button, HBox, Image, Layout, VBox, Widget
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from traitlets import TraitError, Unicode

from course_utils.explorers.asking import Answers, Question
from course_utils.explorers.controls import prepare
from course_utils.explorers.png import png
from course_utils.plots.palette import INK, YELLOW
from course_utils.plots.style import course_look

Artists = dict[str, Any]
"""The moving artists by name: an Artist, or a list of them."""


@contextmanager
def quiet_about_glyphs() -> Iterator[None]:
    """No warning for a typed character that the font lacks: the box drawn in its place says so already."""
    with catch_warnings():
        filterwarnings("ignore", message="Glyph .* missing")
        yield


def live_view(widget: Widget) -> dict[str, Any]:
    """What a page needs to show a widget whose kernel runs, by its media type; the same for ipywidgets 7 and 8."""
    return {"application/vnd.jupyter.widget-view+json": widget.get_view_spec()}


class Picture(Image):
    """An image whose tooltip is its accessible name; ipywidgets sets one only on widgets that have a description.

    In ipywidgets 7 an image has no tooltip; the sentence below the picture says the same."""

    description = Unicode("").tag(sync=True)
    tooltip = Unicode("").tag(sync=True)


class Explorer(VBox):
    """Controls above a picture, and a sentence below it that says what the picture shows.

    name      what the repr says, in the form ``GateExplorer(t=3)``
    controls  the ipywidgets control of each state variable, labelled with its symbol and plain words
    compute   a pure function whose result is called `now`, or several by the names of their results, each of which may ask
              for those above it; called once per state, that is, once per value of what they ask for
    setup     draws on `figure`: draws all, returns the artists that will move
    update    sets the data of `artists`, or several functions that do, each called when what it asks for has changed; a
              ValueError, also of `compute`, is shown in the picture
    describe  what there is to see now, in a sentence for everybody and for screen readers
    limits    where a slider ends, for those whose end is not always the same: as long as the text that was typed, say
    to_end    names of such sliders that go to their end when it is another's: that of a new text
    still     names of artists that follow only the `slow` controls (a typed text, say) and belong to the background
    slow      names of those controls: when one changes, everything is drawn anew, which takes about 0.1 s

    Raises ValueError if a function asks for what there is not.
    """

    def __init__(
        self,
        name: str,
        controls: Mapping[str, Widget],
        *,
        compute: Callable[..., Any] | Mapping[str, Callable[..., Any]] = MappingProxyType({}),
        setup: Callable[..., Artists],
        update: Callable[..., None] | Sequence[Callable[..., None]],
        describe: Callable[..., str],
        limits: Mapping[str, Callable[..., int]] = MappingProxyType({}),
        to_end: Collection[str] = (),
        figsize: tuple[float, float] = (9, 4),
        still: Collection[str] = (),
        slow: Collection[str] = (),
    ) -> None:
        self.name, self.controls = name, dict(controls)
        self._answers = Answers(controls, compute if isinstance(compute, Mapping) else {"now": compute})
        question = self._answers.question
        self._setup = question(setup, "figure")
        self._updates = [question(one, "artists") for one in (update if isinstance(update, Sequence) else [update])]
        self._describe = question(describe)
        self._limits, self._to_end = {key: question(limit) for key, limit in limits.items()}, to_end
        self._still, self._slow = still, slow
        self._drawn: dict[Question, list[Any]] = {}
        self._fit()
        self._initial = self.state
        with course_look():
            self.figure = Figure(figsize=figsize, dpi=100)
            self._canvas = FigureCanvasAgg(self.figure)
            self.artists = self._answers.answer(self._setup, self.state, figure=self.figure)
            self._message = self.figure.text(
                0.5,
                0.5,
                "",
                ha="center",
                va="center",
                color=INK,
                size=12,
                animated=True,
                parse_math=False,
                bbox={"boxstyle": "round,pad=0.7", "facecolor": YELLOW, "alpha": 0.9, "edgecolor": "none"},
            )
            for artist in self._moving():
                artist.set_animated(True)
            self._canvas.draw()  # lays the figure out, once
            self.figure.set_layout_engine("none")
        self.picture = Picture(format="png", layout=Layout(max_width="calc(100% - 4px)", align_self="flex-start"))
        self.reading = HTML()
        reset = Button(description="Reset", icon="undo", tooltip="Put every control back", layout=Layout(width="6.5em"))
        reset.on_click(lambda _: self.reset())
        self.redraw()
        for key, control in self.controls.items():
            prepare(key, control)
            control.observe(partial(self._follow, key), "value")
        bar = HBox(
            [*self.controls.values(), reset],
            layout=Layout(flex_flow="row wrap", align_items="center", grid_gap="0 1.2em"),
        )
        super().__init__([bar, self.picture, self.reading])

    @property
    def state(self) -> dict[str, Any]:
        """The value of every control."""
        return {key: control.value for key, control in self.controls.items()}

    def set(self, **state: Any) -> None:
        """Move controls from code: ``explorer.set(t=3)``. Raises ValueError for no such control, or a value it cannot take."""
        if unknown := set(state) - set(self.controls):
            raise ValueError(f"{self.name}.set: wanted some of {list(self.controls)}, got {sorted(unknown)}")
        for key, value in state.items():
            if isinstance(value, Real) and not isfinite(value):
                raise ValueError(f"{self.name}.set: wanted a number for {key}, got {value}")
            try:
                self.controls[key].value = value
            except TraitError as error:
                raise ValueError(f"{self.name}.set: wanted a value that {key} can take, got {value!r:.60}") from error

    def reset(self) -> None:
        """Put every control back to where it started."""
        self.set(**self._initial)

    @property
    def message(self) -> str:
        """What the picture says where nothing can be drawn; empty otherwise."""
        return str(self._message.get_text())

    @course_look()
    def redraw(self) -> None:
        """Draw everything anew, the background included."""
        self._drawn.clear()
        with suppress(ValueError):  # `_render` meets it again and shows it
            self._move()
        with quiet_about_glyphs():
            self._canvas.draw()
        self._background = self._canvas.copy_from_bbox(self.figure.bbox)
        self._render()

    def draw_on(self, figure: Figure, **state: Any) -> None:
        """Draw on another figure, once, what is shown when the controls have these values."""
        artists = self._answers.answer(self._setup, state, figure=figure)
        for update in self._updates:
            self._answers.answer(update, state, artists=artists)

    def _moving(self) -> list[Artist]:
        groups = (
            part if isinstance(part, list | tuple) else [part]
            for name, part in self.artists.items()
            if name not in self._still
        )
        return sorted(chain.from_iterable(groups), key=lambda artist: artist.get_zorder())

    @course_look()
    def _follow(self, key: str, _: Any) -> None:
        # A callback has nobody to raise to: what cannot be computed is said where the learner is looking.
        try:
            self._fit(key)
            self.redraw() if key in self._slow else self._render()
        except Exception as error:
            self._show(f"{type(error).__name__}: {error}")

    def _fit(self, changed: str | None = None) -> None:
        """Let sliders end where they must now that this control has changed (None: that all are new)."""
        for key, limit in self._limits.items():
            with suppress(ValueError):  # of a text that nobody can read, `_render` speaks
                self.controls[key].max = self._answers.answer(limit, self.state)
                if key in self._to_end and changed in (None, *limit.controls):
                    self.controls[key].value = self.controls[key].max

    def _move(self) -> None:
        state = self.state
        for update in self._updates:
            values = [state[control] for control in update.controls]
            if self._drawn.get(update) != values:
                self._drawn.pop(update, None)  # in case it fails half-way
                self._answers.answer(update, state, artists=self.artists)
                self._drawn[update] = values

    def _render(self) -> None:
        try:
            self._move()
        except ValueError as error:
            self._show(str(error))
        else:
            self._show("")

    def _show(self, message: str) -> None:
        message = message if len(message) <= 400 else f"{message[:200]} … {message[-200:]}"
        self._message.set_text(textwrap.fill(message, 70))
        self._canvas.restore_region(self._background)
        with quiet_about_glyphs():
            for artist in [] if message else self._moving():
                self.figure.draw_artist(artist)
            self.figure.draw_artist(self._message)
        reading = message or self._answers.answer(self._describe, self.state)
        with self.picture.hold_sync():  # one message to the page instead of two
            self.picture.tooltip = reading
            self.picture.value = png(np.asarray(self._canvas.buffer_rgba())[..., :3])
        self.reading.value = f'<div role="status" style="line-height:1.45;max-width:60em">{escape(reading)}</div>'

    def __repr__(self) -> str:
        values = ", ".join(f"{key}={textwrap.shorten(repr(value), 40)}" for key, value in self.state.items())
        return f"{self.name}({values})"

    _ipython_display_ = None  # how ipywidgets 7, which Colab has, shows a widget: without the picture for the page

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        picture = base64.b64encode(self.picture.value).decode()
        alternative = {"image/png": {"alt": self.picture.tooltip}}
        return {**live_view(self), "text/plain": repr(self), "image/png": picture}, alternative
