"""Pictures with sliders: ``NAME.py`` holds ``NAME_explorer``.

`explorer.Explorer` is the base of all; `asking`, `controls`, `text_source`, `png` and `rnn_drawing` are what it and they are made
of, and `live_curve` is the curve that grows while a model trains.
"""
