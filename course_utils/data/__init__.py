"""Real data that arrive as ordinary dependencies: reviews, series, dates; and the example reviews we wrote ourselves."""
