"""A worker that loads no torch: it speaks as `local_workers.serve` does, and writes into the folder of a run what one
that trains would write, a step every moment."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

PROGRAM = f"#!{sys.executable}\nfrom tests.server import light_worker\nlight_worker.serve()\n"
STEP = 0.02  # seconds


def serve() -> None:
    """Carries out the runs whose ids come in on standard input, until it ends."""
    _say("ready")
    for line in sys.stdin:
        _say("started", line.strip())
        _carry_out(Path(os.environ["CNNVIZ_RUNS"], line.strip()))
        _say("finished", line.strip())


def _carry_out(folder: Path) -> None:
    try:
        (folder / "metrics.jsonl").touch(exist_ok=False)
    except OSError:  # somebody has ended it, or cleared it away
        return
    config, step = json.loads((folder / "config.json").read_text()), 0
    steps = config["steps"] or config["time_limit"] / STEP
    while step < steps and not (folder / "stop").exists():
        time.sleep(STEP)
        step += 1
        _append(folder, "step", step, loss=1.0, accuracy=0.5, images_per_second=1.0)
        (folder / "alive").touch()
    (folder / "model.safetensors").touch()
    _append(folder, "done" if step == config["steps"] else "stopped", step, test_accuracy=0.5)
    (folder / "alive").unlink()


def _append(folder: Path, event: str, step: int, **figures: Any) -> None:
    with open(folder / "metrics.jsonl", "a") as file:
        file.write(json.dumps({"event": event, "step": step, "epoch": step / 100, "seconds": STEP * step, **figures}))
        file.write("\n")


def _say(*words: str) -> None:
    print(*words, flush=True)
