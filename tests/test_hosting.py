"""Spaces and other hosts: the Dockerfile's steps are taken here without Docker, and the upload on a Hub in memory."""

import json
import mmap
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from bench.memory import children, held
from cnnviz.server.limits import Limits
from deploy.__main__ import check_name, connect, main, publish, tracked
from tests.golden.states import HUB_ERRORS
from tests.helpers import PATIENCE, ROOT, names, refused
from tests.image import Image, copied, environment, image, instructions, of

__all__ = ["image"]

COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}  # of a Space's card


# --- the Dockerfile, read and carried out


def front_matter() -> dict[str, str]:
    """The single values of the README's YAML block."""
    _, block, _ = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return dict(re.findall(r"^(\w+): (.+)$", block, re.MULTILINE))


def exec_form(arguments: str) -> list[str]:
    return json.loads(arguments[arguments.index("[") :])


@contextmanager
def served(image: Image) -> Iterator[str]:
    """The image's CMD, once its HEALTHCHECK says that it is well."""
    [command], [check] = of("CMD"), of("HEALTHCHECK")
    process = image.start(exec_form(command))
    try:
        deadline = time.monotonic() + PATIENCE
        while (probe := image.start(exec_form(check))).wait(PATIENCE) != 0:
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < deadline, probe.stdout.read()
            time.sleep(0.3)
        yield f"http://127.0.0.1:{image.environment['STREAMLIT_SERVER_PORT']}"
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        finally:
            process.kill()


@pytest.mark.slow
def test_the_app_starts_in_the_image_and_answers(image):
    before = image.files()
    with served(image) as url, urllib.request.urlopen(url, timeout=PATIENCE) as page:
        assert page.status == 200 and b"<title>" in page.read()
        assert "X-Frame-Options" not in page.headers  # a Space shows it in an iframe
        assert "_streamlit_xsrf" not in str(page.headers)
    assert image.files() == before


def test_what_is_copied_is_tracked_and_sent_to_the_builder():
    names = tracked(ROOT)
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert sorted(sent) == sorted({source for source, _ in copied()})
    for source in sent:
        assert source in names or any(name.startswith(f"{source}/") for name in names), source


def test_the_app_runs_as_user_1000_who_owns_the_home_and_not_the_code():
    names = [name for name, _ in instructions()]
    [made] = [step for step in of("RUN") if "useradd --create-home --uid 1000 user" in step]
    assert made.endswith("install --directory --owner user --group user /home/user/cnnviz")
    assert of("USER") == ["1000"]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name in {"COPY", "RUN"})
    assert not any("--chown" in arguments for arguments in of("COPY"))
    assert environment()["HOME"] == "/home/user"
    assert all(environment()[name].startswith("/home/user/cnnviz/") for name in ("CNNVIZ_DATA", "CNNVIZ_RUNS"))


def test_the_port_is_one():
    assert front_matter()["app_port"] == environment()["STREAMLIT_SERVER_PORT"] == of("EXPOSE")[0]
    assert environment()["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"  # a container's localhost is not its host's


def test_torch_and_torchvision_come_from_one_index_as_the_requirements_say(tmp_path):
    [install] = [step for step in of("RUN") if "pip install" in step]
    select, torch_first, the_rest = install.split("&&")
    assert '--index-url "$TORCH_INDEX" -r /tmp/torch.txt' in torch_first and "-r requirements.txt" in the_rest
    assert of("ARG") == ["TORCH_INDEX=https://download.pytorch.org/whl/cpu"]
    target = tmp_path / "torch.txt"
    subprocess.run(select.replace("/tmp/torch.txt", shlex.quote(str(target))), shell=True, cwd=ROOT, check=True)
    wanted = [re.match(r"[\w>=.]+", line).group() for line in target.read_text().splitlines()]
    assert [name.split(">=")[0] for name in wanted] == ["torch", "torchvision"]


def test_the_public_limits_are_valid_and_within_the_defaults():
    limits, usual = Limits.from_environment(environment()), Limits()
    assert (limits.epochs, limits.seconds, limits.queued_each) == (5, 120, 2)
    assert limits.queued < usual.queued and limits.keep_runs < usual.keep_runs and 0 < limits.keep_days
    assert limits.runs == 1 and limits.training


def test_the_front_matter_is_what_spaces_read():
    """The keys, colours and lengths of https://huggingface.co/docs/hub/spaces-config-reference."""
    values = front_matter()
    assert values["sdk"] == "docker" and values["title"] == "cnnviz" and values["license"] == "mit"
    assert {values["colorFrom"], values["colorTo"]} <= COLOURS
    assert len(values["emoji"]) == 1 and not values["emoji"].isascii()
    assert len(values["short_description"]) <= 60


# --- make deploy


@dataclass
class MemoryHub:
    """A Hub that keeps files in a dictionary, or answers with an error."""

    files: dict[str, bytes] = field(default_factory=dict)
    created: list[tuple] = field(default_factory=list)
    error: Exception | None = None

    def create_repo(self, repo_id, *, repo_type, space_sdk, exist_ok):
        if self.error:
            raise self.error
        self.created.append((repo_id, repo_type, space_sdk, exist_ok))

    def upload_folder(self, *, repo_id, repo_type, folder_path, delete_patterns, commit_message):
        assert (repo_type, delete_patterns) == ("space", "*") and commit_message
        paths = [path for path in folder_path.rglob("*") if path.is_file()]
        self.files = {path.relative_to(folder_path).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def clone(tmp_path):
    (tmp_path / "cnnviz").mkdir()
    for name in ("app.py", "cnnviz/a file.py", "cnnviz/zwölf.py", "removed.py", "secret.env", ".gitignore"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / ".gitignore").write_text("*.env\n")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (tmp_path / "untracked.txt").write_text("not yet")
    (tmp_path / "removed.py").unlink()
    return tmp_path


def test_what_git_tracks_is_uploaded_and_nothing_else(clone):
    hub = MemoryHub(files={"old.py": b"of the deploy before"})
    assert publish(hub, "owner/name", clone) == 4
    assert set(hub.files) == {"app.py", "cnnviz/a file.py", "cnnviz/zwölf.py", ".gitignore"}
    assert hub.files["cnnviz/zwölf.py"] == "cnnviz/zwölf.py".encode()
    assert hub.created == [("owner/name", "space", "docker", True)]


def test_the_command_uploads_this_repository(capsys):
    hub = MemoryHub()
    assert main(["a-teacher/cnnviz"], hub) == 0
    assert "https://huggingface.co/spaces/a-teacher/cnnviz" in capsys.readouterr().out
    assert {"README.md", "Dockerfile", "app.py", "home.py", ".streamlit/config.toml"} <= set(hub.files)
    assert all((ROOT / name).read_bytes() == content for name, content in hub.files.items())


@pytest.mark.parametrize(
    "space", ["", "cnnviz", "a/b/c", "a/", "/b", "a b/c", "a/-b", "a/b.", "a/b--c", "a/" + "b" * 97]
)
def test_a_wrong_name_is_one_sentence_before_anything_is_sent(space, capsys):
    hub = MemoryHub()
    assert main([space], hub) == 2
    printed = capsys.readouterr().err
    assert repr(space) in printed and "owner/name" in printed and printed.count("\n") == 1
    assert not hub.created


@pytest.mark.parametrize("space", ["a/b", "a-teacher/cnn.viz_2", "A1/" + "b" * 96])
def test_names_that_the_hub_takes(space):
    assert check_name(space) == space


REFUSED = {
    "no token": "HF_TOKEN",
    "no rights": "You don't have the rights",
    "no plan": "Subscribe to PRO",
    "no owner": 404,
    "no answer": 503,
    "no network": "Name or service not known",
    "the card": "Invalid metadata in README.md. - sdk",
    "no words": "RuntimeError",
}


@pytest.mark.parametrize("name", HUB_ERRORS)
def test_what_the_hub_refuses_is_one_sentence(name, capsys):
    """It names what the Hub says; how it is put stands in the golden file."""
    assert main(["owner/name"], MemoryHub(error=HUB_ERRORS[name])) == 2
    printed = capsys.readouterr().err
    assert names(printed, REFUSED[name]) and printed.startswith("deploy: ") and printed.count("\n") == 1


def test_outside_of_a_clone(tmp_path):
    with refused(tmp_path):
        publish(MemoryHub(), "owner/name", tmp_path)


def test_without_its_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with refused("requirements-deploy.txt"):
        connect()


def test_make_deploy_without_a_name_says_what_is_missing(tmp_path):
    stamps = tmp_path / "bin"
    stamps.mkdir()
    (stamps / "python").symlink_to(sys.executable)
    for name in ("bin/pip", "requirements-deploy-done"):
        (tmp_path / name).touch()
    done = subprocess.run(
        ["make", "deploy", f"VENV={tmp_path}"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode != 0
    assert names(done.stderr, "''", "make deploy SPACE=owner/name")


# --- the bench's figures of memory


@pytest.mark.skipif(sys.platform != "linux", reason="bench.memory reads /proc")
def test_memory_is_what_a_process_really_holds():
    block, before = 64_000_000, held("before", os.getpid())
    taken = mmap.mmap(-1, block, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)  # new pages: the heap may have free ones
    taken.write(b"x" * block)  # so that they are resident
    after = held("after", os.getpid())
    taken.close()
    assert after.own - before.own >= block / 1e6 - 3
    assert after.own <= after.resident <= after.highest


@pytest.mark.skipif(sys.platform != "linux", reason="bench.memory reads /proc")
def test_the_children_of_a_process():
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.pid in children(os.getpid())
        child.stdin.close()
    assert child.pid not in children(os.getpid())
