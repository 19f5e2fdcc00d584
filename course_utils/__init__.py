"""Helpers of *Sequence models you can take apart*, by chapter.

Everything here is plain NumPy, small enough to read and tested against finite differences and PyTorch.

========  ==================================================================================================
chapter   where its ideas live
========  ==================================================================================================
all       ``tree`` (parameters, traces and gradients) · ``shapes`` · ``math`` · ``gradcheck`` ·
          ``exercises.check, hint, solution`` · ``plots.use_style`` · ``explorers.explorer.Explorer``
00        ``layers.lstm`` · ``models.first_lstm`` · ``explorers.first_look``
01        ``text.preprocessing`` · ``text.vocabulary`` · ``text.batching`` · ``data.reviews`` ·
          ``layers.embedding`` · ``layers.pooling`` · ``layers.linear`` · ``losses`` · ``optim`` · ``train``
02        ``data.series`` · ``autoregression``
03        ``text.ngram``
========  ==================================================================================================

Importing the package imports nothing else: take what a chapter needs by its name, for example
``from course_utils.layers.linear import Linear``.
"""

__version__ = "0.1.0"
