"""Documents, and their updates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the tables."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "documents",
        sa.Column("id", number, nullable=False),
        sa.Column("library_id", sa.String(22), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("joined", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary()),
        sa.Column("snapshot_size", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("library_id", "name", name="uq_documents_library_id_name"),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], "fk_documents_library_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_documents_library_id_changed", "documents", ["library_id", "changed"])
    op.create_table(
        "document_updates",
        sa.Column("document_id", number, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "number", name="pk_document_updates"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], "fk_document_updates_document_id", ondelete="CASCADE"
        ),
    )
