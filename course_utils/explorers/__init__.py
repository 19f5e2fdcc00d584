"""Pictures with sliders. `explorer.Explorer` is the base; each other file holds one explorable."""
