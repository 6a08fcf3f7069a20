"""The plugin's hooks and its fixture. Every run of pytest imports this: nothing heavy here."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .options import Options, add_options

if TYPE_CHECKING:
    from .golden import Golden
    from .session import Session

_PARTS = "eitherside_golden_parts"
_REPORT = "report.html"


class State:
    """What a process keeps from the beginning of a run to its end."""

    def __init__(self, config: pytest.Config) -> None:
        self.options = Options.of(config)
        self._given: str | None = getattr(config, "workerinput", {}).get(_PARTS)
        self._made: Path | None = None
        self._session: Session | None = None

    @property
    def folder(self) -> Path:
        """Where tests put what they have to report: one folder for all processes of a run."""
        if self._given is not None:
            return Path(self._given)
        if self._made is None:
            self._made = Path(tempfile.mkdtemp(prefix="eitherside-golden-"))
        return self._made

    @property
    def has_parts(self) -> bool:
        """Whether there is anything in that folder."""
        return self._made is not None and any(self._made.iterdir())

    def session(self) -> Session:
        """Returns the module and what is known of it; loads it the first time."""
        if self._session is None:
            from .parts import Parts
            from .session import Session

            self._session = Session(self.options, Parts(self.folder))
        return self._session

    def close(self) -> None:
        """Gives all of it back."""
        if self._session is not None:
            self._session.close()
        if self._made is not None:
            shutil.rmtree(self._made, ignore_errors=True)


_STATE = pytest.StashKey[State]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Reads the options, and has the process that workers report to write the report."""
    state = config.stash[_STATE] = State(config)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(config, state), "eitherside-golden-report")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Gives back what the run took."""
    state = config.stash.get(_STATE, None)
    if state is not None:
        state.close()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares pictures and calls of the codec with stored results: docs/regression.md.

    ``golden.check(picture)`` compares what any codec made, ``golden.decode(file)`` and the like call the
    pinned module, ``golden.within(psnr=40)`` allows small differences, ``pytest --golden-update`` stores.
    """
    from ..errors import EithersideError
    from .check import Owner
    from .golden import Golden

    try:
        session = request.config.stash[_STATE].session()
    except EithersideError as error:
        pytest.fail(str(error), pytrace=False)
    session.parts.forget(request.node.nodeid)
    return Golden(session, Owner(request.node.nodeid, request.path, request.config.rootpath))


class Reporter:
    """Merges what the tests had to report, wherever they ran."""

    def __init__(self, config: pytest.Config, state: State) -> None:
        self._config = config
        self._state = state
        self._failed: set[str] = set()
        self._lines: list[str] = []
        self._wrong = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker of xdist where to put its parts."""
        node.workerinput[_PARTS] = str(self._state.folder)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes which tests failed: a difference that a test expected is not in the report."""
        if report.failed:
            self._failed.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Writes the report."""
        path = self._state.options.report
        if self._config.option.collectonly or not (path is not None or self._state.has_parts):
            return
        from .parts import Parts

        parts = Parts(self._state.folder)
        self._lines = written(parts, brief=self._config.get_verbosity() < 0)
        entries = [
            each
            for each in parts.entries()
            if each["kind"] in ("new", "changed") or each["test"] in self._failed
        ]
        path = path if path is not None or not entries else self._default()
        if path is None:
            return
        from .report import write

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, entries, parts)
            self._lines.append(f"golden report: {path}")
        except OSError as error:
            self._wrong = True
            self._lines.append(f"golden report: {path} cannot be written: {error}")

    def _default(self) -> Path | None:
        cache = getattr(self._config, "cache", None)
        return cache.mkdir("golden") / _REPORT if cache is not None else None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says what was written, and where the report is."""
        for line in self._lines:
            terminalreporter.write_line(line, red=self._wrong and line == self._lines[-1])


def written(parts: Any, *, brief: bool) -> list[str]:
    """Returns what there is to say of the goldens that were written.

    Args:
        parts: where tests have noted it, a `Parts`.
        brief: say how many, not which.
    """
    notes = parts.notes()
    if not notes:
        return []
    counts = [(sum(note["kind"] == kind for note in notes), kind) for kind in ("new", "changed")]
    lines = [f"golden: {', '.join(f'{count} {kind}' for count, kind in counts if count)}"]
    if not brief:
        for note in notes:
            lines.append(f"  {note['kind']} {note['golden']}")
            lines += [f"    {line}" for line in note["told"]]
    return lines
