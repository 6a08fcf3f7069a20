"""A service elsewhere: its documents, and calls that run there."""

from .documents import Capacity, Description
from .service import Remote, RemoteAnswer

__all__ = ["Capacity", "Description", "Remote", "RemoteAnswer"]
