"""What the application's requests share."""

from __future__ import annotations

from functools import cached_property

from ..foreign import Foreign
from ..host import Host
from ..module import Module
from ..settings import Settings
from .body import Budget
from .endpoints import Endpoint


class Service:
    """The module, its host, Pillow's formats and the budget for bodies, of one application.

    The host compiles and starts its threads with the first call, so an application may be made before a fork.
    """

    def __init__(self, settings: Settings, module: Module | None = None) -> None:
        self.settings = settings
        self.module = module if module is not None else Module.shipped(settings.module)
        self.interface = self.module.interface
        self.host = Host(self.module, settings)
        self.foreign = Foreign(settings)
        self.budget = Budget(max(int(settings.body_memory) // settings.workers, int(settings.max_body)))

    @cached_property
    def endpoints(self) -> dict[str, Endpoint]:
        """The endpoint of each function, by name."""
        functions = self.interface.functions
        return {name: Endpoint(functions[name], self.interface, self.foreign) for name in functions}
