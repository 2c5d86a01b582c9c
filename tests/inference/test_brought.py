"""Weights that a reader brings: what is refused, how names are laid beside each other, what is kept and by whom."""

import bz2
import gzip
import json
import lzma
import pickle
import re
import struct

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from cnnviz import networks
from cnnviz.data.datasets.preprocessing import Preprocessing
from cnnviz.inference import about, brought, checkpoints, counterparts, headers
from cnnviz.inference.about import About
from cnnviz.inference.counterparts import Pair, differing, stripped
from cnnviz.inference.predict import logits
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import weights
from tests.helpers import names, refused

TEXT = """nn.Sequential(
    nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.5),
    nn.Linear(4 * 13 * 13, 10),
)"""
SHAPES = {"0.weight": (4, 1, 3, 3), "0.bias": (4,), "6.weight": (10, 676), "6.bias": (10,)}
DIGITS = About(tuple("0123456789"), Preprocessing((0.13,), (0.31,), (28, 28)), "mnist")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "networks"


@pytest.fixture
def network():
    torch.manual_seed(1)
    made = networks.build(OWN_TEXT, TEXT)
    made(torch.randn(8, 1, 28, 28))  # the averages of the normalisation are not those of a fresh one
    return made.eval()


def file_of(network, prefix="", metadata=None, kind=None):
    state = {f"{prefix}{name}": tensor.contiguous() for name, tensor in network.state_dict().items()}
    if kind:
        state = {name: one.to(kind) if one.is_floating_point() else one for name, one in state.items()}
    return safetensors.torch.save(state, metadata)


def kept(network, content, text=TEXT, given=DIGITS, session="a"):
    return brought.keep(brought.judge("model.safetensors", content), content, text, given, session)


def raw(header, data=b"", size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


def entry(shape=(2,), begin=0, end=8, kind="F32"):
    return {"dtype": kind, "shape": list(shape), "data_offsets": [begin, end]}


# --- what is kept predicts as it did elsewhere


def test_what_is_brought_predicts_as_it_did(network, folder):
    name = kept(network, file_of(network))
    one = checkpoints.load(weights.path(name))
    pictures = np.random.default_rng(0).integers(0, 256, (5, 28, 28, 1), np.uint8)
    inputs = (torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255 - 0.13) / 0.31
    assert np.allclose(logits(one, pictures), network(inputs).detach().numpy(), atol=1e-5)
    assert not one.network.training and one.card.text == TEXT and one.card.dataset == "mnist"
    assert one.card.accuracy is None and one.card.classes == DIGITS.classes
    assert sorted(path.name for path in folder.iterdir()) == [f"{name}.by-a", f"{name}.safetensors"]
    assert "10" in weights.title(name) and "1 × 28 × 28" in weights.title(name)


@pytest.mark.parametrize(("kind", "word"), [(torch.float16, "half"), (torch.bfloat16, "bfloat16")])
def test_half_is_widened_with_a_word(network, kind, word):
    content = file_of(network, kind=kind)
    assert any(word in note and "8" in note for note in brought.judge("m.safetensors", content).notes)
    one = checkpoints.load(weights.path(kept(network, content)))
    single = safetensors.torch.save({"a": torch.zeros(2, dtype=kind), "b": torch.zeros(2)})
    assert names(brought.judge("m.safetensors", single).notes[0], "1 tensor", word)
    expected = network.state_dict()["6.weight"].to(kind).float()
    assert torch.equal(one.network.state_dict()["6.weight"], expected)


def test_double_is_rounded_and_may_not_overflow(network):
    one = checkpoints.load(weights.path(kept(network, file_of(network, kind=torch.float64))))
    assert torch.equal(one.network.state_dict()["6.bias"], network.state_dict()["6.bias"])
    network.double().state_dict()["6.bias"][3] = 1e300
    with refused("6.bias", "inf", [3]):
        kept(network, file_of(network))


def test_what_was_saved_by_this_app_says_what_it_is(network, tmp_path):
    name = kept(network, file_of(network))
    content = weights.path(name).read_bytes()
    judged = brought.judge("again.safetensors", content)
    assert about.offered(judged.metadata, (3, 5, 5)) == (DIGITS, [])
    assert brought.fitted(judged, brought.network_of(TEXT))[1] == []


# --- names


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "net.", "w.x.y.z.", "a." * 9])
def test_a_prefix_is_taken_off_with_a_word(network, prefix):
    content = file_of(network, prefix)
    fitted, pairs = brought.fitted(brought.judge("m.safetensors", content), brought.network_of(TEXT))
    assert pairs == [] and any(prefix in note for note in fitted.notes)
    one = checkpoints.load(weights.path(kept(network, content)))
    assert torch.equal(one.network.state_dict()["0.weight"], network.state_dict()["0.weight"])


def test_a_prefix_that_is_the_networks_own_stays():
    names = ["net.0.weight", "net.0.bias"]
    assert stripped(names, names) == ({name: name for name in names}, "")
    assert stripped(["a.x", "b.x"], ["x"])[1] == "" and stripped([], ["x"]) == ({}, "")


def test_a_prefix_that_most_names_have_is_taken_off_those():
    wanted = ["x", "y.z"]
    assert stripped(["m.x", "m.y.z", "n"], wanted) == ({"x": "m.x", "y.z": "m.y.z", "n": "n"}, "m.")
    assert stripped(["m.x", "m.y.z", "loss.w"], wanted)[0] == {"x": "m.x", "y.z": "m.y.z", "loss.w": "loss.w"}
    assert stripped(["m.k.x", "m.k.y.z", "m.n"], wanted)[1] == "m.k."
    assert stripped(["m.x", "m.y.z", "x"], wanted)[1] == "", "two would go by the same name"


def test_averaged_weights_are_taken_with_a_word_and_without_their_counter(network):
    averaged = torch.optim.swa_utils.AveragedModel(network)
    averaged.update_parameters(network)
    content = safetensors.torch.save({name: one.contiguous() for name, one in averaged.state_dict().items()})
    fitted, pairs = brought.fitted(brought.judge("m.safetensors", content), brought.network_of(TEXT))
    assert pairs == [] and any("n_averaged" in note for note in fitted.notes)
    assert any(names(note, "module.", len(fitted.tensors)) for note in fitted.notes)
    found = checkpoints.load(weights.path(kept(network, content))).network.state_dict()
    assert torch.equal(found["6.weight"], network.state_dict()["6.weight"])


def test_the_likeness_of_many_long_names_is_asked_of_the_first_alone(monkeypatch):
    """Each look at two names of 160 letters takes long, and a table shows 40 of them."""
    looks = []
    monkeypatch.setattr(
        counterparts, "_likeness", lambda one, other: looks.append(one) or float(one[-5:] == other[-5:])
    )
    wanted = {f"{'layer.' * 25}{n:05}": (4, 4) for n in range(4000)}
    found = {f"{'block.' * 25}{n:05}": (4, 4) for n in reversed(range(4000))}
    pairs = differing(wanted, found)
    assert len(looks) <= counterparts.MAX_LIKENED * counterparts.MAX_COMPARED and len(set(looks)) == 40
    assert {pair.found for pair in pairs} == found.keys() and [pair.wanted for pair in pairs] == list(wanted)


def test_what_differs_stands_beside_its_likely_counterpart():
    found = {"conv1.weight": (4, 1, 3, 3), "conv1.bias": (4,), "fc.weight": (5, 676), "6.bias": (10,), "extra": (7, 7)}
    assert differing(SHAPES, found) == [
        Pair("0.weight", (4, 1, 3, 3), "conv1.weight", (4, 1, 3, 3)),
        Pair("0.bias", (4,), "conv1.bias", (4,)),
        Pair("6.weight", (10, 676), "fc.weight", (5, 676)),
        Pair("", None, "extra", (7, 7)),
    ]
    assert differing(SHAPES, SHAPES) == []
    assert differing({"a": (2,)}, {"a": (3,)}) == [Pair("a", (2,), "a", (3,))]
    assert differing({"a": (2,)}, {}) == [Pair("a", (2,), "", None)]


def test_of_tensors_of_one_shape_the_one_of_the_same_kind_is_meant():
    wanted = {"norm.weight": (4,), "norm.bias": (4,)}
    found = {"bn1.bias": (4,), "bn1.weight": (4,)}
    assert [(pair.wanted, pair.found) for pair in differing(wanted, found)] == [
        ("norm.weight", "bn1.weight"),
        ("norm.bias", "bn1.bias"),
    ]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"2.beta": (8,), "2.gamma": (8,)}, ["2.gamma", "2.beta"]),
        ({"norm/offset": (8,), "norm/scale": (8,)}, ["norm/scale", "norm/offset"]),
        ({"bn.bias": (8,), "bn.gamma": (8,), "bn.beta": (9,)}, ["bn.gamma", "bn.bias"]),
    ],
)
def test_what_other_libraries_call_weight_and_bias_is_not_swapped(found, expected):
    pairs = differing({"2.weight": (8,), "2.bias": (8,)}, found)
    assert [pair.found for pair in pairs if pair.wanted] == expected


def test_what_other_libraries_call_averages_is_not_swapped():
    wanted = {"1.running_mean": (8,), "1.running_var": (8,), "1.weight": (8,)}
    found = {"b/moving_variance:0": (8,), "b/gamma:0": (8,), "b/moving_mean:0": (8,)}
    pairs = {pair.wanted: pair.found.partition("/")[2] for pair in differing(wanted, found)}
    assert pairs == dict(zip(wanted, ("moving_mean:0", "moving_variance:0", "gamma:0"), strict=True))


def test_a_header_as_long_as_a_pickle_begins_is_none(network):
    """A length of 640 bytes is written 0x80 0x02, as a pickle begins."""
    text = json.dumps({"a": entry()}).encode()
    content = raw(text.ljust(640), bytes(8))
    assert content[:2] == b"\x80\x02" and brought.judge("m.safetensors", content).shapes == {"a": (2,)}


@pytest.mark.parametrize("size", [640, 896, 1152, 1408, 0x10280])
def test_a_file_that_is_cut_short_is_called_no_pickle(size):
    content = raw(json.dumps({"a": entry()}).encode().ljust(size), bytes(4))
    with refused("m.safetensors") as caught:
        brought.judge("m.safetensors", content)
    assert "pickle" not in str(caught.value) and names(str(caught.value), "cut short", f"{len(content):,}")


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("held", [None, {}, {"a": 1}, "a" * 9])
def test_a_pickle_under_our_name_is_called_one(protocol, held):
    with refused("m.safetensors", "pickle"):
        brought.judge("m.safetensors", pickle.dumps(held, protocol))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12345\n", "git lfs pull"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "download"),
        (b"\n  <html>", "download"),
        (b'{"detail": "no such file"}', "JSON"),
        (b'\xef\xbb\xbf  [{"weight_map": {}}]', "JSON"),
        (b"{}", "JSON"),
        (gzip.compress(raw({"a": entry()}, bytes(8)), mtime=0), "gunzip"),
        (gzip.compress(b"x" * 900, mtime=1_700_000_000), "gunzip"),
        (bz2.compress(b"x" * 900), "bunzip2"),
        (lzma.compress(b"x" * 900), "unxz"),
        (b"GGUF\x03\0\0\0" + bytes(64), "GGUF"),
        (b"\x89HDF\r\n\x1a\n" + bytes(64), "HDF5"),
        (b"\x93NUMPY\x01\0v\0{'descr': '<f4'}", "numpy"),
        ("Übung 3: Gewichte stehen hier nicht".encode(), "Übung 3"),
        (b"model,accuracy\nnet,0.9\n", "model,accuracy"),
    ],
)
def test_what_came_in_place_of_a_file_is_recognised(content, named):
    with refused("m.safetensors", named) as caught:
        brought.judge("m.safetensors", content)
    assert not re.search(r"\d{3},\d{3}", str(caught.value)), "no length is read out of words"


def test_a_header_of_any_length_is_read():
    """Lengths of which the first byte is that of a page of the web, of a gzip or of JSON."""
    for size in (0x3C3C, 0x088B1F, 0x7B7B, 0x5B5B):
        text = json.dumps({"a": entry((1,), 0, 4)}).encode().ljust(size)
        assert brought.judge("m.safetensors", raw(text[:size], bytes(4))).shapes == {"a": (1,)}


@pytest.mark.parametrize("left", [1, 3, 9, 50, 4_000])
def test_a_file_that_was_cut_short_is_to_be_downloaded_again(network, left):
    content = file_of(network)[:-left]
    with refused("m.safetensors", f"{len(content):,}", "cut short", "download"):
        brought.judge("m.safetensors", content)


def test_names_that_do_not_match_are_not_kept(network, folder):
    other = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))
    with refused("model.safetensors", "tensors do not match"):
        kept(other, file_of(other))
    less = {name: one.contiguous() for name, one in network.state_dict().items() if name != "6.bias"}
    with refused("6.bias does not match"):
        kept(network, safetensors.torch.save(less))
    assert not folder.exists()


# --- layers that share their numbers

TWICE = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(784, 784)
        self.b = self.a
        self.last = nn.Linear(784, 10)
    def forward(self, x):
        return self.last(self.b(self.a(x.flatten(1))))
"""
TIED = TWICE.replace("self.b = self.a", "self.b = nn.Linear(784, 784)\n        self.b.weight = self.a.weight")


@pytest.mark.parametrize("text", [TWICE, TIED])
def test_the_lines_that_write_take_layers_that_share_their_numbers(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = networks.build(OWN_TEXT, text, (1, 28, 28))
    exec(brought.SAVING, {"model": model})
    content = (tmp_path / "model.safetensors").read_bytes()
    found = checkpoints.load(weights.path(kept(model, content, text))).network.state_dict()
    assert found.keys() == model.state_dict().keys()
    assert all(torch.equal(found[name], one) for name, one in model.state_dict().items())


@pytest.mark.parametrize(("text", "without"), [(TWICE, {"b.weight", "b.bias"}), (TIED, {"b.weight"})])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_name_that_is_left_out_takes_the_numbers_that_it_is_tied_to(text, without, prefix):
    model = networks.build(OWN_TEXT, text, (1, 28, 28))
    state = {f"{prefix}{name}": one for name, one in model.state_dict().items() if name not in without}
    content = safetensors.torch.save(state)  # as safetensors.torch.save_model writes it
    fitted, pairs = brought.fitted(brought.judge("m.safetensors", content), brought.network_of(text))
    told = next(note for note in fitted.notes if "tied" in note)
    assert pairs == [] and any(names(told, name) for name in without) and (len(without) > 1) == names(told, "1 tensor")
    found = checkpoints.load(weights.path(kept(model, content, text))).network.state_dict()
    assert all(torch.equal(found[name], model.state_dict()[name]) for name in without)


def test_a_name_that_is_missing_and_tied_to_none_is_missing():
    model = networks.build(OWN_TEXT, TIED, (1, 28, 28))
    state = {name: one for name, one in model.state_dict().items() if name not in ("b.weight", "b.bias")}
    judged = brought.judge("m.safetensors", safetensors.torch.save(state))
    assert brought.fitted(judged, brought.network_of(TIED))[1] == [Pair("b.bias", (784,), "", None)]


# --- what is refused


@pytest.mark.parametrize("file", ["net.pt", "net.PTH", "a.bin", "a.ckpt", "a.pkl"])
def test_a_pickle_is_not_opened(file):
    class Boom:
        def __reduce__(self):
            return (pytest.fail, ("it was opened",))

    with refused(file, "pickle", ".safetensors"):
        brought.judge(file, pickle.dumps(Boom()))
    with refused("a.safetensors", "pickle"):
        brought.judge("a.safetensors", pickle.dumps(Boom()))
    with refused("photo.png", ".safetensors"):
        brought.judge("photo.png", b"\x89PNG")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_named_with_its_place(network, value):
    network.state_dict()["0.weight"][2, 0, 1, 2] = network.state_dict()["0.weight"][3, 0, 0, 0] = value
    with refused("0.weight", str(value), [2, 0, 1, 2], "2 of its 36"):
        kept(network, file_of(network))


def test_where_no_number_is_one_their_places_are_not_all_written_down(monkeypatch):
    monkeypatch.setattr(torch.Tensor, "nonzero", lambda *_: pytest.fail("the places take 16 bytes for each number"))
    with refused("w", "nan", [0, 0], "6 of its 6"):
        checkpoints.check_finite("m.safetensors", "w", torch.full((2, 3), float("nan")))
    with refused("w", "inf", []):
        checkpoints.check_finite("m.safetensors", "w", torch.tensor(float("inf")))
    assert checkpoints.check_finite("m.safetensors", "w", torch.ones(2, 3)) is None


@pytest.mark.parametrize("count", [2, 7, 9, 11, 40])
def test_each_output_has_a_class(network, count, folder):
    given = About(tuple(f"kind {n}" for n in range(count)), DIGITS.preprocessing)
    with refused(count, "10 outputs", "name 10"):
        kept(network, file_of(network), given=given)
    assert not folder.exists()


def test_without_classes_numbers_stand_for_them(network):
    one = checkpoints.load(weights.path(kept(network, file_of(network), given=About((), DIGITS.preprocessing))))
    assert one.card.classes == tuple("0123456789")


@pytest.mark.parametrize("outputs", [1, about.MAX_CLASSES + 1])
def test_so_many_outputs_can_have_no_classes(outputs):
    text = f"nn.Sequential(nn.Flatten(), nn.Linear(784, {outputs}))"
    network = networks.build(OWN_TEXT, text)
    for classes in ((), ("a", "b")):
        with refused(f"{outputs:,}", f"2 to {about.MAX_CLASSES:,}"):
            kept(network, file_of(network), text, About(classes, DIGITS.preprocessing))


def test_pictures_that_the_network_does_not_take(network):
    with pytest.raises(ValueError, match="676"):
        kept(network, file_of(network), given=About(DIGITS.classes, Preprocessing((0.1,), (0.3,), (32, 32))))


def test_integers_are_no_weights(network):
    state = {name: one.contiguous() for name, one in network.state_dict().items()}
    with refused("0.bias", "I64"):
        kept(network, safetensors.torch.save({**state, "0.bias": torch.zeros(4, dtype=torch.int64)}))
    with refused("0.bias", "I8", "float32"):
        kept(network, safetensors.torch.save({**state, "0.bias": torch.zeros(4, dtype=torch.int8)}))


@pytest.mark.parametrize(
    ("kind", "counted"),
    [(torch.float32, 70_000), (torch.float16, 2048), (torch.int32, 70_000), (torch.uint8, 200), (torch.bool, 1)],
)
def test_whole_numbers_of_any_type_count(network, kind, counted):
    """What {name: tensor.half() ...} and its like make of the counter of a batch normalisation."""
    state = {name: one.contiguous() for name, one in network.state_dict().items()}
    content = safetensors.torch.save({**state, "1.num_batches_tracked": torch.tensor(counted).to(kind)})
    found = checkpoints.load(weights.path(kept(network, content))).network.state_dict()["1.num_batches_tracked"]
    assert found.dtype == torch.int64 and found.item() == counted


NORMS = "nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 3, 28), nn.BatchNorm2d(3), nn.Flatten())"


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("without", [["0"], ["2"], ["0", "2"]])
def test_a_counter_that_is_missing_is_nought_with_a_word(prefix, without):
    network = networks.build(OWN_TEXT, NORMS).train()
    network(torch.randn(6, 1, 28, 28))
    left_out = [f"{layer}.num_batches_tracked" for layer in without]
    state = {name: one for name, one in network.state_dict().items() if name not in left_out}
    content = safetensors.torch.save({f"{prefix}{name}": one for name, one in state.items()})
    fitted, pairs = brought.fitted(brought.judge("m.safetensors", content), brought.network_of(NORMS))
    assert pairs == [] and names(fitted.notes[-1], left_out[0], 0)
    assert ("1 tensor more" in fitted.notes[-1]) == (len(without) > 1)
    given = About(("a", "b", "c"), DIGITS.preprocessing)
    found = checkpoints.load(weights.path(kept(network, content, NORMS, given))).network.state_dict()
    assert [found[name].item() for name in left_out] == [0] * len(left_out)
    assert all(torch.equal(found[name], one) for name, one in state.items())


def test_a_counter_in_a_list_of_one_is_taken_with_a_word(network):
    state = {name: one.contiguous() for name, one in network.state_dict().items()}
    content = safetensors.torch.save({**state, "1.num_batches_tracked": torch.tensor([31])})
    fitted, pairs = brought.fitted(brought.judge("m.safetensors", content), brought.network_of(TEXT))
    assert pairs == [] and names(fitted.notes[-1], "1.num_batches_tracked", "(1,)")
    found = checkpoints.load(weights.path(kept(network, content))).network.state_dict()
    assert found["1.num_batches_tracked"].item() == 31
    two = safetensors.torch.save({**state, "1.num_batches_tracked": torch.tensor([3, 1])})
    with refused("1.num_batches_tracked"):
        kept(network, two)


def test_averages_that_are_missing_are_missing_and_so_is_their_counter(network):
    lost = ("running_mean", "running_var", "num_batches_tracked")
    state = {name: one for name, one in network.state_dict().items() if not name.endswith(lost)}
    judged = brought.judge("m.safetensors", safetensors.torch.save(state))
    pairs = brought.fitted(judged, brought.network_of(TEXT))[1]
    assert {pair.wanted for pair in pairs} == {f"1.{name}" for name in lost}


@pytest.mark.parametrize("value", [1.5, float("inf"), float("nan"), 1e30])
def test_a_counter_that_is_no_whole_number_is_refused_with_what_to_do(network, value):
    state = {name: one.contiguous() for name, one in network.state_dict().items()}
    with refused("1.num_batches_tracked", "F32", "tensor.long()"):
        kept(network, safetensors.torch.save({**state, "1.num_batches_tracked": torch.tensor(value)}))


@pytest.mark.parametrize(
    ("kind", "remedy"), [("F8_E4M3", "model.float()"), ("F8_E8M0", "model.float()"), ("U16", "tensor.long()")]
)
def test_a_type_that_is_not_taken_is_refused_with_what_changes_it(kind, remedy):
    size = headers.BYTES[kind] * 2
    with refused("a", kind, remedy):
        brought.judge("m.safetensors", raw({"a": entry(end=size, kind=kind)}, bytes(size)))


def test_a_file_that_is_too_large(monkeypatch, network):
    content = file_of(network)
    monkeypatch.setattr(brought, "MAX_BYTES", len(content) - 1)
    with refused(f"{len(content):,}", f"{len(content) - 1:,}", "model"):
        brought.judge("m.safetensors", content)


def test_a_network_that_is_too_large(monkeypatch, network):
    count = sum(one.numel() for one in network.parameters())
    monkeypatch.setenv("CNNVIZ_MAX_PARAMETERS", str(count))
    assert brought.network_of(TEXT)
    monkeypatch.setenv("CNNVIZ_MAX_PARAMETERS", str(count - 1))
    with refused(f"{count:,}", f"{count - 1:,}"):
        brought.network_of(TEXT)


@pytest.mark.parametrize(
    ("content", "values"),
    [
        (b"", ["0 bytes"]),
        (b"\0" * 7, ["7 bytes"]),
        (raw(b"{}", size=2**60), [f"{2**60:,}"]),
        (raw(b"{}".ljust(headers.MAX_HEADER + 1)), [f"{headers.MAX_HEADER + 1:,}", f"{headers.MAX_HEADER:,}"]),
        (raw(b"{}", size=200), ["10 bytes", "200", "cut short"]),
        (raw(b"", size=1), ["1 bytes"]),
        (raw(b"[]"), ["tensors"]),
        (raw(b"{ "), ["JSON"]),
        (raw(b'{"a": ' + b"[" * 100_000), ["JSON"]),
        (raw(b"\xff\xfe{}"), ["JSON"]),
        (raw(b'{"a": 1, "a": 2}'), ["twice"]),
        (raw({"__metadata__": {"a": 1}}), ["metadata"]),
        (raw({"a": entry()}), ["69", "77", "cut short", "download"]),  # its bytes are not there
        (raw({"a": entry()}, bytes(9)), ["between"]),
        (raw({"a": entry(), "b": entry()}, bytes(8)), ["overlap"]),
        (raw({"a": entry(), "b": entry(begin=4, end=12)}, bytes(12)), ["overlap"]),
        (raw({"a": entry(begin=8, end=16)}, bytes(16)), ["between"]),
        (raw({"a": entry(begin=8, end=0)}, bytes(8)), ["a", -8]),
        (raw({"a": entry((2**39, 2**39))}, bytes(8)), [f"{2**80:,}"]),
        (raw({"a": entry((-2,))}, bytes(8)), ["shape"]),
        (raw({"a": entry((2.0,))}, bytes(8)), ["shape"]),
        (raw({"a": entry((True, 2))}, bytes(8)), ["shape"]),
        (raw({"a": entry((1,) * 9, 0, 4)}, bytes(4)), ["shape"]),
        (raw({"a": entry(kind="F4")}, bytes(8)), ["F4", "F32"]),
        (raw({"a": entry(kind=["F32"])}, bytes(8)), ["F32"]),
        (raw({"a": {**entry(), "more": 1}}, bytes(8)), ["a"]),
        (raw({"a": 3}), ["a"]),
        (raw({"\ud800": entry()}, bytes(8)), ["name"]),
        (raw({"a" * 201: entry()}, bytes(8)), ["name"]),
        (raw({str(n): entry((0,), 0, 0) for n in range(headers.MAX_TENSORS + 1)}), [f"{headers.MAX_TENSORS:,}"]),
    ],
)
def test_a_header_that_is_none(content, values):
    with refused("m.safetensors", *values):
        brought.judge("m.safetensors", content)


def test_no_damage_gets_through_that_safetensors_would_not_read(network, tries):
    """Whatever is changed in a file: it is refused with a sentence, or it is a file that can be kept or compared."""
    content, told = file_of(network), []
    size = 8 + int.from_bytes(content[:8], "little")
    for random in tries(2000, sample=150):
        damaged = bytearray(content)
        for _ in range(random.randint(1, 4)):
            damaged[random.randrange(size)] = random.randrange(256)
        try:
            judged = brought.judge("m.safetensors", bytes(damaged))
        except ValueError as error:
            told.append(str(error))
            continue
        brought.fitted(judged, brought.network_of(TEXT))
        assert safetensors.torch.load(bytes(damaged)).keys() == judged.tensors.keys()
    assert told and all(sentence.startswith("m.safetensors") for sentence in told)


# --- the short form


@pytest.mark.parametrize(
    "metadata",
    [
        {"classes": '["cat", "dog"]', "mean": "[0.5, 0.4, 0.3]", "std": "[0.2, 0.2, 0.1]", "size": "[32, 24]"},
        {"classes": "cat, dog", "mean": "0.5, 0.4, 0.3", "std": "(0.2, 0.2, 0.1)", "size": "32 x 24"},
        {"id2label": '{"1": "dog", "0": "cat"}', "mean": "0.5 0.4 0.3", "std": "0.2 0.2 0.1", "size": "(3, 32, 24)"},
        {"class_to_idx": '{"dog": 1, "cat": 0}', "input_shape": "3x32x24"}
        | {"preprocessing": '{"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1]}'},
    ],
)
def test_metadata_fill_in_the_form(metadata):
    given, notes = about.offered(metadata, (3, 8, 8))
    assert given == About(("cat", "dog"), Preprocessing((0.5, 0.4, 0.3), (0.2, 0.2, 0.1), (32, 24))) and not notes
    assert given.input_shape == (3, 32, 24)


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({}, []),
        ({"format": "pt"}, []),
        ({"mean": "", "std": ""}, []),
        ({"mean": "nan", "std": "0"}, ["mean", "std"]),
        ({"mean": "[0.1, 0.2]", "std": "[true]"}, ["mean", "std"]),
        ({"card": "[" * 100_000}, ["card"]),
        ({"card": "[1]", "size": "[1e3]", "mean": "1, 2"}, ["card", "size", "mean", "std"]),
        ({"preprocessing": "{"}, ["preprocessing"]),
        ({"size": "99999"}, ["size"]),
        ({"input_shape": "3x0x8"}, ["input_shape"]),
        ({"card": '{"classes": 5, "mean": {"a": 1}, "input_shape": "x"}'}, ["input_shape", "mean", "std", "classes"]),
        ({"std": "1" * 400}, ["std", "mean"]),
        ({"fit": "cover"}, ["fit"]),
        ({"dataset": "../x"}, ["dataset"]),
        ({"classes": "10"}, ["classes"]),
        ({"class_names": "a, a"}, ["class_names"]),
    ],
)
def test_metadata_that_say_nothing_leave_the_pictures_as_they_are(metadata, told):
    given, notes = about.offered(metadata, (3, 8, 9))
    assert given == About((), Preprocessing((0.0,) * 3, (1.0,) * 3, (8, 9)))
    assert len(notes) == len(told) and all(names(note, name) for note, name in zip(notes, told, strict=True))


def test_what_is_not_read_takes_nothing_else_with_it():
    metadata = {"mean": "0.25", "std": "-2", "size": "16", "fit": "resize", "classes": "{'b': 1, 'a': 0}"}
    given, notes = about.offered(metadata, (2, 8, 9))
    assert given == About(("a", "b"), Preprocessing((0.25,) * 2, (1.0,) * 2, (16, 16), "resized"))
    assert len(notes) == 1 and names(notes[0], "std", "-2.0")


@pytest.mark.parametrize(("mean", "std", "scaled"), [("51", "102", ("0.2", "0.4")), ("127.5, 0, 0", "255", ("0.5", 1))])
def test_numbers_on_the_scale_of_bytes_are_not_taken_as_they_are(mean, std, scaled):
    given, notes = about.offered({"mean": mean, "std": std}, (3, 4, 4))
    assert given.preprocessing == Preprocessing((0.0,) * 3, (1.0,) * 3, (4, 4))
    assert [names(note, "divide by 255", one) for note, one in zip(notes, scaled, strict=True)] == [True, True]


@pytest.mark.parametrize(("fit", "read"), [("resize", "resized"), (" Resized", "resized"), ("PAD", "framed")])
def test_how_pictures_are_fitted_is_understood(fit, read):
    given, notes = about.offered({"fit": fit}, (1, 4, 4))
    assert given.preprocessing.fit == read and not notes


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({"classes": ("a",)}, "1 class"),
        ({"classes": ("a", "a")}, "'a'"),
        ({"classes": ("a", "")}, "name"),
        ({"classes": ("a", "b" * 81)}, 80),
        ({"classes": ("a", "\u202e")}, "name"),
        ({"classes": tuple(map(str, range(1001)))}, "1,001"),
        ({"mean": (float("nan"),)}, "mean"),
        ({"mean": (2e3,)}, "2000.0"),
        ({"mean": (102.0,)}, "0.4"),
        ({"std": (51.0,)}, "0.2"),
        ({"mean": (-1.5,)}, "-1.5"),
        ({"dataset": "../../etc"}, "../../etc"),
        ({"std": (0.0,)}, "0.0"),
        ({"std": (0.1, 0.2)}, "2 deviations"),
        ({"size": (0, 28)}, "0 × 28"),
        ({"fit": "cut"}, "cut"),
    ],
)
def test_what_a_form_may_not_say(change, value):
    seen = {"mean": (0.5,), "std": (0.5,), "size": (28, 28), "fit": "framed"}
    classes = change.get("classes", ("a", "b"))
    changed = {name: one for name, one in change.items() if name in seen}
    with refused(value):
        about.check(About(classes, Preprocessing(**{**seen, **changed}), change.get("dataset", about.NO_DATA)))


# --- whose it is


def test_three_a_session_and_each_its_own(network):
    names = []
    for number in range(brought.MAX_EACH):
        network.state_dict()["6.bias"][0] = number
        names.append(kept(network, file_of(network)))
    assert len(set(names)) == brought.MAX_EACH
    assert kept(network, file_of(network)) == names[-1]  # the same again takes no room
    network.state_dict()["6.bias"][0] = 99
    with refused(brought.MAX_EACH, "remove one"):
        kept(network, file_of(network))
    assert kept(network, file_of(network), session="b") not in names
    brought.remove(names[0], "a")
    assert kept(network, file_of(network)) and len(brought.all_kept()) == brought.MAX_EACH
    with refused(names[0]):
        weights.path(names[0])


def test_only_its_session_removes_it(network):
    name = kept(network, file_of(network))
    kept(network, file_of(network), session="b")
    with refused(name, "not yours"):
        brought.remove(name, "c")
    brought.remove(name, "a")
    assert weights.path(name).is_file() and brought.all_kept()[0].sessions == ("b",)
    brought.remove(name, "b")
    assert brought.all_kept() == []


def test_the_oldest_goes_where_there_is_no_room(network, monkeypatch, folder):
    first = kept(network, file_of(network), session="a")
    size = weights.path(first).stat().st_size
    monkeypatch.setattr("cnnviz.data.datasets.brought.MAX_IN_ALL", 2 * size)
    network.state_dict()["6.bias"][0] = 1
    second = kept(network, file_of(network), session="b")
    network.state_dict()["6.bias"][0] = 2
    third = kept(network, file_of(network), session="c")
    assert {one.name for one in brought.all_kept()} == {second, third}
    with refused("not kept"):
        network.state_dict()["6.bias"][0] = 3
        content = file_of(network)
        judged = brought.judge("m.safetensors", content)
        brought.keep(judged, content, TEXT, DIGITS, "d", lambda _name, _sessions: True)


@pytest.mark.parametrize("name", ["net_../../x", "net_0", f"net_{'0' * 32}", f"net_{'A' * 32}", "net_" + "0" * 33])
def test_no_name_but_ours_is_a_path(name):
    with pytest.raises(ValueError):
        weights.path(name)
