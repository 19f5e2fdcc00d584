"""An encoder reads one sequence, a decoder writes another, and attention lets the decoder look back while it writes.

Encoder and decoder are Cho et al. (2014) and Sutskever et al. (2014). Attention is *global attention without input
feeding* (Luong et al. 2015, section 3.1): the decoder's states ask, so all steps of the answer look back at once.
(Bahdanau et al. 2015 feed what was seen into the next state, so that their steps have to wait for each other.)
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.layers.attention import AdditiveAttention, DotProductAttention
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.embedding import Embedding, EmbeddingTrace
from course_utils.layers.gru import GRU, GRUTrace
from course_utils.layers.linear import Linear, LinearTrace
from course_utils.math import log_softmax, tanh_slope
from course_utils.models.beam_search import Step
from course_utils.tree import Array, Tree, tree


class Source(NamedTuple):
    """What the encoder has made of a sequence: its states at every step, which are real, and how the decoder starts."""

    h: Float[Array, "S *B H"]
    mask: Bool[Array, "S *B"] | None
    state: Float[Array, "*B H"]


@tree
class EncoderDecoderTrace(Tree):
    """The traces of the parts; `h_tilde` is what state and context make of each other (Luong et al. 2015, eq. 5)."""

    reading: EmbeddingTrace
    encoder: Any
    writing: EmbeddingTrace
    decoder: GRUTrace
    attention: Any
    combine: LinearTrace
    h_tilde: Float[Array, "T *B H"]
    readout: LinearTrace

    @property
    def state(self) -> Float[Array, "*B H"]:
        """The decoder's last state, to go on writing from."""
        return self.decoder.state


@tree
class EncoderDecoder(Tree):
    """Scores for the next sign of an answer, after every sign of it that was given.

    The encoder's states are handed to the decoder in two ways: the last ones, of both directions, are the decoder's
    first state; and all of them can be looked at, if there is an `attention`. Without one (None) the first state is
    all the decoder gets to know of the sequence.
    """

    reading: Embedding
    encoder: Bidirectional
    writing: Embedding
    decoder: GRU
    attention: DotProductAttention | AdditiveAttention | None
    combine: Linear
    readout: Linear

    @classmethod
    def init(
        cls,
        V: int,
        V_out: int,
        D: int,
        H: int,
        *,
        attention: str | None,
        rng: np.random.Generator,
        dtype: type = np.float32,
    ) -> "EncoderDecoder":
        """Reads V tokens, writes V_out signs (the start sign is one more). H is the width of the decoder, even.

        `attention` is "dot", "additive" or None. Raises ValueError for anything else, or an odd H.
        """
        if attention not in ("dot", "additive", None) or H % 2:
            raise ValueError(
                f'EncoderDecoder.init: wanted "dot", "additive" or None and even H, got {attention!r}, {H}'
            )
        looks: DotProductAttention | AdditiveAttention | None = None
        if attention is not None:
            dot = attention == "dot"
            looks = DotProductAttention() if dot else AdditiveAttention.init(H, H, H // 2, rng=rng, dtype=dtype)
        seen = H if looks is None else 2 * H
        return cls(
            Embedding.init(V, D, rng=rng, dtype=dtype),
            Bidirectional(*(GRU.init(D, H // 2, rng=rng, dtype=dtype) for _ in range(2))),
            Embedding.init(V_out + 1, D, rng=rng, dtype=dtype),
            GRU.init(D, H, rng=rng, dtype=dtype),
            looks,
            Linear.init(seen, H, rng=rng, dtype=dtype),
            Linear.init(H, V_out, rng=rng, dtype=dtype),
        )

    def encode(self, x: Int[Array, "S *B"], mask: Bool[Array, "S *B"] | None = None) -> Source:
        """Read a sequence, once, however much is written afterwards."""
        return self._encode(x, mask)[0]

    def _encode(self, x: Array, mask: Array | None) -> tuple[Source, EmbeddingTrace, Any]:
        e, reading = self.reading.forward(x)
        h, encoder = self.encoder.forward(e, mask)
        return Source(h, mask, np.concatenate(encoder.state, axis=-1)), reading, encoder

    def decode(
        self, given: Int[Array, "T *B"], source: Source, state: Float[Array, "*B H"] | None = None
    ) -> tuple[Float[Array, "T *B V"], tuple[Any, ...]]:
        """Logits after every given sign, from `state`, the source's unless given; and the traces, in their order."""
        e, writing = self.writing.forward(given)
        q, decoder = self.decoder.forward(e, state=source.state if state is None else state)
        attention: Any = None
        seen = q
        if self.attention is not None:
            context, attention = self.attention.forward(q, source.h, source.h, source.mask)
            seen = np.concatenate([q, context], axis=-1)
        z, combine = self.combine.forward(seen)
        h_tilde = np.tanh(z)
        logits, readout = self.readout.forward(h_tilde)
        return logits, (writing, decoder, attention, combine, h_tilde, readout)

    def forward(
        self, x: Int[Array, "S *B"], given: Int[Array, "T *B"], mask: Bool[Array, "S *B"] | None = None
    ) -> tuple[Float[Array, "T *B V"], EncoderDecoderTrace]:
        """Read all of x, then say after every given sign what comes next. The mask is that of x."""
        source, reading, encoder = self._encode(x, mask)
        logits, written = self.decode(given, source)
        return logits, EncoderDecoderTrace(reading, encoder, *written)

    def backward(
        self, dy: Float[Array, "T *B V"], trace: EncoderDecoderTrace
    ) -> tuple[None, "EncoderDecoder", EncoderDecoderTrace]:
        """The parts in reverse. The encoder hears of its mistakes by two ways: through every look, and its last state."""
        H = self.decoder.W_h.shape[-1]
        dh_tilde, dreadout, dtrace_readout = self.readout.backward(dy, trace.readout)
        dseen, dcombine, dtrace_combine = self.combine.backward(tanh_slope(trace.h_tilde, dh_tilde), trace.combine)
        dq, dh = dseen[..., :H], np.zeros((*trace.reading.e.shape[:-1], H), dy.dtype)
        dattention: Any = None
        dtrace_attention: Any = None
        if self.attention is not None:
            looks, dattention, dtrace_attention = self.attention.backward(dseen[..., H:], trace.attention)
            dq, dh = dq + looks[0], looks[1] + looks[2]  # the encoder's states are keys and values
        de, ddecoder, dtrace_decoder = self.decoder.backward(dq, trace.decoder)
        _, dwriting, dtrace_writing = self.writing.backward(de, trace.writing)
        dstate = dtrace_decoder.h[0]
        halves = dstate[..., : H // 2], dstate[..., H // 2 :]
        de, dencoder, dtrace_encoder = self.encoder.backward(dh, trace.encoder, halves)
        _, dreading, dtrace_reading = self.reading.backward(de, trace.reading)
        dmodel = EncoderDecoder(dreading, dencoder, dwriting, ddecoder, dattention, dcombine, dreadout)
        return None, dmodel, EncoderDecoderTrace(
            dtrace_reading, dtrace_encoder, dtrace_writing, dtrace_decoder, dtrace_attention, dtrace_combine,
            dh_tilde, dtrace_readout,
        )  # fmt: skip

    def stepper(self, source: Source) -> Step:
        """For `beam_search`: ``step(signs, state) -> (log p of the next sign, state)``.

        The source (with one batch axis) holds one sequence, to which several answers are tried, or one for each row.
        """

        def step(signs: Int[Array, "N"], state: Float[Array, "N H"]) -> tuple[Float[Array, "N V"], Float[Array, "N H"]]:
            h, mask, _ = source
            if len(signs) != h.shape[1]:  # several answers to one question
                h, mask = np.repeat(h, len(signs), 1), None if mask is None else np.repeat(mask, len(signs), 1)
            logits, (_, decoder, *_) = self.decode(signs[None], Source(h, mask, state), state)
            return log_softmax(logits[0].astype(np.float64)), decoder.state

        return step
