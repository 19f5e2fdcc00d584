"""What we claim, measured: `speed`, and `quality` of what was trained. Each script runs alone:

python -m benchmarks.quality.gru [--quick]
"""
