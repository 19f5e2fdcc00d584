"""Our own reviews hold the traps they promise and look like loaded ones."""

from course_utils.data.examples import EXAMPLES, RAW


def test_the_examples_hold_the_traps_they_promise():
    raw = " ".join(text for text, _ in RAW)
    for trap in ("<br />", "&amp;", "definately", "not bad at all", "Don't", "doesn’t", "last ten minutes"):
        assert trap in raw
    assert sorted(review.label for review in EXAMPLES) == [0] * 5 + [1] * 5


def test_they_are_short_and_numbered():
    assert [review.number for review in EXAMPLES] == list(range(10))
    assert all(2 <= sum(review.text.count(end) for end in ".!?") <= 12 for review in EXAMPLES)
    assert max(len(review.text.split()) for review in EXAMPLES) < 50
    assert not any("<" in review.text or "&amp" in review.text for review in EXAMPLES)
