"""What the application's requests share."""

from __future__ import annotations

import logging
import threading
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import SettingsError
from ..foreign import Foreign
from ..host import Host
from ..module import Module
from ..settings import Settings
from .body import Budget
from .endpoints import Endpoint
from .keeping import Keeping
from .results import Results
from .shared import Shared
from .speed import Speed
from .streams import Streams

# It takes longer to load than the service takes to start, and not every service has libraries.
if TYPE_CHECKING:
    from ..store.store import Store
    from .runner import Runner

log = logging.getLogger(__name__)


class Service:
    """What one application has: the module, its host, Pillow's formats, the budget for bodies, kept results.

    The host compiles and starts its threads with the first call, so an application may be made before a fork.
    """

    def __init__(
        self, settings: Settings, module: Module | None = None, shared: Shared | None = None
    ) -> None:
        self.settings = settings
        self._owns_shared = shared is None
        self.module = module if module is not None else Module.shipped(settings.module)
        self.interface = self.module.interface
        self.shared = shared if shared is not None else Shared(settings)
        self.board = self.shared.board
        self.results = Results(settings, self.shared)
        self.keeping = Keeping(self.results)
        self.host = Host(self.module, settings, self.board.publish)
        self.speed = Speed(self.host, self.board)
        self.foreign = Foreign(settings)
        self.budget = Budget(max(int(settings.body_memory) // settings.workers, int(settings.max_body)))
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._runner: Runner | None = None
        self.streams = Streams(settings.event_streams)

    def begin(self) -> None:
        """Compiles the module and begins what goes on in the background, now rather than when asked for.

        Raises:
            ModuleError, CacheError: see `eitherside.compiled.compile_module`.
        """
        self.results.resume()
        self.host.start()
        self.speed.begin()
        if self.settings.libraries:
            self._resume()

    def close(self) -> None:
        """Cancels running calls, lets the threads end, and removes what was kept; later calls are cancelled.

        What several processes share is left to whoever made it.
        """
        self.speed.close()
        self.streams.close()
        if self._runner is not None:
            self._runner.close()
        self.host.close()
        self.keeping.close()
        self.results.close()
        if self._store is not None:
            self._store.close()
        if self._owns_shared:
            self.shared.close()

    @property
    def store(self) -> Store:
        """What is stored, made when it is first asked for.

        Raises:
            SettingsError: a setting of its cannot be used.
        """
        with self._lock:
            if self._store is None:
                from ..store.store import Store

                self._store = Store(self.settings)
            return self._store

    @property
    def runner(self) -> Runner:
        """What does jobs in this process, made when it is first asked for."""
        store = self.store
        with self._lock:
            if self._runner is None:
                from .runner import Runner

                self._runner = Runner(self, store)
            return self._runner

    def _resume(self) -> None:
        """Goes on with jobs that an earlier run has left; without libraries there is nothing to open."""
        try:
            if self.store.database.is_there:
                self.runner.begin()
        except SettingsError as error:
            log.error("libraries cannot be used: %s", error)  # noqa: TRY400 -- the message says it all

    @cached_property
    def endpoints(self) -> dict[str, Endpoint]:
        """The endpoint of each function, by name."""
        functions = self.interface.functions
        return {name: Endpoint(functions[name], self.interface, self.foreign) for name in functions}
