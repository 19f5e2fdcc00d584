"""What we claim, measured: `speed`, and `quality` of what was trained.

Each script runs alone (`speed.plain_redraw` belongs to `speed.explorers`):

python -m benchmarks.quality.gru [--quick]
"""
