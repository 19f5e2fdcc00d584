"""How good models become: the long comparisons behind the chapters, over several seeds."""
