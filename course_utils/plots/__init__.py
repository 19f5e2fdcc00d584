"""Pictures: functions ``f(data, *, ax=None) -> Axes`` over arrays and traces, and one style for all of them."""

from course_utils.plots.style import use_style

__all__ = ["use_style"]
