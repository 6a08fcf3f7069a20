"""Alembic's migrations: how each version of the tables is made from the one before."""
