"""The course in a browser's Python: Pyodide, a 32-bit machine (wasm32), run here by Node without any browser."""
