"""The command line: a command for each function of the module, and those that serve, list and do folders."""

from .app import main

__all__ = ["main"]
