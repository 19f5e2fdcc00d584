"""Comparisons that chapters make in their cells, and the results of those that take longer (`results`)."""
