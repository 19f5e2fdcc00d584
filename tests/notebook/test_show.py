"""`show` puts out the same pictures as `plt.show()`, with words for those who cannot see them."""

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from course_utils.notebook import show
from course_utils.notebook.alt import described

FIRST = "%matplotlib inline\nimport matplotlib.pyplot as plt\nfrom course_utils.notebook import show"
CELL = r"""
fig, (left, right) = plt.subplots(1, 2)
left.plot([1, 2], label="loss")
left.set(title="Training", xlabel="step", ylabel=r"$\tilde h_t$")
left.legend()
plt.figure()
"""


@pytest.fixture(scope="module")
def outputs():
    """What plt.show(), show() and show("words") put out for the same two figures."""
    cells = [FIRST, CELL + "plt.show()", CELL + "show()", CELL + 'show("words")', "show()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(notebook, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells[1:]]


def test_the_pictures_are_those_of_pyplot(outputs):
    plain, described, worded, nothing = ([dict(output.data) for output in cell] for cell in outputs)
    assert len(plain) == 2
    assert plain == described == worded
    assert nothing == [], "they are closed"


def test_words_go_with_every_picture(outputs):
    _, written, worded, _ = outputs
    assert [output.metadata["image/png"]["alt"] for output in worded] == ["words"] * 2
    assert [output.metadata["image/png"]["alt"] for output in written] == [
        "Training; across: step; up: h_t; shown: loss",
        "A picture",
    ]


def test_outside_a_notebook_it_is_that_of_pyplot(monkeypatch):
    called = []
    monkeypatch.setattr(plt, "show", lambda: called.append(True))
    show("words")
    assert called == [True]


def test_panels_are_counted_and_hidden_ones_are_not():
    fig, (one, two, three) = plt.subplots(1, 3)
    fig.suptitle("All")
    one.set(title="A", xlabel="time")
    two.set_title("B", loc="left")
    three.set_visible(False)
    assert described(fig) == "All. 2 panels. 1: A; across: time. 2: B"
    image = plt.figure()
    image.add_subplot().imshow(np.eye(2))
    assert described(image) == "A picture"
    plt.close("all")
