"""What a stranger sends is never executed, leaves no folder of ours, is bounded, and is shown as the text that it is.

The tests over a running server and a real browser are in tests/browser/test_security.py.
"""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import stat
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz import runs
from cnnviz.data import datasets, pictures
from cnnviz.data.datasets import brought, foreign, keras, uploads
from cnnviz.inference import checkpoints
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import weights
from cnnviz.training import TrainConfig
from cnnviz.ui.shell.page import JOINER, plain_text
from deploy.__main__ import tracked
from tests.helpers import PATIENCE, ROOT, names, refused

SOURCES = [
    ROOT / "app.py",
    ROOT / "home.py",
    *sorted((ROOT / "pages").glob("*.py")),
    *sorted((ROOT / "cnnviz").rglob("*.py")),
]
SCRIPTS = sorted((ROOT / "cnnviz").rglob("*.js"))
PAGES = ["home.py", *(f"pages/{path.name}" for path in sorted((ROOT / "pages").glob("*.py")))]
RNG = np.random.default_rng(0)

HOSTILE = '<img src=x onerror="window.pwned=1">'
LINK = "[x](javascript:window.pwned=1)"
TRICKS = [
    HOSTILE,
    LINK,
    "![x](http://127.0.0.1:9/track)",
    "# big",
    "**fat** `code` $x$ :smile: ~~gone~~",
    "a\n\n    b\n===",
    "WWW.evil.example a@evil.example",
]
PLACES = [
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "",
    "a/../../b",
    "..\\..\\b",
    "%2e%2e%2fetc",
    "x\0y",
    "~root",
    "C:\\x",
]


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder and the runs folder lie side by side in a folder that nothing else may be written to."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    return tmp_path


# --- nothing is executed

FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "joblib", "marshal", "shelve", "cloudpickle", "yaml", "code", "pty"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "execfile"}  # as plain names: network.eval() is torch's
FORBIDDEN_METHODS = {
    "os.system",
    "os.popen",
    "os.execv",
    "os.execvp",
    "os.spawnv",
    "subprocess.getoutput",
    "os.startfile",
}
LOADERS = {"np.load": "allow_pickle", "numpy.load": "allow_pickle", "torch.load": "weights_only"}
SAFE = {"allow_pickle": False, "weights_only": True}
IMPORTERS = {  # by a name out of a list of ours: of the benches, of the lessons, of the zoo, of what a source imports
    "cnnviz/cli.py",
    "cnnviz/lessons/__init__.py",
    "cnnviz/runs/standalone/__init__.py",
    "cnnviz/runs/standalone/sources.py",
}
PROCESSES = {"cnnviz/server/local_workers.py", "cnnviz/server/children.py"}  # by a word of ours, none of a reader's


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(node: ast.expr) -> str:
    """os.path.join as text; '' for what is no chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def dangers(path: Path) -> Iterator[str]:
    """What the file should not do, line by line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for name in {one.split(".")[0] for one in module} & FORBIDDEN_MODULES:
                yield f"line {node.lineno} imports {name}"
            if "subprocess" in module and relative(path) not in PROCESSES:
                yield f"line {node.lineno} imports subprocess"
        if isinstance(node, ast.Call):
            yield from (f"line {node.lineno}: {what}" for what in of_call(node))
            if is_import_by_name(node) and relative(path) not in IMPORTERS:
                yield f"line {node.lineno} imports a module by a name that it is given"


def of_call(call: ast.Call) -> Iterator[str]:
    name, words = dotted(call.func), {word.arg: word.value for word in call.keywords}
    if name in FORBIDDEN_CALLS | FORBIDDEN_METHODS:
        yield f"calls {name}"
    if "shell" in words and not (isinstance(words["shell"], ast.Constant) and words["shell"].value is False):
        yield "calls a shell"
    if name in LOADERS and not says(words.get(LOADERS[name]), SAFE[LOADERS[name]]):
        yield f"calls {name} without {LOADERS[name]}={SAFE[LOADERS[name]]}"
    if says(words.get("unsafe_allow_html"), True) or says(words.get("unsafe_allow_javascript"), True):
        yield "lets a text be HTML"


def is_import_by_name(call: ast.Call) -> bool:
    return dotted(call.func).endswith("import_module") and not isinstance(call.args[0], ast.Constant)


def says(node: ast.expr | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def test_nothing_is_executed() -> None:
    assert [(relative(path), danger) for path in SOURCES for danger in dangers(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from pickle import loads",
        "import yaml",
        "import subprocess",
        "importlib.import_module(name)",
        "eval(text)",
        "exec(text)",
        "__import__(name)",
        "os.system('ls')",
        "run('ls', shell=True)",
        "run('ls', shell=flag)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "st.markdown(text, unsafe_allow_html=True)",
    ],
)
def test_the_walk_sees_what_it_looks_for(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "page.py").write_text(f"{line}\nnetwork.eval()\nnp.load(path, allow_pickle=False)\n")
    assert len(list(dangers(tmp_path / "page.py"))) == 1


def test_the_exceptions_are_still_there() -> None:
    for name in IMPORTERS | PROCESSES:
        assert re.search(r"import subprocess|import_module\(", (ROOT / name).read_text(encoding="utf-8")), name


ALLOWED = {"cnnviz/ui/core/state.js": ["createContextualFragment"]}  # for a component's own markup (core/component.py)


def test_no_script_makes_elements_or_code_of_text() -> None:
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|document\.write"
        r"|\beval\(|new Function|srcdoc|javascript:"
    )
    found = {relative(path): re.findall(sinks, path.read_text(encoding="utf-8")) for path in SCRIPTS}
    assert {path: made for path, made in found.items() if made} == ALLOWED


def test_no_secret_is_tracked() -> None:
    assert [path for path in tracked(ROOT) if re.search(r"secrets?\.toml$|\.env$|\.pem$|id_rsa", path)] == []


# --- no path leaves the folders


@pytest.mark.parametrize("place", PLACES)
def test_a_name_is_never_a_path(place: str, folders: Path) -> None:
    (folders / "secret.npz").write_bytes(b"secret")
    for ask in (runs.find, datasets.load, datasets.form, weights.path):
        with refused(repr(place[:80])):
            ask(place)
    with refused(repr(place)):
        TrainConfig(network=place)
    assert sorted(path.name for path in folders.iterdir()) == ["secret.npz"]


@pytest.mark.parametrize("place", PLACES)
def test_an_upload_is_kept_under_a_name_of_ours(place: str, folders: Path) -> None:
    name = datasets.keep(f"{place}.npz", npz())
    assert re.fullmatch(r"own_[0-9a-f]{32}", name)
    assert [path.relative_to(folders).as_posix() for path in folders.rglob("*.*")] == [f"data/{name}.npz"]


@pytest.mark.parametrize(
    "member", ["../../out/1.png", "/out/1.png", "..\\out\\1.png", "\\out\\1.png", "cat/../../1.png"]
)
def test_a_member_of_a_zip_leaves_it_not(member: str, folders: Path) -> None:
    with refused("pets.zip", repr(member)):
        datasets.keep("pets.zip", zipped({member: png()}))
    assert not any(path.is_file() for path in folders.rglob("*"))


def test_a_symbolic_link_in_a_zip_is_not_followed(folders: Path) -> None:
    (folders / "secret.png").write_bytes(png())
    link = zipfile.ZipInfo("cat/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    name = datasets.keep("pets.zip", zipped({link: str(folders / "secret.png").encode()}))
    assert len(datasets.load(name).x_train) + len(datasets.load(name).x_test) == 10, "the link is no picture"


def test_a_link_to_a_page_opens_no_file(folders: Path) -> None:
    (folders / "secret.txt").write_text("the secret text")
    for script in PAGES:
        app = opened(script, **dict.fromkeys(("run", "network", "dataset", "picture", "beside"), "../../secret.txt"))
        assert not any(b"the secret text" in one.proto.SerializeToString() for one in app.get("bidi_component"))
        assert "the secret text" not in " ".join(one.value for one in (*app.markdown, *app.warning, *app.error))


# --- uploads are bounded


def npz(**others: np.ndarray) -> bytes:
    arrays = {part: RNG.integers(0, 256, (6, 9, 8), dtype=np.uint8) for part in ("x_train", "x_test")}
    arrays |= {part: np.arange(6) % 3 for part in ("y_train", "y_test")}
    out = io.BytesIO()
    np.savez(out, **{**arrays, **others})
    return out.getvalue()


def png(size: tuple[int, int] = (12, 12)) -> bytes:
    out = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (*size, 3), dtype=np.uint8)).save(out, "PNG")
    return out.getvalue()


def zipped(more: dict) -> bytes:
    """A zip of class folders with further members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for place in (f"{pet}/{index}.png" for pet in ("cat", "dog") for index in range(5)):
            archive.writestr(place, png())
        for place, content in more.items():
            archive.writestr(place, content)
    return out.getvalue()


def test_the_bounds_are_those_of_the_server() -> None:
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    most = int(re.search(r"^maxUploadSize = (\d+)", config, re.MULTILINE)[1]) << 20
    assert most == max(uploads.MAX_BYTES, pictures.MAX_BYTES)
    assert int(re.search(r"^maxMessageSize = (\d+)", config, re.MULTILINE)[1]) <= 20
    assert int(re.search(r"^maxWidgetStateSize = (\d+)", config, re.MULTILINE)[1]) == 2
    assert uploads.MAX_UNPACKED < keras.LARGEST and brought.MAX_EACH <= 2**29 and brought.MAX_IN_ALL <= 2**32


@pytest.mark.slow
def test_a_zip_bomb_is_not_unpacked(folders: Path) -> None:
    bomb = zipped({"cat/bomb.png": bytes(20 << 20)})
    assert len(bomb) < 1 << 20
    (folders / "bomb.zip").write_bytes(bomb)
    _, understood = foreign.read(folders / "bomb.zip")
    [left_out] = understood.left_out
    assert left_out.what == "cat/bomb.png" and names(left_out.why, "20,971,520", f"{pictures.MAX_BYTES:,}")
    zeros = bytes(160 << 20)
    many = zipped({f"cat/x{index}.png": zeros for index in range(2)})
    with refused("314,572,800"):
        datasets.keep("pets.zip", many)


@pytest.mark.slow
def test_a_bomb_of_numbers_is_not_unpacked() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(f"{keras.ARRAYS[0]}.npy", "w", force_zip64=True) as member,
    ):
        np.lib.format.write_array(member, np.zeros((400, 1000, 1000), np.uint8))
    assert len(out.getvalue()) < 2 << 20
    with refused("400,000,128", 200):
        datasets.keep("bomb.npz", out.getvalue())


def test_a_header_that_claims_too_much_allocates_nothing() -> None:
    """An .npy of 10^15 numbers, whose bytes are not there."""
    text = "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 1000000, 1000)}".ljust(117) + "\n"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + b"few"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(npz())) as whole, zipfile.ZipFile(out, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, array if name == "x_train.npy" else whole.read(name))
    with refused("claims.npz"):
        datasets.keep("claims.npz", out.getvalue())


def test_a_zip_in_a_zip_is_no_picture() -> None:
    name = datasets.keep("pets.zip", zipped({"cat/x.png": zipped({})}))
    assert len(datasets.load(name).x_train) + len(datasets.load(name).x_test) == 10


@pytest.mark.parametrize(
    ("classes", "values"),
    [
        ([f"class {index}" for index in range(1001)], ["1,001", "1,000"]),
        (["a", "b", "c" * 81], [81, 80]),
    ],
)
def test_the_names_of_classes_are_bounded(classes: list[str], values: list[object]) -> None:
    with refused("own.npz", *values):
        datasets.keep("own.npz", npz(classes=np.array(classes)))


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP"])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(kind: str) -> None:
    out = io.BytesIO()
    Image.new("1" if kind == "PNG" else "L", (6000, 6000)).save(out, kind)
    if len(out.getvalue()) <= pictures.MAX_BYTES:
        with refused("6000 × 6000", "36 million"):
            pictures.read_upload(out.getvalue())
    else:
        with refused("10 MB"):
            pictures.read_upload(out.getvalue())


# --- what strangers write is shown as text


def opened(script: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "home.py"), default_timeout=PATIENCE)
    if script != "home.py":
        app.switch_page(script)
    app.query_params.update(query)
    app.run()
    assert not app.exception
    return app


def bare(app: AppTest) -> list[str]:
    """The texts of the page that Markdown or HTML would take for more than text."""
    told = [one.value for kind in ("markdown", "caption", "warning", "error", "info") for one in app.get(kind)]
    labels = [one.label for kind in ("button", "selectbox", "number_input", "expander") for one in app.get(kind)]
    html = [one.proto.body for one in app.get("html")]
    marks = re.compile(r"(?<!\\)<img|(?<!\\)\]\(javascript|(?<!\\)!\[|(?<!\\)\*\*fat(?<!\\)\*\*")
    return [text for text in [*told, *labels] if marks.search(text)] + [text for text in html if "<img src=x" in text]


@pytest.mark.parametrize("trick", TRICKS)
def test_markdown_is_told_as_it_was_typed(trick: str) -> None:
    escaped = plain_text(trick)
    assert re.sub(r"\\(.)", r"\1", escaped).replace(JOINER, "") == " ".join(trick.split())
    assert not re.search(r"(?<!\\)[<>\[\]!*`$#~|:]", escaped) and "\n" not in escaped


def hostile_run() -> runs.Run:
    """A run whose config, events and weights are full of tricks, as somebody with a hand in the folder would write."""
    run = runs.create(TrainConfig(dataset=HOSTILE + LINK, subset=100, epochs=1, device="cpu"))
    run.begin()
    step = {"event": "step", "step": 1, "epoch": 0.5, "loss": 2.3, "accuracy": 0.1, "images_per_second": 9.0}
    run.append({**step, "seconds": 1.0, "device": HOSTILE})
    run.append({"event": "failed", "reason": HOSTILE + LINK})
    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of lenet5 on a data set of somebody's own, whose classes are full of tricks."""
    place = tmp_path_factory.mktemp("trained")
    (place / "data").mkdir()
    images, labels = RNG.integers(0, 256, (40, 28, 28), dtype=np.uint8), np.arange(40) % 10
    classes = np.array([HOSTILE, LINK, "**fat**", "# big", *"abcdef"])
    arrays = {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels, "classes": classes}
    np.savez(place / "data" / "own.npz", **arrays)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_DATA", str(place / "data"))
        patch.setenv("CNNVIZ_RUNS", str(place / "runs"))
        list(runs.execute(runs.create(TrainConfig(dataset="own", subset=40, epochs=1, steps=1, device="cpu"))))
    return place


@pytest.fixture
def run(trained: Path, folders: Path) -> runs.Run:
    """A copy of that run."""
    shutil.copytree(trained, folders, dirs_exist_ok=True)
    return runs.all()[0]


def test_a_hostile_run_is_shown_as_text() -> None:
    app = opened("pages/train.py", run=hostile_run().id)
    app.session_state["train_all"] = app.session_state["train_files"] = True  # unfolded
    app.run()
    assert not app.exception and bare(app) == []
    assert "onerror" in " ".join(one.value for one in app.markdown), "it is told, as text"


@pytest.mark.parametrize("view", ["arithmetic", "kernels", "strongest_inputs", "why"])
def test_hostile_classes_are_shown_as_text_inside_the_network(view: str, run: runs.Run) -> None:
    app = opened("pages/inside.py", network=run.id, view=view)
    assert not app.warning and bare(app) == []


@pytest.mark.parametrize("script", ["pages/evaluate.py", "pages/draw.py", "pages/train.py"])
def test_hostile_classes_are_shown_as_text(script: str, run: runs.Run) -> None:
    app = opened(script, **{"run" if "train" in script else "network": run.id})
    assert not app.warning and bare(app) == []


@pytest.mark.parametrize("script", PAGES)
def test_a_hostile_link_is_shown_as_text(script: str) -> None:
    names = ("x", "w", "op", "kind", "run", "network", "dataset", "text", "picture", "layer", "epochs", "image", "lock")
    assert bare(opened(script, **dict.fromkeys(names, HOSTILE + LINK))) == []


@pytest.mark.parametrize(
    "text", ["nn.Linear(1, 2", f"nn.Sequential(nn.{HOSTILE})", f"nn.Conv2d('{LINK}', 1, 1)", "os.system('ls')"]
)
def test_a_hostile_text_of_a_network_is_quoted_as_text(text: str) -> None:
    app = opened("pages/shapes.py", network="own_text", text=text)
    assert bare(app) == []


def test_what_is_to_be_copied_into_a_terminal_is_quoted() -> None:
    config = TrainConfig(dataset="x; rm -rf $HOME `id`")
    assert "--dataset 'x; rm -rf $HOME `id`'" in config.command()
    text = TrainConfig(network=OWN_TEXT, text="nn.Sequential(nn.Flatten(), nn.Linear(784, 10))  # $(id)'; id")
    assert "'\"'\"'; id'" in text.command()


def test_a_card_with_more_than_text_in_it_is_refused(run: runs.Run) -> None:
    card = asdict(checkpoints.read_card(run.weights))
    weights = safetensors.torch.load_file(run.weights)
    for change in (
        {"dataset": HOSTILE},
        {"dataset": "../x"},
        {"classes": [1, 2]},
        {"accuracy": "high"},
        {"epochs": None},
    ):
        safetensors.torch.save_file(weights, run.weights, {"card": json.dumps({**card, **change})})
        with refused("model.safetensors", *change):
            checkpoints.load(run.weights)


# --- the server's options


def test_the_server_keeps_others_out() -> None:
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    for line in (
        "enableXsrfProtection = true",
        "enableCORS = true",
        'showErrorDetails = "none"',
        "gatherUsageStats = false",
    ):
        assert re.search(f"^{line}", config, re.MULTILINE), line
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "ENABLE_CORS" not in dockerfile, "the iframe of a Space speaks to its own host: CORS stays on there, too"
