"""The README's moving picture: what an explorer shows while its sliders move.

python -m tools.moving_picture      writes lessons/pictures/lstm_cell.gif, about 10 s
"""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
from PIL import Image

from course_utils.explorers.explorer import Explorer
from course_utils.explorers.lstm_cell import lstm_cell_explorer
from tools.course import ROOT

TARGET = ROOT / "lessons" / "pictures" / "lstm_cell.gif"
WIDTH = 800
FRAME, PAUSE = 120, 1200
"""Milliseconds that a frame stays, while something moves and when it has arrived."""


def moves() -> Iterator[tuple[dict[str, float], int]]:
    """What is set, and for how long it is looked at: the driven step wanders, then its forget gate opens and shuts."""
    yield {"t": 10, "f": 0.0}, PAUSE
    for f in np.arange(0.1, 1.01, 0.1):
        yield {"f": round(float(f), 2)}, FRAME
    yield {}, PAUSE
    for b_f in np.arange(2.5, -1.01, -0.5):
        yield {"b_f": float(b_f)}, FRAME
    yield {}, PAUSE
    for b_f in np.arange(-0.5, 3.01, 0.5):
        yield {"b_f": float(b_f)}, FRAME
    for t in (*range(11, 17), *range(15, 9, -1)):
        yield {"t": t, "f": 0.0}, FRAME


def frame(explorer: Explorer, colours: Image.Image | None) -> Image.Image:
    """The explorer's picture at a size that suits a page, in few colours: those of another frame, if one is given."""
    picture = Image.open(BytesIO(explorer.picture.value)).convert("RGB")
    picture = picture.resize((WIDTH, picture.height * WIDTH // picture.width), Image.Resampling.LANCZOS)
    return picture.quantize(64, Image.Quantize.MAXCOVERAGE, palette=colours, dither=Image.Dither.NONE)


def main() -> None:
    """Move the controls from code and keep every picture."""
    explorer = lstm_cell_explorer()
    frames, durations = list[Image.Image](), list[int]()
    for state, milliseconds in moves():
        explorer.set(**state)
        frames.append(frame(explorer, frames[0] if frames else None))
        durations.append(milliseconds)
    TARGET.parent.mkdir(exist_ok=True)
    frames[0].save(TARGET, save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {len(frames)} frames, {TARGET.stat().st_size / 1e3:.0f} KB")


if __name__ == "__main__":
    main()
