"""The service over HTTP: a Flask application made from the module's interface."""

from .app import create_app

__all__ = ["create_app"]
