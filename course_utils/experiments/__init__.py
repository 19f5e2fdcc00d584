"""The long comparisons of the chapters, and what they found."""
