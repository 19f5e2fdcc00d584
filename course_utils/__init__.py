"""Helpers of *Sequence models you can take apart*: every name that a chapter imports, where it is first met.

Everything here is plain NumPy, small enough to read, and tested against finite differences and PyTorch. Importing the
package imports nothing else; take a name from its module: ``from course_utils.layers.linear import Linear``.

=======  =============================================================================================================
chapter  module (names)
=======  =============================================================================================================
00       ``data.reviews`` (load_reviews, split) · ``exercises`` (check, hint, solution) · ``notebook.environment``
         (check_environment) · ``pretrained.first_reader`` (first_reader) · ``plots`` (course_map) · ``explorers``
         (first_look)
01       ``data.examples`` (RAW, EXAMPLES) · ``explorers.live_curve`` (LiveCurve) · ``gradcheck`` (gradcheck) ·
         ``layers.chain`` (Chain) · ``layers.embedding`` (Embedding) · ``layers.linear`` (Linear) · ``layers.pooling``
         (MeanOverTime) · ``losses`` (binary_cross_entropy) · ``math`` (one_hot) · ``optim`` (Adam) · ``text.batching``
         (align, buckets, minibatches) · ``text.preprocessing`` (clean, words, characters, detokenize) ·
         ``text.vocabulary`` (Vocabulary, count) · ``train`` (fit) · ``plots`` (text, training, seeds) · ``explorers``
         (vocabulary, alignment)
02       ``data.reviews`` (encoded_characters) · ``data.series`` (eeg, gallery, log_prices, log_returns, stock,
         CHANNELS, absolute, tickers, vowels) · ``series`` (autocorrelation) · ``series.autoregression``
         (Autoregression, lagged, backtest, constant, persistence, rmse, time_split) · ``plots`` (series) ·
         ``explorers`` (autocorrelation, autoregression)
03       ``text.characters`` (ALPHABET, spell) · ``text.kneser_ney`` (KneserNey, ModifiedKneserNey) · ``text.ngram``
         (NGrams) · ``text.smoothing`` (MLE, AddK, BackOff) · ``text.stream`` (join) · ``plots`` (ngram) ·
         ``explorers`` (ngram)
05       ``analysis.hidden_units`` (PROPERTIES, correlations) · ``data.tasks`` (delayed_recall) ·
         ``experiments.memory_runs`` (reported, symbols_known) · ``experiments.results`` (collect, load_results) ·
         ``layers.rnn`` (RNN) · ``losses`` (cross_entropy) · ``math`` (log_softmax) · ``models.equal_size`` (IDENTITY)
         · ``models.objectives`` (TruncatedBPTT) · ``models.perplexity`` (bits, nats_per_token, perplexity) ·
         ``models.recurrent`` (RecurrentLanguageModel) · ``models.sampling`` (generate) · ``schedules`` (drop) ·
         ``text.batching`` (random_partition, sequential_partition) · ``text.characters`` (encode, fold) · ``tree``
         (count) · ``plots`` (rnn) · ``explorers`` (unrolling, activations, units)
06       ``analysis.gradients`` (factor_per_step, norms) · ``explorers.bptt`` (matrix) · ``gradcheck`` (Report,
         compare, numerical_gradient) · ``layers.rnn`` (slope) · ``train`` (train_steps) · ``tree`` (leaves, tree_map)
         · ``plots`` (gradients) · ``explorers`` (bptt, dependence)
07       ``experiments.cliff`` (Cliff) · ``optim`` (SGD, clip_norm, clip_value) · ``plots`` (clipping) · ``explorers``
         (clipping)
08       ``analysis.gates`` (products) · ``experiments`` (learning_curves) · ``layers.gru`` (GRU) ·
         ``layers.gru_reset_after`` (ResetAfterGRU) · ``models.recurrent`` (RecurrentReader) · ``plots`` (gates) ·
         ``explorers`` (gates_by_hand, gates_over_text)
09       ``analysis.gates`` (contributions) · ``experiments`` (lstm_runs, trials) · ``experiments.counting``
         (bracket_counter, closings_until_closed, set_by_hand) · ``experiments.memory`` (recall) · ``layers.lstm``
         (LSTM) · ``math`` (softmax) · ``models.equal_size`` (KINDS, OPEN, language_model) · ``plots``
         (learning_curves) · ``explorers`` (lstm_cell, main_line)
10       ``analysis.summaries`` (smooth) · ``analysis.timescales`` (half_life, ripple) · ``layers.stacked`` (Stacked) ·
         ``pretrained.character_models`` (untrained_stack, stack) · ``plots`` (stacked) · ``explorers`` (depth)
11       ``data.tasks`` (blank_out) · ``layers.bidirectional`` (Bidirectional) · ``math`` (sigmoid) ·
         ``models.equal_size`` (equal_width, lstm_reader) · ``models.sampling`` (draw, next_token_probabilities) ·
         ``pretrained.word_filler`` (VIEWS, word_filler) · ``plots`` (bidirectional, bars) · ``explorers`` (direction)
12       ``analysis.projection`` (principal_directions) · ``experiments.transfer`` (held_out_accuracy) ·
         ``models.objectives`` (sentiment_loss) · ``models.review_classifier`` (ReviewClassifier, accuracy,
         all_but_embedding, log_odds, standardised, train_classifier) · ``models.sampled_words`` (next_word_loss,
         next_words) · ``saving`` (load, save) · ``sparse`` (RowAdagrad) · ``text.bag`` (WordsAndPairs) ·
         ``text.skipgram`` (SkipGram, SkipGramLoss, windows, negative_sampling) · ``text.word_vectors`` (WordVectors) ·
         ``plots`` (pretraining) · ``explorers`` (word_map, transfer)
13       ``analysis.summaries`` (right_by_length) · ``data.date_batches`` (date_batches, date_batch, LENGTH, START,
         signs) · ``data.dates`` (LOCALES, Spelling, draw_dates, spellings, split_dates, split_spellings, Pairs) ·
         ``layers.attention`` (AdditiveAttention, DotProductAttention) · ``models.beam_search`` (beam_search) ·
         ``pretrained.date_writer`` (DateWriter, train_writer, untrained_writer, date_writer) · ``plots`` (attention) ·
         ``explorers`` (attention)
14       ``analysis.attention`` (entropy) · ``data.tasks`` (at_places) · ``layers.multi_head`` (MultiHeadAttention) ·
         ``layers.positions`` (sinusoids) · ``models.objectives`` (token_task_loss, next_token_loss) ·
         ``models.perplexity`` (nats_in_windows) · ``models.self_attention`` (SelfAttentionModel) ·
         ``pretrained.head_reader`` (head_reader) · ``plots`` (heatmaps, self_attention) · ``explorers`` (heads,
         positions)
15       ``analysis.depth`` (mean_cosine, gradient_by_depth) · ``experiments`` (opinions) · ``experiments.one_pass``
         (read_once) · ``layers.branches`` (Branches) · ``layers.transformer`` (TransformerBlock) ·
         ``models.transformer`` (TransformerLanguageModel, TransformerClassifier) · ``pretrained.character_models``
         (transformer) · ``schedules`` (rising) · ``plots`` (transformer, opinions) · ``explorers`` (temperature,
         residual)
=======  =============================================================================================================

``explorers.NAME`` holds the function ``NAME_explorer``. Everywhere: ``plots``
(use_style, palette), ``notebook`` (explain_missing_names, show). Behind the scenes: ``shapes`` (what bad input is told),
``layers.pytorch`` (weights to and from PyTorch), ``pretrained.store`` (how trained models are kept), ``explorers.explorer``
(the base of all explorers).
"""

__version__ = "0.1.0"
