"""Jobs, and the keys of their requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("library_id", sa.String(22), nullable=False),
        sa.Column("function", sa.String(255), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.Column("begun", sa.Double()),
        sa.Column("ended", sa.Double()),
        sa.Column("lease", sa.Double()),
        sa.Column("owner", sa.String(255)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.ForeignKeyConstraint(["library_id"], ["libraries.id"], "fk_jobs_library_id", ondelete="CASCADE"),
    )
    op.create_index("ix_jobs_state_created", "jobs", ["state", "created"])
    op.create_index("ix_jobs_library_id_changed", "jobs", ["library_id", "changed"])
    op.create_index("ix_jobs_ended", "jobs", ["ended"])
    op.create_table(
        "answered",
        sa.Column("library_id", sa.String(22), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("token", sa.String(22), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("job_id", sa.String(22)),
        sa.PrimaryKeyConstraint("library_id", "key", name="pk_answered"),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], "fk_answered_library_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], "fk_answered_job_id", ondelete="CASCADE"),
    )
    op.create_index("ix_answered_job_id", "answered", ["job_id"])
