"""Pictures: functions ``f(data, *, ax=None) -> Axes`` over arrays and traces, one style for all of them, and what they are
drawn with (`palette`, `labels`, `bands`, `glyphs`, `page`)."""

from course_utils.plots.style import use_style

__all__ = ["use_style"]
