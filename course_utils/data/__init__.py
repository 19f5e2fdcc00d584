"""Real data that arrive as ordinary dependencies: reviews, series, dates; example reviews of our own, made-up tasks, and
archives that are fetched on request (`downloads`)."""
