"""What Alembic runs for each command; `store.migrate` hands it the connection."""

from __future__ import annotations

from alembic import context

from eitherside.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most of a table: Alembic then copies it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
