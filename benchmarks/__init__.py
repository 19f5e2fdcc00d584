"""What we claim about speed, measured. Each script runs alone: ``python -m benchmarks.<name> [--quick]``."""
