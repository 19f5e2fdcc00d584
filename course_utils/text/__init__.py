"""From text to arrays of integers: tokens, vocabularies, batches, n-grams."""
