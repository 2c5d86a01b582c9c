"""Puts the app on a Space of Hugging Face: `make deploy SPACE=owner/name`, or `python -m deploy owner/name`.

The tracked files go up as they stand in the working tree, in one commit; what is no longer among them is deleted
there. A Space that does not exist yet is created. The token comes from HF_TOKEN or from `hf auth login`.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9_]([\w.-]{0,94}[A-Za-z0-9_])?", re.ASCII)  # as the Hub allows them


class Hub(Protocol):
    """What is used of huggingface_hub.HfApi."""

    def create_repo(self, repo_id: str, *, repo_type: str, space_sdk: str, exist_ok: bool) -> Any:
        """Create the repository, unless it is there."""

    def upload_folder(
        self, *, repo_id: str, repo_type: str, folder_path: Path, delete_patterns: str, commit_message: str
    ) -> Any:
        """Commit the folder's files, and the deletion of those that match the pattern and are not among them."""


def connect() -> Hub:
    """The real Hub. Raises ValueError where huggingface_hub is not installed."""
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise ValueError("huggingface_hub is not installed; pip install -r requirements-deploy.txt") from error
    return HfApi()


def check_name(space: str) -> str:
    """`space`, if it reads owner/name; else raises ValueError."""
    parts = space.split("/")
    if len(parts) != 2 or not all(NAME.fullmatch(part) for part in parts):
        raise ValueError(f"{space!r} is not the name of a Space such as owner/name; make deploy SPACE=owner/name")
    return space


def tracked(root: Path) -> list[str]:
    """The paths, relative to `root`, of the files that git tracks and that are there. Raises ValueError without git."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ValueError(f"git lists no tracked files in {root}; deploy from a clone of the repository") from error
    return [name for name in listed.split("\0") if name and (root / name).is_file()]


def publish(hub: Hub, space: str, root: Path = ROOT) -> int:
    """Makes the Space's files those that git tracks in `root`; returns how many they are. Raises ValueError."""
    names = tracked(root)
    with _explaining(space):
        hub.create_repo(space, repo_type="space", space_sdk="docker", exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cnnviz-deploy-") as temporary:
        folder = Path(temporary)
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, folder / name)
        with _explaining(space):
            hub.upload_folder(
                repo_id=space, repo_type="space", folder_path=folder, delete_patterns="*", commit_message="make deploy"
            )
    return len(names)


@contextmanager
def _explaining(space: str) -> Iterator[None]:
    """Makes a sentence of whatever the Hub does not take."""
    try:
        yield
    except Exception as error:  # of httpx, of the Hub's client, of the system: there is no common type
        raise ValueError(explained(error, space)) from error


def explained(error: Exception, space: str) -> str:
    """What to do about an error of the Hub, in one sentence."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    says = getattr(error, "server_message", None) or f"HTTP status {status}"
    if status == 401:
        return (
            "the Hub got no valid token; make one that may write at https://huggingface.co/settings/tokens and put it "
            "into the environment as HF_TOKEN"
        )
    if status in (402, 403):
        return (
            f"the Hub does not let this token write to {space} ({says}); check the owner's name, that the token may "
            "write there, and the plan: creating a Docker Space takes a paid one"
        )
    if status == 404:
        return f"the Hub finds no {space} ({says}); check the owner's name"
    if status is not None:
        return f"the Hub did not take {space} ({says}); see https://status.huggingface.co, and try again later"
    words = " ".join(str(error).split())[:200]
    if isinstance(error, ValueError):  # the README's front matter, above all
        return f"the Hub's client does not take these files ({words})"
    return f"the upload to {space} failed ({type(error).__name__}: {words}); check the network and try again"


def main(arguments: Sequence[str] | None = None, hub: Hub | None = None) -> int:
    """Deploys to the Space that is named; 0 when it went well, else one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m deploy", description="Put the app on a Hugging Face Space.")
    parser.add_argument("space", help="owner/name")
    try:
        space = check_name(parser.parse_args(arguments).space)
        count = publish(hub or connect(), space)
    except ValueError as error:
        print(f"deploy: {error}", file=sys.stderr)
        return 2
    print(f"{count} files are on https://huggingface.co/spaces/{space}, which builds its image now: some minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
