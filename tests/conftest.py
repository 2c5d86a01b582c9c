"""For all tests: they end what they start, which is checked when they are over (harness/leftovers.py)."""

from __future__ import annotations

import pytest

from harness import leftovers


def pytest_configure() -> None:
    leftovers.mark_session()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    leftovers.check(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    leftovers.report(terminalreporter, config)
