"""Completion, as bash does it with what `eitherside completion bash` prints."""

from __future__ import annotations

import os
import pty
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eitherside import Module
from support.commands import ok

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("bash") is None:
        pytest.skip("no bash on the PATH")
    path = tmp_path_factory.mktemp("completion") / "eitherside.bash"
    path.write_bytes(ok("completion", "bash").stdout)
    return path


def completed(script: Path, *lines: str) -> list[list[str]]:
    """What bash's completion function offers for the last word of each line."""
    parts = [f"source {shlex.quote(str(script))}"]
    for line in lines:
        words = " ".join(shlex.quote(word) for word in line.split(" "))
        parts += [
            f"COMP_WORDS=({words}); COMP_CWORD={line.count(' ')}; COMPREPLY=()",
            "_eitherside_completion eitherside",
            'printf "%s " "${COMPREPLY[@]}"; echo',
        ]
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(parts)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env=environment,
    )
    return [line.split() for line in done.stdout.splitlines()]


def offered(line: str) -> list[str]:
    """What the command offers to bash's completion function for the last word of a line."""
    asked = {"_EITHERSIDE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in asked.items():
            patch.setenv(name, value)
        return [text.partition(",")[2] for text in ok().stdout.decode().splitlines()]


def test_commands_options_and_values(script: Path, module: Module) -> None:
    functions = module.interface.functions
    table = functions["compare"].properties["metrics"]["items"]["enum"]
    listed = f"eitherside compare --metrics {table[0]},"
    commands, values = completed(script, "eitherside tr", listed)
    assert commands == offered("eitherside tr") == ["transcode"]
    assert values == offered(listed) == [f"{table[0]},{name}" for name in table[1:]]
    targets = [name for name in functions["transcode"].properties if name.startswith("target_")]
    assert offered("eitherside transcode --target-") == [f"--{name.replace('_', '-')}" for name in targets]
    formats = {*functions["transcode"].properties["to"]["enum"], "webp", "avif", "tiff"}
    assert set(offered("eitherside transcode --to ")) == formats
    assert offered("eitherside thumbnail --filter l") == ["lanczos"]
    assert offered("eitherside --place ") == ["auto", "local", "server"]
    assert offered("eitherside completion ") == ["bash", "zsh", "fish"]
    assert offered("eitherside batch --skip") == ["--skip-if-larger"]


def test_files_on_a_terminal_by_the_tab_key(script: Path, tmp_path: Path) -> None:
    (tmp_path / "holiday.jxl").write_bytes(b"")
    environment = {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "PS1": "READY ",
        "HISTFILE": "",
        "INPUTRC": "/dev/null",
        "TERM": "dumb",
    }
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], environment)
    try:
        said = until(terminal, b"READY ")
        os.write(terminal, f"source {shlex.quote(str(script))}\n".encode())
        said = until(terminal, b"READY ")
        os.write(terminal, b"eitherside inspect holi\t")
        said = until(terminal, b"holiday.jxl")
        assert b"eitherside inspect holiday.jxl" in said
        os.write(terminal, b"--pref\t")
        assert b"--prefix" in until(terminal, b"--prefix")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def until(terminal: int, text: bytes) -> bytes:
    said = b""
    end = time.monotonic() + 60
    while text not in said and time.monotonic() < end:
        said += os.read(terminal, 4096)
    return said


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_their_script(shell: str, tmp_path: Path) -> None:
    text = ok("completion", shell).stdout
    assert b"_EITHERSIDE_COMPLETE=" + shell.encode() in text
    if shutil.which(shell):
        path = tmp_path / "script"
        path.write_bytes(text)
        subprocess.run([shell, "-n", str(path)], check=True, timeout=60)


def test_a_module_that_is_not_there_completes_what_needs_none(script: Path) -> None:
    (found,) = completed(script, "eitherside --module /nowhere.wasm s")
    assert found == ["serve"]
