"""What the application's requests share."""

from __future__ import annotations

from functools import cached_property

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

    def begin(self) -> None:
        """Compiles the module and begins what goes on in the background, now rather than when asked for.

        Raises:
            ModuleError, CacheError: see `eitherside.compiled.compile_module`.
        """
        self.results.resume()
        self.host.start()
        self.speed.begin()

    def close(self) -> None:
        """Cancels running calls, lets the threads end, and removes what was kept; later calls are cancelled.

        What several processes share is left to whoever made it.
        """
        self.speed.close()
        self.host.close()
        self.keeping.close()
        self.results.close()
        if self._owns_shared:
            self.shared.close()

    @cached_property
    def endpoints(self) -> dict[str, Endpoint]:
        """The endpoint of each function, by name."""
        functions = self.interface.functions
        return {name: Endpoint(functions[name], self.interface, self.foreign) for name in functions}
