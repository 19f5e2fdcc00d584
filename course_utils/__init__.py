"""Helpers of *Sequence models you can take apart*, by chapter.

Everything here is plain NumPy, small enough to read and tested against finite differences and PyTorch.

=======  ====================================================================================================
chapter  where its ideas live
=======  ====================================================================================================
all      ``tree`` (parameters, traces and gradients) · ``shapes`` · ``math`` · ``files`` · ``gradcheck`` ·
         ``exercises`` (check, hint, solution) · ``plots`` (use_style) · ``notebook`` · ``explorers.explorer`` (Explorer)
00       ``pretrained`` (first_reader) · ``environment`` · ``explorers.first_look`` · ``plots.course_map``
01       ``text.preprocessing`` · ``text.vocabulary`` · ``text.batching`` · ``data.reviews`` · ``layers.embedding`` ·
         ``layers.pooling`` · ``layers.linear`` · ``layers.chain`` · ``losses`` · ``optim`` · ``train``
02       ``data.series`` · ``autocorrelation`` · ``autoregression``
03       ``text.ngram`` · ``text.smoothing`` · ``text.kneser_ney`` · ``text.language_model``
04       ``layers.rnn`` · ``models`` · ``sampling`` · ``scores`` · ``tasks`` · ``units``
05       ``layers.rnn`` (backward) · ``plots.gradients`` · ``explorers.bptt`` · ``explorers.dependence``
06       ``optim`` (clip_norm, clip_value) · ``cliff``
07       ``layers.gru`` · ``layers.gru_reset_after`` · ``plots.gates`` · ``explorers.gates_by_hand`` ·
         ``explorers.gates_over_text``
08       ``layers.lstm`` · ``contest`` · ``explorers.lstm_cell`` · ``explorers.main_line``
09       ``layers.stacked`` · ``layers.dropout`` · ``timescales`` · ``pretrained`` (stack) · ``explorers.depth``
10       ``layers.bidirectional`` · ``blanks`` (word_filler) · ``directions`` · ``explorers.direction``
11       ``text.skipgram`` · ``text.word_vectors`` · ``text.bag`` · ``next_word`` · ``rows`` · ``transfer`` ·
         ``tree`` (select) · ``data.glove`` · ``projection`` · ``explorers.word_map`` · ``explorers.transfer``
12       ``layers.attention`` · ``data.dates`` · ``data.date_batches`` · ``seq2seq`` · ``search`` · ``date_writer`` ·
         ``plots.attention`` · ``explorers.attention``
13       ``layers.multi_head`` · ``layers.positions`` · ``self_attention`` · ``heads`` (head_reader) ·
         ``plots.self_attention`` · ``explorers.heads`` · ``explorers.positions``
14       ``layers.norm`` · ``layers.feed_forward`` · ``layers.transformer`` · ``transformer_models`` · ``schedules`` ·
         ``residual`` · ``pretrained`` (transformer) · ``scoreboard`` · ``explorers.temperature`` · ``explorers.residual``
=======  ====================================================================================================

Importing the package imports nothing else: take what a chapter needs by its name, for example
``from course_utils.layers.linear import Linear``.
"""

__version__ = "0.1.0"
