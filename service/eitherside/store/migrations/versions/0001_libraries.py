"""Libraries, their blobs and uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "libraries",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("key_digest", sa.String(64), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("bytes_used", sa.BigInteger(), nullable=False),
        sa.Column("blob_count", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_libraries"),
        sa.UniqueConstraint("key_digest", name="uq_libraries_key_digest"),
    )
    op.create_index("ix_libraries_created", "libraries", ["created"])
    op.create_table(
        "blobs",
        sa.Column("library_id", sa.String(22), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(255), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("library_id", "digest", name="pk_blobs"),
        _library("blobs"),
    )
    op.create_index("ix_blobs_digest", "blobs", ["digest"])
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("library_id", sa.String(22), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("media_type", sa.String(255), nullable=False),
        sa.Column("length", sa.BigInteger()),
        sa.Column("expected", sa.String(64)),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        _library("uploads"),
    )
    op.create_index("ix_uploads_library_id", "uploads", ["library_id"])
    op.create_index("ix_uploads_created", "uploads", ["created"])
    op.create_table(
        "pieces",
        sa.Column("upload_id", sa.String(22), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(22), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "offset", name="pk_pieces"),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], "fk_pieces_upload_id", ondelete="CASCADE"),
    )


def _library(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["library_id"], ["libraries.id"], f"fk_{table}_library_id", ondelete="CASCADE"
    )
