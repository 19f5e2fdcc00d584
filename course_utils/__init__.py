"""Helpers of *Sequence models you can take apart*: every name that a chapter imports, where it is first met.

Everything here is plain NumPy, small enough to read, and tested against finite differences and PyTorch. Importing the
package imports nothing else; take a name from its module: ``from course_utils.layers.linear import Linear``.

=======  =============================================================================================================
chapter  module (names)
=======  =============================================================================================================
00       ``data.reviews`` (load_reviews, split) · ``environment`` (check_environment) · ``exercises`` (check, hint,
         solution) · ``pretrained`` (first_reader) · ``plots`` (course_map) · ``explorers`` (first_look)
01       ``data.examples`` (RAW, EXAMPLES) · ``explorers.live`` (LiveCurve) · ``gradcheck`` (gradcheck) ·
         ``layers.chain`` (Chain) · ``layers.embedding`` (Embedding) · ``layers.linear`` (Linear) · ``layers.pooling``
         (MeanOverTime) · ``losses`` (binary_cross_entropy) · ``math`` (one_hot) · ``optim`` (Adam) ·
         ``text.batching`` (align, buckets, minibatches) · ``text.preprocessing`` (clean, words, characters,
         detokenize) · ``text.vocabulary`` (Vocabulary, count) · ``train`` (fit) · ``plots`` (text, training) ·
         ``explorers`` (vocabulary, alignment)
02       ``autocorrelation`` · ``autoregression`` (Autoregression, lagged, backtest, constant, persistence, rmse,
         time_split) · ``data.reviews`` (characters) · ``data.series`` (eeg, gallery, log_prices, log_returns, stock,
         CHANNELS, absolute, tickers, vowels) · ``plots`` (series) · ``explorers`` (autocorrelation, autoregression)
03       ``data.reviews`` (ALPHABET, spell) · ``text.kneser_ney`` (KneserNey, ModifiedKneserNey) · ``text.ngram``
         (NGrams) · ``text.smoothing`` (MLE, AddK, BackOff) · ``text.stream`` (join) · ``plots`` (ngram) ·
         ``explorers`` (ngram)
04       ``data.reviews`` (fold) · ``layers.rnn`` (RNN) · ``losses`` (cross_entropy) · ``math`` (log_softmax) ·
         ``models`` (RecurrentLanguageModel, TruncatedBPTT) · ``sampling`` (generate) · ``scores`` (bits,
         nats_per_token, perplexity) · ``tasks`` (delayed_recall) · ``text.batching`` (random_partition,
         sequential_partition) · ``tree`` (count) · ``units`` (PROPERTIES, correlations) · ``plots`` (rnn) ·
         ``explorers`` (unrolling, activations, units)
05       ``explorers.bptt`` (matrix) · ``gradcheck`` (Report, compare, numerical_gradient) · ``layers.rnn`` (slope) ·
         ``train`` (train_steps) · ``tree`` (leaves, tree_map) · ``plots`` (gradients) · ``explorers`` (bptt,
         dependence)
06       ``cliff`` (Cliff) · ``optim`` (SGD, clip_norm, clip_value) · ``plots`` (clipping) · ``explorers`` (clipping)
07       ``data.results`` (load_results) · ``layers.gru`` (GRU) · ``layers.gru_reset_after`` (ResetAfterGRU) ·
         ``plots`` (gates) · ``explorers`` (gates_by_hand, gates_over_text)
08       ``contest`` (KINDS, counter, patience, OPEN, recall, language_model, IDENTITY) · ``layers.lstm`` (LSTM) ·
         ``math`` (softmax) · ``plots`` (contest) · ``explorers`` (lstm_cell, main_line)
09       ``layers.stacked`` (Stacked) · ``pretrained`` (untrained_stack, stack) · ``timescales`` (half_life, ripple) ·
         ``plots`` (stacked) · ``explorers`` (depth)
10       ``blanks`` (VIEWS, word_filler, blank_out) · ``directions`` (equal_width, reader) · ``layers.bidirectional``
         (Bidirectional) · ``math`` (sigmoid) · ``sampling`` (draw, next_token_probabilities) · ``plots`` (directions)
         · ``explorers`` (direction)
11       ``next_word`` (next_word_loss, next_words) · ``projection`` (principal_directions) · ``rows`` (RowAdagrad) ·
         ``text.bag`` (WordsAndPairs) · ``text.skipgram`` (SkipGram, SkipGramLoss, windows, negative_sampling) ·
         ``text.word_vectors`` (WordVectors) · ``transfer`` (accuracy, classifier, sentiment_loss, all_but_embedding,
         at_scale, scores, trial, train_classifier) · ``tree`` (load, save) · ``plots`` (pretraining) · ``explorers``
         (word_map, transfer)
12       ``data.date_batches`` (date_batches, date_batch, LENGTH, START, signs) · ``data.dates`` (LOCALES, Spelling,
         draw_dates, spellings, split_dates, split_spellings, Pairs) · ``date_writer`` (DateWriter, train_writer,
         untrained_writer, date_writer) · ``layers.attention`` (AdditiveAttention, DotProductAttention) · ``search``
         (beam_search) · ``plots`` (attention) · ``explorers`` (attention)
13       ``contest`` (answer) · ``heads`` (head_reader) · ``layers.multi_head`` (MultiHeadAttention) ·
         ``layers.positions`` (sinusoids) · ``scores`` (nats_in_windows) · ``self_attention`` (entropy,
         SelfAttentionModel) · ``tasks`` (at_places) · ``transformer_models`` (next_token_loss) · ``plots``
         (self_attention) · ``explorers`` (heads, positions)
14       ``contest`` (read_once, rising) · ``layers.transformer`` (TransformerBlock) · ``pretrained`` (transformer) ·
         ``residual`` (alike, Branches, gradient_by_depth) · ``scoreboard`` (lines, markdown) · ``transformer_models``
         (TransformerLanguageModel, transformer_classifier) · ``plots`` (scoreboard, transformer) · ``explorers``
         (temperature, residual)
=======  =============================================================================================================

``explorers.NAME`` holds the function ``NAME_explorer``. Everywhere: ``tree`` (parameters, traces and gradients), ``plots``
(use_style, palette), ``notebook`` (explain_missing_names). Behind the scenes: ``shapes`` and ``files``
(what bad input and broken saves are told), ``exchange`` (weights to and from PyTorch), ``explorers.explorer`` (the base).
"""

__version__ = "0.1.0"
