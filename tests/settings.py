"""Settings of matplotlib that somebody may have, in a matplotlibrc or from the cell before, and that spoil a picture."""

from typing import Any

from matplotlib import patheffects

HOSTILE: dict[str, dict[str, Any]] = {
    "LaTeX": {"text.usetex": True},
    "fonts": {
        "font.family": "serif", "font.size": 22, "font.sans-serif": ["DejaVu Serif"], "font.monospace": ["DejaVu Sans"],
        "font.weight": "bold", "mathtext.fontset": "cm", "mathtext.default": "regular", "axes.unicode_minus": False,
        "text.hinting": "force_autohint", "text.hinting_factor": 1, "text.antialiased": False, "text.kerning_factor": 6,
        "text.parse_math": False,
    },
    "colours": {
        "figure.facecolor": "black", "axes.facecolor": "black", "savefig.facecolor": "black", "text.color": "white",
        "axes.prop_cycle": "cycler(color='rg')", "patch.facecolor": "red", "patch.edgecolor": "red", "image.cmap": "jet",
        "legend.facecolor": "red", "legend.labelcolor": "green", "legend.framealpha": 0.3, "hatch.color": "red",
    },
    "by hand": {"path.sketch": (2, 50, 3), "path.effects": [patheffects.withStroke(linewidth=4, foreground="red")]},
    "lines": {
        "lines.marker": "o", "lines.linestyle": "--", "lines.antialiased": False, "lines.linewidth": 7, "lines.markersize": 9,
        "lines.scale_dashes": False, "scatter.marker": "x", "patch.force_edgecolor": True, "patch.linewidth": 4,
        "errorbar.capsize": 9, "path.simplify": False, "path.snap": False, "agg.path.chunksize": 50,
    },
    "axes": {
        "axes.formatter.limits": [-1, 1], "axes.formatter.useoffset": False, "axes.formatter.use_mathtext": True,
        "axes.xmargin": 0.4, "axes.ymargin": 0.4, "axes.autolimit_mode": "round_numbers", "axes.axisbelow": False,
        "axes.grid.which": "both", "axes.labelpad": 20, "axes.titley": 1.2, "axes.titlecolor": "red", "grid.linestyle": ":",
        "xtick.top": True, "xtick.direction": "in", "xtick.minor.visible": True, "ytick.right": True, "ytick.labelright": True,
        "ytick.minor.visible": True, "xtick.labelcolor": "red", "xaxis.labellocation": "left", "axes.spines.bottom": False,
    },
    "figures": {
        "figure.autolayout": True, "figure.dpi": 33, "figure.figsize": (2, 2), "figure.frameon": False,
        "figure.constrained_layout.wspace": 0.4, "figure.subplot.left": 0.3, "savefig.transparent": True,
        "savefig.bbox": "tight", "savefig.pad_inches": 1, "savefig.dpi": 20, "figure.titlesize": 30,
    },
    "images": {
        "image.origin": "lower", "image.interpolation": "bilinear", "image.aspect": "auto", "image.composite_image": False,
        "image.resample": False, "image.lut": 16, "hist.bins": 3, "pcolor.shading": "nearest",
    },
    "legends": {
        "legend.loc": "center", "legend.frameon": True, "legend.shadow": True, "legend.numpoints": 3, "legend.handlelength": 7,
        "legend.fontsize": 30, "legend.borderpad": 3,
    },
}  # fmt: skip
HOSTILE["all at once"] = {name: value for settings in HOSTILE.values() for name, value in settings.items()}
