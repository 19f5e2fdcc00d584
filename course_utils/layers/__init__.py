"""Layers: trees of parameters with a `forward` and, beside it, its `backward`. One concept a file.

The contract (`base.Layer`): ``y, trace = layer.forward(x, mask)`` and ``dx, dlayer, dtrace = layer.backward(dy, trace)``.
"""
