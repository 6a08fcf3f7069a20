"""Every setting, in one place: an environment variable EITHERSIDE_* and a command-line flag each."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import ByteSize, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from .binary import PAGE
from .errors import SettingsError

PREFIX = "EITHERSIDE_"

MIB = 1 << 20
GIB = 1 << 30

Size = Annotated[ByteSize, Field(ge=0)]
Count = Annotated[int, Field(ge=0, le=65536)]
Seconds = Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)]
Days = Annotated[float, Field(gt=0, le=36500, allow_inf_nan=False)]


class Settings(BaseSettings):
    """The service's settings, read from the environment; arguments win over it.

    Sizes may have a unit (``512MiB``). Where a user reads the error, call `Settings.load`.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8000
    workers: Annotated[
        int, Field(ge=1, le=256, description="Processes. Queue, memory and threads are divided among them.")
    ] = 1
    threads: Annotated[
        Count, Field(description="Calls that compute at once; 0: as many as there are cores.")
    ] = 0
    threads_per_call: Annotated[
        Count,
        Field(description="Most threads of one call, where cores are idle; 0: all of them, 1: no helpers."),
    ] = 0
    connections: Annotated[
        int, Field(ge=1, le=65536, description="HTTP requests a process handles at once, computing or not.")
    ] = 64
    queue_length: Annotated[
        Count, Field(description="Calls that may wait for a thread; further ones are refused.")
    ] = 32
    queue_time: Annotated[Seconds, Field(description="Longest wait for a thread, in seconds.")] = 30.0
    time_limit: Annotated[Seconds, Field(description="Longest computation of one call, in seconds.")] = 120.0
    memory_per_call: Annotated[Size, Field(description="Memory ceiling of one call.")] = ByteSize(2 * GIB)
    memory_total: Annotated[
        Size, Field(description="Memory of all calls that run at once; 0: half of the machine's.")
    ] = ByteSize(0)
    max_body: Annotated[Size, Field(description="Largest request body.")] = ByteSize(256 * MIB)
    body_memory: Annotated[Size, Field(description="Memory of all request bodies at once.")] = ByteSize(GIB)
    body_time: Annotated[Seconds, Field(description="Longest upload of a request body, in seconds.")] = 120.0
    push_bytes: Annotated[
        Size, Field(description="Largest input that may be pushed in pieces, here in this process.")
    ] = ByteSize(GIB)
    report_bytes: Annotated[
        Size, Field(description="Largest picture that a report holds; a larger one is told of, not shown.")
    ] = ByteSize(64 * MIB)
    result_store: Annotated[
        Size, Field(description="Most bytes of results kept for who asks by key, on disk; 0: none are kept.")
    ] = ByteSize(256 * MIB)
    result_size: Annotated[Size, Field(description="Largest result kept.")] = ByteSize(64 * MIB)
    result_time: Annotated[Seconds, Field(description="How long a result is kept, in seconds.")] = 600.0
    result_dir: Annotated[
        Path | None,
        Field(description="Folder in which a private one for results is made; the system's where absent."),
    ] = None
    cancelled_ids: Annotated[
        int,
        Field(
            ge=1, le=65536, description="Cancelled calls remembered before they come; the oldest go first."
        ),
    ] = 4096
    cancelled_time: Annotated[
        Seconds, Field(description="How long a call cancelled before it comes is remembered, in seconds.")
    ] = 60.0
    libraries: Annotated[
        bool,
        Field(description="Whether libraries can be made and used: stored pictures, documents and jobs."),
    ] = True
    data_dir: Annotated[
        Path, Field(description="Folder of what libraries hold, made with the first one.")
    ] = Field(default_factory=lambda: user_data_path("eitherside"))
    database: Annotated[
        str | None,
        Field(
            description="URL of the libraries' database, such as postgresql://; a file in data_dir if absent."
        ),
    ] = None
    blobs: Annotated[
        str | None,
        Field(description="Folder of the libraries' files, or a URL of fsspec's; in data_dir where absent."),
    ] = None
    libraries_per_hour: Annotated[Count, Field(description="Libraries that may be made in an hour.")] = 200
    libraries_per_address: Annotated[
        Count, Field(description="Libraries that may be made from one address in an hour.")
    ] = 20
    library_bytes: Annotated[Size, Field(description="Most bytes that a library holds.")] = ByteSize(4 * GIB)
    library_blobs: Annotated[
        int,
        Field(ge=0, le=1 << 40, description="Most files that a library holds, unfinished uploads included."),
    ] = 50_000
    library_uploads: Annotated[Count, Field(description="Most unfinished uploads of a library.")] = 64
    upload_chunk: Annotated[Size, Field(description="Largest piece of an upload.")] = ByteSize(16 * MIB)
    upload_days: Annotated[Days, Field(description="How long an unfinished upload is kept, in days.")] = 7.0
    job_threads: Annotated[
        int, Field(ge=0, le=256, description="Jobs that a process does at once; 0: it does none.")
    ] = 1
    job_queue: Annotated[Count, Field(description="Jobs that wait or run; further ones are refused.")] = 1000
    job_attempts: Annotated[
        int, Field(ge=1, le=100, description="How often a job is begun whose process ends meanwhile.")
    ] = 3
    job_lease: Annotated[
        Seconds, Field(description="Seconds after which a job is taken from a process that says nothing.")
    ] = 15.0
    job_days: Annotated[
        Days, Field(description="How long ended jobs and their idempotency keys are kept, in days.")
    ] = 7.0
    library_documents: Annotated[Count, Field(description="Most documents of a library.")] = 100
    document_bytes: Annotated[Size, Field(description="Most bytes of one document.")] = ByteSize(64 * MIB)
    sync_bytes: Annotated[Size, Field(description="Largest body of a document's sync.")] = ByteSize(16 * MIB)
    sync_time: Annotated[Seconds, Field(description="Longest work on one sync, in seconds.")] = 10.0
    sync_memory: Annotated[Size, Field(description="Memory ceiling of the process that holds documents.")] = (
        ByteSize(GIB)
    )
    event_streams: Annotated[
        Count, Field(description="Clients that listen to events of libraries, for each process.")
    ] = 32
    event_beat: Annotated[
        Seconds, Field(description="Longest silence on a stream of events, in seconds.")
    ] = 15.0
    option_ceilings: Annotated[
        dict[str, float],
        Field(description="Largest values of options by name, a JSON object; greater ones are lowered."),
    ] = {}
    module: Annotated[
        Path | None, Field(description="The module file; the one that was shipped where absent.")
    ] = None
    cache_dir: Annotated[
        Path | Literal["off"],
        Field(description="Folder of compiled modules, which only its owner may write; off: none."),
    ] = Field(default_factory=lambda: user_cache_path("eitherside"))
    url: Annotated[
        str | None, Field(description="A service that calls may run on; absent: every call runs here.")
    ] = None
    place: Annotated[
        Literal["auto", "local", "server"],
        Field(
            description="Where calls run once there is a service; auto: where each is expected to end sooner."
        ),
    ] = "auto"
    connect_time: Annotated[
        Seconds, Field(description="Longest wait for a connection to the service, in seconds.")
    ] = 5.0
    answer_time: Annotated[
        Seconds, Field(description="Longest silence of the service while a call waits for it, in seconds.")
    ] = 180.0
    max_answer: Annotated[Size, Field(description="Largest answer taken from the service.")] = ByteSize(
        2 * GIB
    )
    exploration: Annotated[
        float,
        Field(ge=0, le=1, description="Share of the time of all calls that trying the other place may cost."),
    ] = 0.02
    hedging: Annotated[
        float, Field(ge=0, le=1, description="Share of calls that may run in both places when one is late.")
    ] = 0.05
    pillow: Annotated[
        bool, Field(description="Whether transcoding also reads and writes formats that Pillow knows.")
    ] = True
    pillow_pixels: Annotated[int, Field(ge=1, description="Largest image given to Pillow, in pixels.")] = (
        100_000_000
    )
    pillow_time: Annotated[Seconds, Field(description="Longest work of Pillow on one image, in seconds.")] = (
        30.0
    )
    pillow_memory: Annotated[Size, Field(description="Memory ceiling of Pillow's process for one image.")] = (
        ByteSize(GIB)
    )
    allowed_origins: Annotated[
        list[str],
        Field(
            description='Other origins whose pages may call the service, as JSON, such as ["https://example.org"].'
        ),
    ] = []
    public_element: Annotated[
        bool,
        Field(description="Whether pages of all origins may load the element, its module and the interface."),
    ] = False
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="Least grave message to log.")
    ] = "info"

    @field_validator("host")
    @classmethod
    def _address(cls, value: str) -> str:
        if value != "localhost":
            ip_address(value)
        return value

    @field_validator("memory_per_call")
    @classmethod
    def _pages(cls, value: ByteSize) -> ByteSize:
        if value < PAGE:
            raise ValueError(f"a call needs at least {PAGE} bytes")
        return value

    @model_validator(mode="after")
    def _fits(self) -> Settings:
        if 0 < self.memory_total < self.memory_per_call * self.workers:
            raise ValueError("memory_total is less than memory_per_call for each worker")
        return self

    @classmethod
    def load(cls, **given: Any) -> Settings:
        """Returns the settings of the environment, `given` ones first.

        Raises:
            SettingsError: a value cannot be used; the message names the setting and its environment variable.
        """
        try:
            return cls(**given)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            where = f"{name} ({PREFIX}{name.upper()}): " if name else ""
            raise SettingsError(f"bad setting: {where}{first['msg']}") from None

    @property
    def thread_count(self) -> int:
        """Threads that compute, in each process."""
        return max(1, (self.threads or available_cores()) // self.workers)

    @property
    def memory_budget(self) -> int:
        """Bytes that the calls of one process may take together."""
        total = int(self.memory_total) or machine_memory() // 2
        return max(total // self.workers, int(self.memory_per_call))

    @property
    def waiting(self) -> int:
        """Calls that may wait for a thread, in each process."""
        return -(-self.queue_length // self.workers)


def available_cores() -> int:
    """Returns how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine_memory() -> int:
    """Returns the bytes of memory of the machine, or of the control group where that has less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        return total
