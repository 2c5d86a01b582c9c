"""Weights that a reader brings for a network that stands here as text: judged by their header, laid beside the names of
the network, and kept as a checkpoint of our own in the data folder, with the text and the card in it.

A file is at most MAX_BYTES long; what it holds is copied once, tensor by tensor. Nothing in it is executed.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from cnnviz import networks
from cnnviz.data import datasets
from cnnviz.data.datasets import brought as kept
from cnnviz.data.texts import one_line
from cnnviz.inference import checkpoints, counterparts, headers
from cnnviz.inference.about import About, check, check_outputs, numbered
from cnnviz.inference.checkpoints import Card
from cnnviz.inference.counterparts import Pair
from cnnviz.inference.headers import Entry
from cnnviz.networks import OWN_TEXT
from cnnviz.ops.arithmetic import times
from cnnviz.tracing import scores
from cnnviz.tracing.cost import check_parameters

log = logging.getLogger(__name__)

MAX_BYTES = 50 * 2**20
MAX_EACH = 3  # of one session
FOLDER = "networks"  # in the data folder
COMMAND = "brought as a file"  # in a card: what made it
AVERAGED = "n_averaged"  # a counter that stands beside averaged weights
COUNTER, BESIDE = "num_batches_tracked", "running_mean"  # of a batch normalisation, and what stands beside it
NOUGHT = Entry("I64", (), 0, 0)  # a counter that is not in the file
KINDS = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
KINDS |= {"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8}
KINDS |= {"BOOL": torch.bool}
CHANGED = {  # what is said of numbers of another type than networks have here
    "F16": ("half precision (float16)", "widened to float32"),
    "BF16": ("bfloat16", "widened to float32"),
    "F64": ("float64", "rounded to float32, in which networks compute here"),
    **{kind: (kind, "widened to int64") for kind in ("I32", "I16", "I8", "U8", "BOOL")},
}
PICKLES = (".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle", ".pt2", ".ptl")
PICKLED = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")  # how such files begin
SAVING = f"""from safetensors.torch import save_file
{checkpoints.GATHERED.format(model="model")}
save_file(weights, "model.safetensors")"""
LOADING = """from safetensors.torch import load_file
model.load_state_dict(load_file("model.safetensors"))
model.eval()  # dropout lets everything pass, and batch normalisation takes the averages of the training"""


@dataclass(frozen=True)
class Weights:
    """A file that was judged by its header: its tensors as the network calls them, and what there is to say."""

    file: str
    digest: str
    tensors: Mapping[str, Entry]
    metadata: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: entry.shape for name, entry in self.tensors.items()}


def _why_not_opened(file: str) -> str:
    """Why a file of that name is not opened, in a sentence with the remedy; '' where it may be one that is."""
    suffix = Path(file.lower()).suffix
    if suffix in PICKLES:
        return (
            f"{one_line(file, 60)} is a pickle, as torch.save writes it: opening it executes whatever its writer put "
            "in. It is not opened here; write a .safetensors with the lines beside this"
        )
    if suffix != ".safetensors":
        return f"{one_line(file, 60)} is not read; bring the weights as a .safetensors, which the lines beside write"
    return ""


def judge(file: str, content: bytes) -> Weights:
    """The file by its header; of the numbers none is read. Raises ValueError with a sentence where it is a pickle, is
    no sound .safetensors, is larger than MAX_BYTES, or has numbers of a type that no network here has."""
    called = one_line(file, 60)
    if reason := _why_not_opened(file):
        raise _refused(len(content), reason)
    if len(content) > MAX_BYTES:
        raise _refused(
            len(content),
            f"{called} has {len(content):,} bytes, and weights brought here have at most {MAX_BYTES:,}; "
            "model.half() before saving halves them",
        )
    try:
        header = headers.read(content)
    except ValueError as error:
        if content.startswith(PICKLED) and any(content[3:8]):  # not the length of a header
            why = "it begins as a pickle or a zip does, as torch.save writes them; write it with the lines beside this"
        else:
            why = str(error)
        raise _refused(len(content), f"{called} is not read: {why}") from None
    for name, entry in header.tensors.items():
        if entry.kind not in KINDS:
            remedy = "after model.float()" if entry.kind.startswith("F") else "as tensor.long()"
            raise _refused(len(content), f"{called}: {name} has numbers of type {entry.kind}; save it {remedy}")
    return Weights(called, sha256(content).hexdigest(), header.tensors, header.metadata, _changed(header.tensors))


def _refused(size: int, sentence: str) -> ValueError:
    log.info("weights of %d bytes were refused", size)
    return ValueError(sentence)


def _changed(tensors: Mapping[str, Entry]) -> tuple[str, ...]:
    """What is said of numbers of another type than networks have here."""
    counts = {kind: sum(entry.kind == kind for entry in tensors.values()) for kind in CHANGED}
    return tuple(
        f"{_tensors(count)} in {CHANGED[kind][0]} {'is' if count == 1 else 'are'} {CHANGED[kind][1]}."
        for kind, count in counts.items()
        if count
    )


def _tensors(count: int) -> str:
    """1 tensor, 8 tensors."""
    return f"{count:,} tensor{'' if count == 1 else 's'}"


def network_of(text: str) -> nn.Module:
    """The network of a text, without numbers. Raises ValueError where it is none, has lazy layers or too many
    parameters."""
    with torch.device("meta"):
        network = networks.build(OWN_TEXT, text)
    lazy = next((name for name, one in network.state_dict(keep_vars=True).items() if is_lazy(one)), "")
    if lazy:
        raise ValueError(f"{lazy} is of a lazy layer, whose size is not written; write the layer with its sizes")
    other = next((name for name, one in network.state_dict().items() if one.dtype not in headers.WRITTEN), "")
    if other:
        raise ValueError(f"{other} is of another type than float32 and int64, which weights have here")
    check_parameters(network)
    return network


def fitted(weights: Weights, network: nn.Module) -> tuple[Weights, list[Pair]]:
    """The weights by the names of the network, without a prefix that most have, with those that are tied to one that
    is there and with counters that are not, and what then does not match."""
    state = network.state_dict(keep_vars=True)
    wanted = {name: tuple(tensor.shape) for name, tensor in state.items()}
    names, prefix = counterparts.stripped(weights.tensors, wanted)
    notes = []
    if prefix:
        who, count = counterparts.WRAPPED.get(prefix.rstrip(".")), sum(name != whole for name, whole in names.items())
        of = f"all {count:,}" if count == len(names) else f"{count:,} of {len(names):,}"
        notes.append(f"The prefix {prefix} is taken off {of} names{f': {who} puts it there' if who else ''}.")
    if AVERAGED in names and AVERAGED not in wanted:
        del names[AVERAGED]
        notes.append(f"{AVERAGED} is left out: with it torch.optim.swa_utils.AveragedModel counts.")
    if tied := _tied(state, names):
        name, other = next(iter(tied.items()))
        names |= {name: names[other] for name, other in tied.items()}
        more = f", and so do {_tensors(len(tied) - 1)} more" if len(tied) > 1 else ""
        notes.append(f"{name} is not in the file, and takes the numbers of {other}, to which it is tied{more}.")
    tensors = {name: weights.tensors[whole] for name, whole in names.items()}
    notes += _counted(tensors, wanted)
    weights = replace(weights, tensors=tensors, notes=(*notes, *weights.notes))
    return weights, counterparts.differing(wanted, weights.shapes)


def _tied(state: Mapping[str, torch.Tensor], names: Mapping[str, str]) -> dict[str, str]:
    """The tensors of the network that `names` lack, each with one that they have and whose numbers it shares:
    safetensors.torch.save_model writes such numbers once."""
    there = {id(tensor): name for name, tensor in state.items() if name in names}
    return {name: there[id(one)] for name, one in state.items() if name not in names and id(one) in there}


def _counted(tensors: dict[str, Entry], wanted: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Makes the counters of batch normalisations what the network has, one number each, 0 where the file has none; what
    is said of it."""
    notes = []
    counters = [name for name, shape in wanted.items() if name.rpartition(".")[2] == COUNTER and not shape]
    lists = [name for name in counters if name in tensors and tensors[name].shape == (1,)]
    absent = [name for name in counters if name not in tensors and f"{name.removesuffix(COUNTER)}{BESIDE}" in tensors]
    tensors |= {name: replace(tensors[name], shape=()) for name in lists} | dict.fromkeys(absent, NOUGHT)
    if lists:
        notes.append(f"{_and_more(lists)} of (1,) {_are(lists)} taken as a number.")
    if absent:
        notes.append(f"{_and_more(absent)} {_are(absent)} not in the file and taken as 0, which changes no prediction.")
    return notes


def _and_more(names: Sequence[str]) -> str:
    """The first of these tensors, and how many there are besides."""
    return names[0] if len(names) == 1 else f"{names[0]} and {_tensors(len(names) - 1)} more"


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def keep(
    weights: Weights,
    content: bytes,
    text: str,
    about: About,
    session: str,
    in_use: kept.InUse = kept.nobody_uses,
) -> str:
    """The name under which the network of `text` with these weights can be used from now on; it is the session's.

    Raises ValueError with a sentence where the names or shapes do not match, a number is none, the network does not
    take the pictures, has other than one output a class, or cannot be kept. Where no classes are given, numbers stand
    for them.
    """
    network = network_of(text)
    weights, pairs = fitted(weights, network)
    if pairs:
        one = pairs[0]
        first = one.wanted or one.found
        wrong = f"{first} does not match" if len(pairs) == 1 else f"{_tensors(len(pairs))} do not match, as {first}"
        raise ValueError(f"{weights.file}: {wrong}")
    check(about if about.classes else replace(about, classes=numbered(2)))
    outputs = scores(network, about.input_shape)
    about = replace(about, classes=about.classes or numbered(outputs))
    check_outputs(about.classes, outputs)
    card = _card(text, about)
    expected = dict(sorted(network.state_dict().items(), key=lambda item: -item[1].element_size()))
    name = _name(weights, card)
    _write(name, expected, _numbers(weights, content, expected), card, session, in_use)
    log.info("a network is kept as %s", name)
    return name


def _name(weights: Weights, card: Card) -> str:
    """Whoever has the name may use the network: it cannot be guessed."""
    return f"net_{sha256(f'{weights.digest} {json.dumps(asdict(card))}'.encode()).hexdigest()[:32]}"


def _card(text: str, about: About) -> Card:
    seen = about.preprocessing
    return Card(
        network=OWN_TEXT,
        dataset=about.dataset,
        input_shape=about.input_shape,
        mean=seen.mean,
        std=seen.std,
        classes=about.classes,
        accuracy=None,
        epochs=0,
        seed=0,
        command=COMMAND,
        torch=torch.__version__,
        text=text,
        fit=seen.fit,
    )


def _write(
    name: str,
    expected: Mapping[str, torch.Tensor],
    numbers: Iterator[torch.Tensor],
    card: Card,
    session: str,
    in_use: kept.InUse,
) -> None:
    """Puts the checkpoint into the folder, as the session's. Raises ValueError where it cannot be kept."""
    place = folder()
    written = place / f".{name}.{session[:16]}.laid"
    try:
        place.mkdir(parents=True, exist_ok=True)
        headers.write(written, expected, numbers, {"card": json.dumps(asdict(card))})
        _keep_for(name, written, session, in_use)
    except OSError as error:
        log.warning("the folder for networks, %s, takes no more: %s", place, error.strerror)
        raise ValueError(f"the network cannot be kept in {place} ({error.strerror})") from error
    finally:
        written.unlink(missing_ok=True)


def _keep_for(name: str, written: Path, session: str, in_use: kept.InUse) -> None:
    try:
        kept.keep_for(name, written, session, folder(), in_use, MAX_EACH)
    except ValueError as error:
        raise ValueError(f"the network is not kept: {error}") from None


def _numbers(weights: Weights, content: bytes, expected: Mapping[str, torch.Tensor]) -> Iterator[torch.Tensor]:
    """The tensors as the network has them, one at a time. Raises ValueError where one of them is of another kind of
    number, or has one that is no finite number."""
    for name, one in expected.items():
        entry = weights.tensors[name]
        kind = KINDS[entry.kind]
        values = torch.zeros(one.shape, dtype=kind)
        if entry.begin < entry.end:
            values = torch.frombuffer(bytearray(content[entry.begin : entry.end]), dtype=kind).reshape(one.shape)
        tensor = values.to(one.dtype)
        _check_kind(weights.file, name, entry.kind, values, tensor)
        checkpoints.check_finite(weights.file, name, tensor)
        yield tensor


def _check_kind(file: str, name: str, kind: str, values: torch.Tensor, tensor: torch.Tensor) -> None:
    """Raises ValueError where numbers in the file, `values`, are of another kind than those in the network, `tensor`;
    where those are integers, whole numbers of any type are."""
    if tensor.is_floating_point():
        if not values.is_floating_point():
            raise ValueError(f"{file}: {name} is of type {kind}, and of float32 in the network; save it as float32")
    elif not torch.equal(tensor.to(values.dtype), values):
        raise ValueError(
            f"{file}: {name} is of type {kind} and has other than whole numbers, and is of int64 in the network; save "
            "it as tensor.long()"
        )


# --- what is kept


def folder() -> Path:
    """Where the networks lie that readers brought."""
    return datasets.data_folder() / FOLDER


def is_brought(name: str) -> bool:
    """Whether a network of that name was brought by a reader."""
    return kept.is_network(name)


def path(name: str) -> Path:
    """The file of a network that was brought. Raises ValueError where there is none."""
    found = folder() / f"{name}.safetensors"
    if not is_brought(name) or not found.is_file():
        raise ValueError(
            f"the network {one_line(name, 40)} that a reader brought is not here any more: bring its weights again, on "
            "the page Shapes"
        )
    return found


def title(name: str) -> str:
    """The network as it stands in a menu: its name says nothing."""
    try:
        card = checkpoints.read_card(path(name))
    except ValueError:
        return name
    return f"Yours: {len(card.classes)} classes of {times(card.input_shape)} ({name[4:8]})"


def all_kept() -> list[kept.Kept]:
    """The networks that readers brought, with whose they are."""
    return kept.all_kept(folder())


def remove(name: str, session: str) -> None:
    """Take a network from a session; it goes where nobody else has it. Raises ValueError where it is not the
    session's."""
    kept.remove(name, session, folder())
