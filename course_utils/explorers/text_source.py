"""The controls of an explorer that reads a text: one that is typed, or one of the reviews."""

from collections.abc import Sequence

from ipywidgets import BoundedIntText, Layout, Text, Widget

from course_utils.data.reviews import Review


def text_source(reviews: Sequence[Review], text: str | None = None) -> dict[str, Widget]:
    """`text`, a box to type into, if there is one to start with; and `review`, the number of a review to read instead.

    Reviews are numbered from 1 on, as `load_reviews` has them. At 0 the typed text is read, or what the explorer has.
    """
    review = BoundedIntText(0, 0, len(reviews), description="real review (0: none)", continuous_update=False)
    return {"review": review} if text is None else {"text": typed(text), "review": review}


def typed(text: str, label: str = "text", *, width: str = "40em") -> Text:
    """A box to type into; what is typed counts when Enter is pressed."""
    return Text(text, description=label, continuous_update=False, layout=Layout(width=width))
