"""A golden on disk: a small JSON file, and pictures beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..files import write_atomically
from .errors import GoldenError

MAX_JSON = 4 << 20
"""Bytes of the largest JSON file that is read."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Picture(_Kept):
    """The picture that is kept of an output: a file beside the golden, named after it."""

    extension: Annotated[str, Field(pattern=r"^[a-z0-9]{1,8}$")]
    sha256: Digest


class Kept(_Kept):
    """One output.

    Attributes:
        name: in the interface, or `outcome.GIVEN`.
        sha256: of the samples, or of the file.
        shape, dtype: of samples; absent for a file.
        bytes: of a file; absent for samples.
        picture: the picture that is kept, where one is.
    """

    name: Annotated[str, Field(max_length=64)]
    sha256: Digest
    shape: list[Annotated[int, Field(ge=0)]] | None = None
    dtype: str | None = None
    bytes: Annotated[int, Field(ge=0)] | None = None
    picture: Picture | None = None


class Record(_Kept):
    """A golden.

    Attributes:
        eitherside_golden: version of this form.
        check: what it is of, as `naming.check_name` gives it.
        module: SHA-256 of the module that made it.
        function, options, inputs, result: see `outcome.Outcome`.
        outputs: what came out.
    """

    eitherside_golden: Literal[1] = 1
    check: str
    module: Digest
    function: str | None = None
    options: dict[str, Any] = {}
    inputs: dict[str, list[Digest]] = {}
    outputs: Annotated[list[Kept], Field(max_length=65536)]
    result: dict[str, Any] | None = None


def json_path(stem: Path) -> Path:
    """Returns the path of a golden's JSON file."""
    return stem.with_name(f"{stem.name}.json")


def picture_path(stem: Path, index: int, picture: Picture) -> Path:
    """Returns the path of the picture that is kept of an output, counted from 0."""
    number = f".{index}" if index else ""
    return stem.with_name(f"{stem.name}{number}.{picture.extension}")


def load(stem: Path) -> Record | None:
    """Returns the golden at `stem`, None where there is none.

    Raises:
        GoldenError: it cannot be read or is malformed; the message tells where.
    """
    path = json_path(stem)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_JSON + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise GoldenError(f"cannot read the golden {path}: {error.strerror}") from None
    if len(data) > MAX_JSON:
        raise GoldenError(f"the golden {path} has more than {MAX_JSON} bytes")
    try:
        return Record.model_validate(json.loads(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(map(str, first["loc"]))
        raise GoldenError(f"the golden {path} is wrong at /{where}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        told = _CONFLICT if b"<<<<<<<" in data else str(error)
        raise GoldenError(f"the golden {path} is not JSON: {told}") from None


_CONFLICT = "it has a merge conflict; take one side, or make it anew"


def load_picture(stem: Path, index: int, picture: Picture) -> bytes:
    """Returns the picture that is kept of an output.

    Raises:
        GoldenError: it is missing, or another one than the golden says.
    """
    path = picture_path(stem, index, picture)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GoldenError(f"cannot read the golden's picture {path}: {error.strerror}") from None
    if hashlib.sha256(data).hexdigest() != picture.sha256:
        is_pointer = data.startswith(b"version https://git-lfs")
        why = "it is a pointer of Git LFS: git lfs pull" if is_pointer else "its SHA-256 is another one"
        raise GoldenError(f"{path} is not the picture that the golden beside it was made with: {why}")
    return data


def save(stem: Path, record: Record, pictures: Sequence[bytes | None]) -> None:
    """Writes a golden, the JSON file last; each file is whole or as it was.

    Args:
        stem: its path without extension.
        record: the golden.
        pictures: for each of its outputs the picture to write, None where there is none or it stays.

    Raises:
        GoldenError: it cannot be written.
    """
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        for index, (kept, data) in enumerate(zip(record.outputs, pictures, strict=True)):
            if kept.picture is not None and data is not None:
                write_atomically(picture_path(stem, index, kept.picture), [data])
        write_atomically(json_path(stem), [text(record)])
    except OSError as error:
        raise GoldenError(f"cannot write the golden {json_path(stem)}: {error}") from None


def text(record: Record) -> bytes:
    """Returns a golden as JSON, laid out so that differences between versions are short."""
    found = record.model_dump(exclude_defaults=True) | {"eitherside_golden": record.eitherside_golden}
    ordered = {name: found[name] for name in Record.model_fields if name in found}
    return (json.dumps(ordered, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()
