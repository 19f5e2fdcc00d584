"""Weights to PyTorch and back: by names and layout in every run, against PyTorch itself where it is installed."""

import sys
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from course_utils.layers.attention import AdditiveAttention, DotProductAttention
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.branches import Branches
from course_utils.layers.chain import Chain
from course_utils.layers.dropout import Dropout
from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.pooling import MeanOverTime
from course_utils.layers.positions import PositionEmbedding, SinusoidalPositions
from course_utils.layers.pytorch import from_torch_state, to_torch_state
from course_utils.layers.rnn import RNN
from course_utils.layers.rotary import RotaryAttention
from course_utils.layers.stacked import Stacked
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.transformer import TransformerLanguageModel
from course_utils.saving import read_arrays, write_arrays
from course_utils.tree import Array, Tree, count, leaves, tree, tree_map
from tests.hard_use.strategies import result

D, H, V = 4, 3, 7

LAYERS = {
    "RNN": lambda rng: RNN.init(D, H, rng=rng, activation="relu"),
    "GRU": lambda rng: ResetAfterGRU.init(D, H, rng=rng),
    "LSTM": lambda rng: LSTM.init(D, H, rng=rng),
    "three layers": lambda rng: Stacked(tuple(LSTM.init(d, H, rng=rng) for d in (D, H, H))),
    "both directions": lambda rng: Bidirectional(ResetAfterGRU.init(D, H, rng=rng), ResetAfterGRU.init(D, H, rng=rng)),
    "two layers in both directions": lambda rng: Stacked(
        tuple(Bidirectional(LSTM.init(d, H, rng=rng), LSTM.init(d, H, rng=rng)) for d in (D, 2 * H))
    ),
    "Linear": lambda rng: Linear.init(D, H, rng=rng),
    "MultiHeadAttention": lambda rng: MultiHeadAttention.init(D, 2, rng=rng),
    "LayerNorm": lambda rng: LayerNorm.init(D),
    "PositionEmbedding": lambda rng: PositionEmbedding.init(9, D, rng=rng),
    "TransformerBlock": lambda rng: TransformerBlock.init(D, 2, H, rng=rng),
    "Transformer": lambda rng: Transformer.init(D, 2, 2, H, rng=rng),
    "TransformerLanguageModel": lambda rng: TransformerLanguageModel.init(V, D, 1, 2, 9, rng=rng, dtype=np.float64),
}


@tree
class Scale(Tree):
    """A layer nobody knows."""

    by: Array


def randomised(layer, rng):
    """A layer of which no bias is zero."""
    return tree_map(lambda a: rng.normal(size=a.shape), layer)


def same(one, other):
    for (name, a), (_, b) in zip(leaves(one), leaves(other), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


@pytest.mark.parametrize("name", LAYERS)
def test_there_and_back(name, rng):
    layer = randomised(LAYERS[name](rng), rng)
    same(from_torch_state(to_torch_state(layer), like=LAYERS[name](rng)), layer)


def test_a_whole_model_has_the_names_of_its_parts(rng):
    model = RecurrentLanguageModel.init(V, D, LSTM.init(D, H, rng=rng), H, rng=rng, dtype=np.float64)
    state = to_torch_state(model)
    assert {name: a.shape for name, a in state.items()} == {
        "embedding.weight": (V, D),
        "recurrent.weight_ih_l0": (4 * H, D),
        "recurrent.weight_hh_l0": (4 * H, H),
        "recurrent.bias_ih_l0": (4 * H,),
        "recurrent.bias_hh_l0": (4 * H,),
        "readout.weight": (V, H),
        "readout.bias": (V,),
    }
    same(from_torch_state(state, like=randomised(model, rng)), model)


def test_a_chain_is_named_as_a_sequential(rng):
    chain = Chain((Embedding.init(V, D, rng=rng), MeanOverTime(), Linear.init(D, H, rng=rng)))
    assert list(to_torch_state(chain)) == ["0.weight", "2.weight", "2.bias"], "a layer without parameters has a number"
    same(from_torch_state(to_torch_state(chain), like=randomised(chain, rng)), chain)


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_files(ending, tmp_path, rng):
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    layer = randomised(LAYERS["two layers in both directions"](rng), rng)
    write_arrays(to_torch_state(layer), tmp_path / f"weights{ending}")
    assert [path.name for path in tmp_path.iterdir()] == [f"weights{ending}"]
    same(from_torch_state(read_arrays(tmp_path / f"weights{ending}"), like=randomised(layer, rng)), layer)


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_damaged_files_are_refused(ending, tmp_path, rng):
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    path = tmp_path / f"weights{ending}"
    write_arrays(to_torch_state(LAYERS["LSTM"](rng)), path)
    whole = path.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"\x80\x04" + whole[2:], b"not a file of numbers"):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=rf"is not a whole {ending} file of plain arrays; save it again"):
            read_arrays(path)
    with pytest.raises(FileNotFoundError):
        read_arrays(tmp_path / f"missing{ending}")


def test_other_endings_are_refused(tmp_path):
    for name in ("weights.pt", "weights.pkl", "weights"):
        with pytest.raises(ValueError, match=r"wanted a file name ending in \.npz or \.safetensors, got .*weights"):
            write_arrays({"a": np.ones(2)}, tmp_path / name)


def test_without_safetensors_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match=r"pip install safetensors; \.npz needs nothing"):
        write_arrays({"a": np.ones(2)}, tmp_path / "weights.safetensors")
    assert not list(tmp_path.iterdir())


def test_what_pytorch_does_not_have_is_refused(rng):
    with pytest.raises(ValueError, match="PyTorch's GRU resets after the matrix product: use ResetAfterGRU, not GRU"):
        to_torch_state(Stacked((GRU.init(D, H, rng=rng),)))
    with pytest.raises(ValueError, match=r"PyTorch has no layer for Scale\(by=3\)"):
        to_torch_state(Chain((Scale(np.ones(3)),)))


def lstm(D, H, rng, dtype=np.float64):
    return LSTM.init(D, H, rng=rng, dtype=dtype)


def both(D, H, rng):
    return Bidirectional(lstm(D, H, rng), lstm(D, H, rng))


def rnn(activation, rng, D=D):
    return RNN.init(D, H, rng=rng, activation=activation)


def blocks(rng, *settings):
    made = [TransformerBlock.init(D, N, H, rng=rng) for N, H, _ in settings]
    norms = [LayerNorm(np.ones(D), np.zeros(D), eps) for *_, eps in settings]
    parts = [
        TransformerBlock(norm, block.attention, norm, block.feed_forward)
        for norm, block in zip(norms, made, strict=True)
    ]
    return Transformer(tuple(parts), LayerNorm.init(D))


def attention_of(N, rng):
    return replace(MultiHeadAttention.init(D, 2, rng=rng), N=N)


ONE_STACK = "wanted what PyTorch stacks, one or more RNN, LSTM or ResetAfterGRU, all of one kind"
REFUSED = {
    "stacks in both directions": (
        lambda g: Bidirectional(*(Stacked((lstm(D, H, g), lstm(H, H, g))) for _ in "lr")),
        ONE_STACK,
    ),
    "both directions twice": (lambda g: Bidirectional(both(D, H, g), both(D, H, g)), ONE_STACK),
    "a stack of a stack": (lambda g: Stacked((Stacked((lstm(D, H, g),)), lstm(H, H, g))), ONE_STACK),
    "a stack of stacks in both directions": (
        lambda g: Stacked((Bidirectional(*(Stacked((lstm(D, H, g), lstm(H, H, g))) for _ in "lr")),)),
        ONE_STACK,
    ),
    "kinds of cell": (lambda g: Stacked((lstm(D, H, g), RNN.init(H, H, rng=g))), ONE_STACK),
    "kinds of cell in two directions": (lambda g: Bidirectional(lstm(D, H, g), rnn("tanh", g)), ONE_STACK),
    "both directions at one level": (lambda g: Stacked((both(D, H, g), lstm(2 * H, H, g))), ONE_STACK),
    "a stack of nothing": (lambda g: Stacked(()), ONE_STACK),
    "a stack of linear layers": (lambda g: Stacked((Linear.init(D, H, rng=g),)), ONE_STACK),
    "two widths": (lambda g: Stacked((lstm(D, H, g), lstm(H, 2, g))), r"wanted layers of widths \(D, H\).*\(3, 2\)"),
    "two widths in two directions": (
        lambda g: Bidirectional(lstm(D, 4, g), lstm(D, 2, g)),
        r"\[\[\(4, 4\), \(4, 2\)\]\]",
    ),
    "two inputs": (lambda g: Bidirectional(lstm(D, H, g), lstm(D + 1, H, g)), r"\(4, 3\), \(5, 3\)"),
    "layers that do not fit": (
        lambda g: Stacked((both(D, H, g), both(H, H, g))),
        r"wanted .*\(6, 3\).*, got .*\(3, 3\)",
    ),
    "an RNN of identities": (
        lambda g: rnn("identity", g),
        "wanted RNNs of tanh alone or of relu alone, as PyTorch has them, got identity",
    ),
    "two activations": (lambda g: Stacked((rnn("tanh", g), rnn("relu", g, H))), "got relu and tanh"),
    "two activations in two directions": (lambda g: Bidirectional(rnn("tanh", g), rnn("relu", g)), "got relu and tanh"),
    "our GRU deep inside": (
        lambda g: Bidirectional(GRU.init(D, H, rng=g), GRU.init(D, H, rng=g)),
        "use ResetAfterGRU, not GRU",
    ),
    "blocks of other heads": (lambda g: blocks(g, (2, H, 1e-5), (1, H, 1e-5)), "differ in nothing but their weights"),
    "blocks of other widths": (lambda g: blocks(g, (2, 3, 1e-5), (2, 5, 1e-5)), "differ in nothing but their weights"),
    "blocks of another eps": (lambda g: blocks(g, (2, H, 1e-5), (2, H, 1e-6)), "differ in nothing but their weights"),
    "no blocks": (lambda g: Transformer((), LayerNorm.init(D)), "one or more blocks"),
    "heads that do not divide the width": (
        lambda g: attention_of(3, g),
        "wanted heads that divide the width D = 4, got 3",
    ),
    "rotary positions": (
        lambda g: replace(attention_of(2, g), attention=RotaryAttention()),
        "wanted the usual dot-product attention, got RotaryAttention",
    ),
    "additive attention": (
        lambda g: AdditiveAttention.init(D, D, H, rng=g),
        "PyTorch has no layer for AdditiveAttention",
    ),
    "attention with a scale": (lambda g: DotProductAttention(0.3), "PyTorch has no layer for DotProductAttention"),
    "sinusoids": (lambda g: Chain((SinusoidalPositions(9),)), "PyTorch has no layer for SinusoidalPositions"),
    "a dropout that is drawn": (
        lambda g: Dropout.draw((2, 3), 0.5, rng=g),
        "wanted all parameters in float32, .* got bool",
    ),
    "norms elsewhere": (lambda g: Branches.init(D, 1, 2, rng=g, place="after"), "PyTorch has no layer for"),
    "two types of number": (
        lambda g: RecurrentLanguageModel.init(V, D, lstm(D, H, g), H, rng=g),
        "wanted all parameters in float32, or all in float64 or 16, got float32, float64; see tree.astype",
    ),
    "two types in one cell": (
        lambda g: LSTM(*list(lstm(D, H, g))[:2], np.zeros((4, H), np.float32)),
        "got float32, float64",
    ),
    "whole numbers": (lambda g: Embedding(np.ones((V, D), int)), "got .*int"),
    "complex numbers": (lambda g: Embedding(np.ones((V, D)) * 1j), "got complex128"),
    "more digits": (lambda g: Embedding(np.ones((V, D), np.longdouble)), "got .*(float128|longdouble)"),
    "nan": (lambda g: Linear(np.full((D, H), np.nan), np.zeros(H)), "wanted finite numbers in .*weight"),
    "arrays that do not fit": (
        lambda g: Linear(np.ones((D, H)), np.zeros(H + 1)),
        r"wanted b with axes \(H=3\), got shape \(4,\)",
    ),
    "no units": (
        lambda g: LSTM(np.ones((4, D, 0)), np.ones((4, 0, 0)), np.ones((4, 0))),
        "at least one number in W_x of LSTM",
    ),
    "a tuple": (lambda g: (lstm(D, H, g),), "PyTorch has no layer for"),
    "nothing": (lambda g: None, "PyTorch has no layer for None"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_module_of_pytorch_could_be_is_refused_with_the_reason(name, without_type_checks, rng):
    make, said = REFUSED[name]
    if name == "more digits" and np.dtype(np.longdouble).itemsize == 8:
        pytest.skip("here long doubles are doubles")
    for wrapped in (lambda layer: layer, lambda layer: Chain((Linear.init(2, 3, rng=rng), layer))):
        layer = wrapped(make(rng))
        if isinstance(layer, Chain) and name == "a tuple":
            continue
        with pytest.raises(ValueError, match=rf"to_torch_state: .*{said}"):
            to_torch_state(layer)
        with pytest.raises(ValueError, match=r"to_torch_state: |from_torch_state: wanted|from_torch_state: missing"):
            from_torch_state({}, like=layer)


def composed(rng, depth=2):
    """A layer put together by chance: often what PyTorch has, often not quite."""
    widths = [1, 2, 3] if rng.random() < 0.3 else [2]
    kinds = (RNN, LSTM, ResetAfterGRU, GRU) if rng.random() < 0.3 else (CELLS_OF_OURS[rng.integers(3)],)
    activations = ("tanh", "relu", "identity") if rng.random() < 0.2 else ("relu",)

    def cell(D, H):
        kind = kinds[rng.integers(len(kinds))]
        chosen = {"activation": activations[rng.integers(len(activations))]} if kind is RNN else {}
        return kind.init(D, H, rng=rng, **chosen)

    def level(D, ways):
        H = int(rng.choice(widths))
        cells = [cell(D, H if rng.random() < 0.95 else 1) for _ in range(ways)]
        return (Bidirectional(*cells), 2 * H) if ways == 2 else (cells[0], H)

    def stack():
        D, ways, levels = int(rng.choice(widths)), int(rng.integers(1, 3)), []
        for _ in range(rng.integers(1, 4)):
            made, D = level(D, ways if rng.random() < 0.95 else 3 - ways)
            levels.append(made)
        return Stacked(tuple(levels))

    def block(D=4):
        return TransformerBlock.init(D, int(rng.choice([1, 2])), int(rng.choice(widths)), rng=rng)

    makers = [
        stack,
        lambda: level(2, 1)[0],
        lambda: level(2, 2)[0],
        lambda: Linear.init(2, 3, rng=rng),
        lambda: Embedding.init(5, 2, rng=rng),
        lambda: LayerNorm(np.ones(2), np.zeros(2), float(rng.choice([1e-5, 1e-3]))),
        lambda: MultiHeadAttention.init(4, 2, rng=rng),
        block,
        lambda: Transformer(tuple(block() for _ in range(rng.integers(1, 3))), LayerNorm.init(4)),
    ]
    if depth:
        makers += [
            lambda: Chain(tuple(composed(rng, depth - 1) for _ in range(rng.integers(0, 4)))),
            lambda: Chain((MeanOverTime(), composed(rng, depth - 1))),
            lambda: Stacked((composed(rng, depth - 1), composed(rng, depth - 1))),
            lambda: Bidirectional(composed(rng, depth - 1), composed(rng, depth - 1)),
            lambda: RecurrentLanguageModel(Embedding.init(5, 2, rng=rng), composed(rng, 0), Linear.init(2, 3, rng=rng)),
        ]
    return makers[rng.integers(len(makers))]()


CELLS_OF_OURS = (RNN, LSTM, ResetAfterGRU)


def biases_of_pytorch_alone(layer):
    """How many numbers PyTorch has of which ours are made without: second biases, and those of keys."""
    if isinstance(layer, CELLS_OF_OURS):
        return tuple(leaves(layer))[2][1].size - (layer.b_past.size if isinstance(layer, ResetAfterGRU) else 0)
    if isinstance(layer, MultiHeadAttention):
        return layer.b_q.size
    parts = [part for child in layer for part in (child if isinstance(child, tuple) else (child,))]
    return sum(biases_of_pytorch_alone(part) for part in parts if isinstance(part, Tree))


@pytest.mark.usefixtures("without_type_checks")
def test_whatever_is_exported_comes_back_whole_and_goes_into_pytorch():
    """Layers by chance: refused in words, or every number is there once, under a name of its own."""
    outcomes = {"refused": 0, "exported": 0}
    for seed in range(400):
        rng = np.random.default_rng(seed)
        layer = composed(rng)
        layer = randomised(layer, rng)
        state = result(to_torch_state, layer)
        if state is None:
            outcomes["refused"] += 1
            continue
        outcomes["exported"] += 1
        assert sum(a.size for a in state.values()) == count(layer) + biases_of_pytorch_alone(layer)
        same(from_torch_state(state, like=tree_map(np.zeros_like, layer)), layer)
        before = tree_map(np.copy, layer)
        for array in state.values():
            assert array.flags.c_contiguous
            array += 1
        same(layer, before)
        if "torch" in sys.modules or find_spec("torch"):
            goes_into_pytorch(layer)
    assert min(outcomes.values()) > 100, outcomes


def goes_into_pytorch(layer):
    """Strictly: no name is missing or left over; and what can be run alone gives the same numbers."""
    import torch

    module = module_of(layer, torch)
    if module is None:
        return
    module.load_state_dict({name: torch.from_numpy(a) for name, a in to_torch_state(layer).items()}, strict=True)
    if isinstance(layer, Chain | RecurrentLanguageModel):
        return
    rng = np.random.default_rng(0)
    if isinstance(layer, Embedding):
        x = rng.integers(0, 5, (3, 2))
    else:
        x = rng.normal(size=(3, 2, width_of(layer)))
    x_of_theirs = torch.from_numpy(x)
    theirs = (
        module(x_of_theirs, x_of_theirs, x_of_theirs) if isinstance(layer, MultiHeadAttention) else module(x_of_theirs)
    )
    theirs = theirs[0] if isinstance(theirs, tuple) else theirs
    np.testing.assert_allclose(layer.forward(x)[0], theirs.detach().numpy(), atol=1e-9)


def width_of(layer):
    """The features that a layer reads."""
    first = layer
    while not isinstance(first, (*CELLS_OF_OURS, Linear, LayerNorm, MultiHeadAttention)):
        first = next(iter(first))
        first = first[0] if isinstance(first, tuple) else first
    array = next(iter(first))
    return array.shape[0] if array.ndim == 1 else array.shape[-2]


def module_of(layer, torch):
    """The module of PyTorch that a layer is, told what names and shapes do not tell."""
    options = {"dtype": torch.float64}
    if isinstance(layer, (*CELLS_OF_OURS, Bidirectional, Stacked)):
        levels = layer.layers if isinstance(layer, Stacked) else (layer,)
        ways = 2 if isinstance(levels[0], Bidirectional) else 1
        cell = levels[0].from_left if ways == 2 else levels[0]
        if isinstance(cell, RNN):
            options |= {"nonlinearity": cell.activation}
        kind = {RNN: "RNN", LSTM: "LSTM", ResetAfterGRU: "GRU"}[type(cell)]
        D, H = next(iter(cell)).shape[-2:]
        return getattr(torch.nn, kind)(D, H, num_layers=len(levels), bidirectional=ways == 2, **options)
    if isinstance(layer, Linear):
        return torch.nn.Linear(*layer.W.shape, **options)
    if isinstance(layer, Embedding):
        return torch.nn.Embedding(*layer.W.shape, **options)
    if isinstance(layer, LayerNorm):
        return torch.nn.LayerNorm(len(layer.gain), layer.eps, **options)
    if isinstance(layer, MultiHeadAttention):
        return torch.nn.MultiheadAttention(len(layer.W_q), layer.N, **options)
    if isinstance(layer, Transformer | TransformerBlock):
        block = layer.blocks[0] if isinstance(layer, Transformer) else layer
        D, H = block.feed_forward.W_1.shape
        module = torch.nn.TransformerEncoderLayer(
            D, block.attention.N, H, 0.0, layer_norm_eps=block.norm_1.eps, norm_first=True, **options
        )
        if isinstance(layer, Transformer):
            norm = torch.nn.LayerNorm(D, layer.norm.eps, **options)
            module = torch.nn.TransformerEncoder(module, len(layer.blocks), norm, enable_nested_tensor=False)
        return module
    if isinstance(layer, MeanOverTime):
        return torch.nn.Identity()
    if isinstance(layer, Chain):
        return torch.nn.Sequential(*(module_of(part, torch) for part in layer.layers))
    return torch.nn.ModuleDict(
        {name: module_of(getattr(layer, name), torch) for name in ("embedding", "recurrent", "readout")}
    )


@pytest.mark.parametrize("state", [None, [], 3, "weights", [("weight", np.ones((3, 2)))], np.ones(3)])
def test_states_that_are_none_are_refused(state, without_type_checks, rng):
    with pytest.raises(ValueError, match=r"from_torch_state: wanted a dictionary of arrays by name, got \w+"):
        from_torch_state(state, like=Linear.init(2, 3, rng=rng))


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        ([[1.0, 2.0], [3.0]], "wanted weight as an array of numbers, got"),
        (None, r"wanted weight of shape \(3, 2\), got \(\)"),
        ({"a": 1}, r"wanted weight of shape \(3, 2\), got \(\)"),
        ([["a", "b"]] * 3, "wanted weight in floating point, got <U1"),
        (np.ones((3, 2), int), "wanted weight in floating point, got int"),
    ],
)
def test_weights_that_are_none_are_refused_by_name(weight, said, without_type_checks, rng):
    layer = Linear.init(2, 3, rng=rng)
    with pytest.raises(ValueError, match=f"from_torch_state: {said}"):
        from_torch_state(to_torch_state(layer) | {"weight": weight}, like=layer)
    with pytest.raises(ValueError, match=r"missing \['weight'\], left over \['2', 'None'\]"):
        from_torch_state({"bias": np.zeros(3), None: weight, 2: weight}, like=layer)


@pytest.mark.parametrize("order", [">", "<"])
def test_other_orders_of_bytes_and_of_axes_are_exported_as_pytorch_reads_them(order, rng):
    layer = Linear(np.asfortranarray(rng.normal(size=(2, 3))).astype(f"{order}f8"), rng.normal(size=6)[::2])
    state = to_torch_state(layer)
    assert all(a.dtype.isnative and a.flags.c_contiguous and a.flags.writeable for a in state.values())
    same(from_torch_state(state, like=layer), layer)


def test_wrong_names_and_shapes_are_refused_by_name(rng):
    layer = LAYERS["LSTM"](rng)
    state = to_torch_state(layer)
    renamed = {name.replace("_hh", "_H"): a for name, a in state.items()}
    with pytest.raises(ValueError, match=r"missing \['bias_hh_l0', 'weight_hh_l0'\], left over \['bias_H_l0'"):
        from_torch_state(renamed, like=layer)
    with pytest.raises(ValueError, match=r"wanted weight_ih_l0 of shape \(12, 4\), got \(4, 12\)"):
        from_torch_state(state | {"weight_ih_l0": state["weight_ih_l0"].T}, like=layer)


@pytest.mark.parametrize("name", LAYERS)
def test_the_layer_keeps_its_numbers_when_those_of_pytorch_go_on(name, rng):
    layer = LAYERS[name](rng)
    state = {key: array.copy() for key, array in to_torch_state(layer).items()}
    got = from_torch_state(state, like=layer)
    before = tree_map(np.copy, got)
    for array in state.values():
        array += 1
    for (_, now), (_, then) in zip(leaves(got), leaves(before), strict=True):
        np.testing.assert_array_equal(now, then)


def test_numbers_may_come_as_lists(without_type_checks, rng):
    layer = Linear.init(2, 3, rng=rng)
    lists = {key: array.tolist() for key, array in to_torch_state(layer).items()}
    np.testing.assert_allclose(from_torch_state(lists, like=layer).W, layer.W)


CELLS = ("RNN", "GRU", "LSTM")


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_pytorch_and_we_compute_the_same_from_the_same_file(kind, ways, layers, tmp_path, rng):
    """Both ways: our weights in theirs, and theirs, biases all at random, in ours."""
    torch = pytest.importorskip("torch")
    ours = {"RNN": RNN, "GRU": ResetAfterGRU, "LSTM": LSTM}[kind]

    def make(k):
        cells = [ours.init(D if k == 0 else ways * H, H, rng=rng) for _ in range(ways)]
        return Bidirectional(*cells) if ways == 2 else cells[0]

    layer = Stacked(tuple(make(k) for k in range(layers)))
    module = getattr(torch.nn, kind)(D, H, num_layers=layers, bidirectional=ways == 2, dtype=torch.float64)
    x = rng.normal(size=(5, 2, D))

    def theirs():
        with torch.no_grad():
            return module(torch.from_numpy(x))[0].numpy()

    write_arrays({name: t.numpy() for name, t in module.state_dict().items()}, tmp_path / "weights.npz")
    taken = from_torch_state(read_arrays(tmp_path / "weights.npz"), like=layer)
    np.testing.assert_allclose(taken.forward(x)[0], theirs(), atol=1e-12)
    state = to_torch_state(randomised(layer, rng))
    module.load_state_dict({name: torch.from_numpy(a) for name, a in state.items()})
    np.testing.assert_allclose(from_torch_state(state, like=layer).forward(x)[0], theirs(), atol=1e-12)


@pytest.mark.parametrize("layers", [1, 3])
def test_transformers_of_pytorch_and_ours_compute_the_same_from_the_same_file(layers, tmp_path, rng):
    """Theirs has a bias of the keys that ours leaves out: the numbers are the same."""
    torch = pytest.importorskip("torch")
    options = {"norm_first": True, "dropout": 0.0, "dtype": torch.float64}
    module = torch.nn.TransformerEncoderLayer(8, 2, 5, **options)
    ours = TransformerBlock.init(8, 2, 5, rng=rng)
    if layers > 1:
        norm = torch.nn.LayerNorm(8, dtype=torch.float64)
        module = torch.nn.TransformerEncoder(module, layers, norm, enable_nested_tensor=False)
        ours = Transformer.init(8, layers, 2, 5, rng=rng)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter)
    x = rng.normal(size=(5, 3, 8))

    def theirs():
        return module(torch.from_numpy(x)).detach().numpy()  # in training mode: no fast path, dropout 0

    write_arrays({name: t.detach().numpy() for name, t in module.state_dict().items()}, tmp_path / "weights.npz")
    taken = from_torch_state(read_arrays(tmp_path / "weights.npz"), like=ours)
    np.testing.assert_allclose(taken.forward(x)[0], theirs(), atol=1e-10)
    state = to_torch_state(randomised(ours, rng))
    module.load_state_dict({name: torch.from_numpy(a) for name, a in state.items()})
    np.testing.assert_allclose(from_torch_state(state, like=ours).forward(x)[0], theirs(), atol=1e-10)
