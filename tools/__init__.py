"""What maintainers run: `python -m tools.build_notebooks`, `python -m tools.new_chapter`, `python -m tools.check`."""
