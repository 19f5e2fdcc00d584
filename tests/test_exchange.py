"""Weights to PyTorch and back: by names and layout in every run, against PyTorch itself where it is installed."""

import sys

import numpy as np
import pytest

from course_utils.exchange import from_torch_state, to_torch_state
from course_utils.files import read_arrays, write_arrays
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.pooling import MeanOverTime
from course_utils.layers.positions import PositionEmbedding
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.models import RecurrentLanguageModel
from course_utils.transformer_models import TransformerLanguageModel
from course_utils.tree import Array, Tree, leaves, tree, tree_map

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
