"""The Dockerfile as stages of steps, read by the parser that Docker's own builder uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import dockerfile

from rehearsal.errors import RehearsalError

_VARIABLE = re.compile(r"\\\$|\$\{(\w+)\}|\$(\w+)|\$")


@dataclass(frozen=True)
class Step:
    """One instruction of a stage.

    Attributes:
        name: the instruction in capitals.
        words: its arguments; a shell command is one word.
        flags: its ``--name=value`` flags.
        is_list: whether the arguments were written as a JSON list.
        line: where it is in the file.
    """

    name: str
    words: tuple[str, ...]
    flags: Mapping[str, str]
    is_list: bool
    line: int


@dataclass(frozen=True)
class Stage:
    """A stage: its name, what it starts from (variables not yet filled in), its steps."""

    name: str
    base: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Dockerfile:
    """All stages by name in order, and the arguments that stand before the first with their defaults."""

    stages: Mapping[str, Stage]
    arguments: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Dockerfile:
        """Read a Dockerfile.

        Raises:
            RehearsalError: it is none, or has what cannot be rehearsed.
        """
        try:
            commands = dockerfile.parse_file(str(path))
        except (dockerfile.GoIOError, dockerfile.GoParseError) as error:
            raise RehearsalError(f"{path}: {error}") from None
        arguments: dict[str, str] = {}
        heads: list[tuple[str, str]] = []
        steps: list[list[Step]] = []
        for command in commands:
            step = _step(command)
            if step.name == "FROM":
                name = step.words[2] if len(step.words) == 3 else str(len(heads))
                heads.append((name, step.words[0]))
                steps.append([])
            elif not heads:
                arguments.update(_assignments(step))
            else:
                steps[-1].append(step)
        stages = {
            name: Stage(name, base, tuple(found)) for (name, base), found in zip(heads, steps, strict=True)
        }
        return cls(stages, arguments)

    def base(self, stage: Stage, arguments: Mapping[str, str]) -> str:
        """What a stage starts from, with `arguments` filled in."""
        return expand(stage.base, {**self.arguments, **arguments})

    def needed(self, target: str, arguments: Mapping[str, str]) -> list[Stage]:
        """The stages that `target` needs, itself last, in an order in which they can be made.

        Raises:
            RehearsalError: there is no such stage.
        """
        if target not in self.stages:
            raise RehearsalError(f"the Dockerfile has no stage {target}")
        found: dict[str, Stage] = {}

        def visit(stage: Stage) -> None:
            copied = [step.flags["from"] for step in stage.steps if "from" in step.flags]
            for name in (self.base(stage, arguments), *copied):
                if name in self.stages:
                    visit(self.stages[name])
            found[stage.name] = stage

        visit(self.stages[target])
        return list(found.values())


def _step(command: dockerfile.Command) -> Step:
    name = command.cmd.upper()
    if command.heredocs:
        raise RehearsalError(f"line {command.start_line}: here-documents cannot be rehearsed")
    flags = dict(flag.removeprefix("--").partition("=")[::2] for flag in command.flags)
    return Step(name, tuple(command.value), flags, command.json, command.start_line)


def _assignments(step: Step) -> dict[str, str]:
    """Defaults of the arguments that an ARG names; those without one are left out."""
    pairs = (word.partition("=") for word in step.words)
    return {name: value for name, equals, value in pairs if equals}


def arguments_of(step: Step, given: Mapping[str, str], outer: Mapping[str, str]) -> dict[str, str]:
    """What an ARG of a stage brings into scope: the given value, its default, or the outer one."""
    defaults = _assignments(step)
    names = [word.partition("=")[0] for word in step.words]
    found = {name: given.get(name, defaults.get(name, outer.get(name))) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def expand(text: str, values: Mapping[str, str]) -> str:
    """Fill variables in as the builder does; unknown ones become empty.

    Raises:
        RehearsalError: a form that is not rehearsed, such as ``${NAME:-default}``.
    """

    def value(match: re.Match[str]) -> str:
        if match[0] == "\\$":
            return "$"
        name = match[1] or match[2]
        if name is None:
            raise RehearsalError(f"only $NAME and ${{NAME}} can be rehearsed: {text}")
        return values.get(name, "")

    return _VARIABLE.sub(value, text)
