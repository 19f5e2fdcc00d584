"""Series of numbers: how much they remember, and how to forecast them."""
