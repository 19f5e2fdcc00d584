"""The map names the chapters of the course, in order."""

import matplotlib.pyplot as plt

from course_utils.plots.course_map import STOPS, course_map
from tools.course import chapters


def test_every_chapter_but_the_first_is_on_the_map():
    numbers = [f"{chapter.number:02}" for chapter in chapters() if chapter.written]
    assert [number for number, *_ in STOPS] == numbers[1:]


def test_boxes_hold_failure_and_idea():
    ax = course_map()
    texts = [text.get_text() for text in ax.texts]
    assert len(texts) == 2 * len(STOPS)
    assert sum("GRU" in text for text in texts) == 1
    arrows = [patch for patch in ax.patches if type(patch).__name__ == "FancyArrowPatch"]
    assert len(arrows) == len(STOPS) - 1
    plt.close(ax.figure)
