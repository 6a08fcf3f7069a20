"""What the Dockerfile says: sources are there, all that is installed is checked, it runs as nobody."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rehearsal.context import context_files
from rehearsal.dockerfile import Dockerfile, Step

from eitherside import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "docker" / "Dockerfile"


def steps(dockerfile: Dockerfile, name: str) -> list[Step]:
    """All instructions of one kind."""
    return [step for stage in dockerfile.stages.values() for step in stage.steps if step.name == name]


def pairs(dockerfile: Dockerfile, stage: str) -> dict[str, str]:
    """The environment that a stage sets."""
    words = [word for step in dockerfile.stages[stage].steps if step.name == "ENV" for word in step.words]
    return dict(zip(words[::2], words[1::2], strict=True))


def test_hadolint_finds_nothing() -> None:
    beside = Path(sys.executable).with_name("hadolint")
    program = str(beside) if beside.is_file() else shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed: no wheel for this platform")
    done = subprocess.run(
        [program, "--no-color", str(DOCKERFILE)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_runtime_stage_is_what_a_plain_build_makes(dockerfile: Dockerfile) -> None:
    assert list(dockerfile.stages)[-1] == "runtime"


@pytest.mark.parametrize(("module", "built"), [("committed", False), ("source", True)])
def test_the_module_is_built_only_where_asked_for(dockerfile: Dockerfile, module: str, built: bool) -> None:
    needed = [stage.name for stage in dockerfile.needed("runtime", {"MODULE": module})]
    assert ("module-builder" in needed) is built
    assert needed[-1] == "runtime"
    assert {"module", "viewer", "install"} < set(needed)


def test_the_committed_module_is_the_default(dockerfile: Dockerfile) -> None:
    assert dockerfile.arguments["MODULE"] == "committed"


def test_the_module_is_built_by_what_make_wasm_runs(dockerfile: Dockerfile) -> None:
    recipe = subprocess.run(
        ["make", "--no-print-directory", "-n", "wasm", "PYTHON=python3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    commands = [step.words[0] for step in dockerfile.stages["module-builder"].steps if step.name == "RUN"]
    assert recipe.stdout.strip() in commands


def test_every_copied_file_is_there_and_sent_to_the_builder(dockerfile: Dockerfile) -> None:
    sent = context_files(ROOT, "docker/Dockerfile")
    missing = [
        name
        for step in steps(dockerfile, "COPY")
        if "from" not in step.flags
        for name in step.words[:-1]
        if name not in sent and not any(path.startswith(name.rstrip("/") + "/") for path in sent)
    ]
    assert missing == []


def test_every_stage_copied_from_is_there(dockerfile: Dockerfile) -> None:
    assert {step.flags["from"] for step in steps(dockerfile, "COPY") if "from" in step.flags} <= set(
        dockerfile.stages
    )


def test_nothing_else_is_sent_to_the_builder(dockerfile: Dockerfile) -> None:
    copied = {
        name.rstrip("/")
        for step in steps(dockerfile, "COPY")
        if "from" not in step.flags
        for name in step.words[:-1]
    }
    sent = context_files(ROOT, "docker/Dockerfile") - {"docker/Dockerfile", ".dockerignore"}
    unused = [
        path for path in sent if not any(path == name or path.startswith(f"{name}/") for name in copied)
    ]
    assert unused == []
    assert not [path for path in sent if "node_modules" in path or "__pycache__" in path]


def test_the_sources_of_the_module_are_sent_whole() -> None:
    """The build's provenance hashes every file under native/; one left out would change it."""
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "native").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here <= context_files(ROOT, "docker/Dockerfile")


def test_what_is_installed_is_checked_against_a_lock(dockerfile: Dockerfile) -> None:
    commands = [part for step in steps(dockerfile, "RUN") for part in step.words[0].split("&&")]
    pip = [part for part in commands if re.search(r"\bpip (--python \S+ )?(install|download|wheel)\b", part)]
    assert len(pip) >= 4
    assert [part for part in pip if "--require-hashes" not in part and "--no-index" not in part] == []
    npm = [part for part in commands if re.search(r"\bnpm\b.* (ci|install|add)\b", part)]
    assert len(npm) == 1
    assert " ci " in npm[0]


def test_no_address_or_certificate_of_a_machine_is_in_it() -> None:
    text = DOCKERFILE.read_text()
    assert not re.search(r"https?://|index-url|registry|PIP_CERT|CA_CERTS|trusted-host", text)


def test_the_base_is_one_version_of_debian(dockerfile: Dockerfile) -> None:
    assert re.fullmatch(r"debian:\d+\.\d+-slim", dockerfile.arguments["BASE"])
    bases = {dockerfile.base(stage, {}) for stage in dockerfile.stages.values()}
    assert bases - set(dockerfile.stages) == {dockerfile.arguments["BASE"], "scratch"}


def test_the_image_runs_as_a_user_known_by_number(dockerfile: Dockerfile) -> None:
    users = [step.words[0] for step in dockerfile.stages["runtime"].steps if step.name == "USER"]
    assert len(users) == 1
    uid, gid = (int(part) for part in users[0].split(":"))
    assert uid > 0
    assert gid > 0


def test_the_image_sets_only_settings_that_there_are(dockerfile: Dockerfile) -> None:
    environment = pairs(dockerfile, "runtime")
    names = {
        name.removeprefix("EITHERSIDE_").lower() for name in environment if name.startswith("EITHERSIDE_")
    }
    assert names == {"host", "port", "cache_dir"}
    assert names <= set(Settings.model_fields)
    assert environment["EITHERSIDE_HOST"] == "0.0.0.0"  # noqa: S104 - the container's own network


def test_the_cache_is_a_volume(dockerfile: Dockerfile) -> None:
    volumes = [step.words for step in dockerfile.stages["runtime"].steps if step.name == "VOLUME"]
    assert volumes == [(pairs(dockerfile, "runtime")["EITHERSIDE_CACHE_DIR"],)]


def test_the_image_tells_its_health(dockerfile: Dockerfile) -> None:
    checks = [step for step in dockerfile.stages["runtime"].steps if step.name == "HEALTHCHECK"]
    assert len(checks) == 1
    assert checks[0].is_list
    assert checks[0].words[-1].endswith("/healthcheck.py")
