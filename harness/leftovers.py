"""Who is left when a pytest session has ended: each process that its tests started, by a mark in the environment."""

from __future__ import annotations

import os
import secrets

import pytest

from harness import processes

MARK = "CNNVIZ_TEST_SESSION"
PATIENCE = 20  # seconds: so long may what was told to end take for it
SENTENCE = "These processes were started by the tests and not ended by them; they are ended now:"


def mark_session() -> None:
    """From now on whatever is started is known by its mark. The workers of pytest-xdist take over that of the process
    that started them."""
    os.environ.setdefault(MARK, secrets.token_hex(8))


def end_leftovers() -> list[str]:
    """End whoever is left after a while; who that was, in words."""
    left = processes.gone(MARK, os.environ[MARK], PATIENCE)
    processes.end(MARK, os.environ[MARK])
    return [f"{process}: {command[:200] or 'without a command line'}" for process, command in left.items()]


def check(session: pytest.Session) -> None:
    """Fail a session, in its first process, that leaves anybody behind."""
    if hasattr(session.config, "workerinput"):
        return
    session.config.stash[LEFT] = end_leftovers()
    if session.config.stash[LEFT] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def report(terminal: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name them below the failures."""
    if left := config.stash.get(LEFT, []):
        terminal.section("left running", sep="=", red=True)
        terminal.write_line("\n".join([SENTENCE, *left]))


LEFT = pytest.StashKey[list[str]]()
