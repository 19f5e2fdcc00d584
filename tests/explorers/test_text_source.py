"""One source of text for all explorers that read one: a box to type into, the number of a review, or both."""

import pytest

from course_utils.data.examples import EXAMPLES
from course_utils.explorers.text_source import text_source


def test_with_a_text_there_is_a_box_for_it():
    controls = text_source(EXAMPLES, "so bad")
    assert list(controls) == ["text", "review"]
    assert controls["text"].value == "so bad"
    assert not controls["text"].continuous_update, "a text counts when it is finished"
    assert list(text_source(EXAMPLES)) == ["review"]


@pytest.mark.parametrize(("number", "taken"), [(0, 0), (3, 3), (10**6, len(EXAMPLES)), (-1, 0)])
def test_reviews_are_numbered_from_1_on(number, taken):
    review = text_source(EXAMPLES)["review"]
    review.value = number
    assert review.value == taken
