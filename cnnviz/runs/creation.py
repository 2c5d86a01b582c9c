"""A new run directory, with a copy of the weights that the run goes on from, where it does."""

import hashlib
import secrets
import shutil
import time
from dataclasses import replace
from pathlib import Path

from cnnviz import networks
from cnnviz.data.files import check_regular
from cnnviz.inference import checkpoints
from cnnviz.runs import weights
from cnnviz.runs.directory import Run, cannot_write, runs_folder
from cnnviz.training import TrainConfig

PART = 2**20  # bytes that are read at a time


def create(config: TrainConfig, held: bool = False, owner: str = "", start: Path | None = None) -> Run:
    """A new run directory, waiting for somebody to carry it out; `held` by a queue that goes on to `beat`. `owner` is
    the session that starts it. A run that goes on from weights gets a copy of them, from the file `start` where it is
    given, and otherwise from where `config.start` names them.

    Raises ValueError where the disk does not take it, where there are no such weights or they are of another network,
    and where they are not those that the config tells by their SHA-256.
    """
    source = start or (_source(config) if config.start else None)
    run_id = f"{config.network.replace(' ', '_')}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
    run = Run(run_id, runs_folder() / run_id)
    try:
        run.folder.mkdir(parents=True)
        if source:
            shutil.copyfile(source, run.start)
            config = replace(config, start_sha256=checked_sha256(run.start, config))
        if owner:
            (run.folder / "owner").write_text(owner, encoding="ascii")  # before the config, with which it becomes a run
        (run.folder / "config.json").write_text(config.to_json())
        if held:
            run.hold()
    except (OSError, ValueError) as error:
        shutil.rmtree(run.folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise ValueError(cannot_write(error)) from error
        raise
    return run


def checked_sha256(path: Path, config: TrainConfig) -> str:
    """The SHA-256 of a file of weights. Raises ValueError where the config tells another."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(PART):
            digest.update(part)
    found = digest.hexdigest()
    if config.start_sha256 and found != config.start_sha256:
        raise ValueError(
            f"the weights of {config.start} are not those that the run began from: their SHA-256 is {found[:12]}..., "
            f"and not {config.start_sha256[:12]}...; leave start_sha256 empty to take them as they are now"
        )
    return found


def _source(config: TrainConfig) -> Path:
    """The file of the weights to go on from. Raises ValueError where there is none, and where it is of another
    network."""
    path = weights.path(config.start)
    check_regular(path)
    card = checkpoints.read_card(path)
    if (card.network, _canonical(card.network, card.text)) != (config.network, _canonical(config.network, config.text)):
        other = "another text" if card.network == config.network else card.network
        raise ValueError(
            f"the weights of {config.start} are those of {other} and the run is of {config.network}; choose that "
            "network, or fresh weights"
        )
    return path


def _canonical(network: str, text: str) -> str:
    """A text of one's own, written anew, so that it may be typed in another way."""
    from cnnviz.networks import own

    return own.canonical(text) if network == networks.OWN_TEXT else ""
