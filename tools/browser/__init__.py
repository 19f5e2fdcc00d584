"""JupyterLab in a real browser, driven by tests and by the benchmark of the explorers."""
