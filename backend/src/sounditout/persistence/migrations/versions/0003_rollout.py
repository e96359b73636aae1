"""Who looks after the server, how far the rollout has come, and what its cohorts have lived through."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("users", sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "rollout_changes",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("percentage", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_rollout_changes"),
    )
    op.create_table(
        "rollout_counts",
        sa.Column("stage", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("pseudonym", sa.String(32), nullable=False),
        sa.Column("use_websocket", sa.Boolean(), nullable=False),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("failed_readings", sa.Integer(), nullable=False),
        sa.Column("later_requests", sa.Integer(), nullable=False),
        sa.Column("slow_later_requests", sa.Integer(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("broken_sessions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stage", "pseudonym", name="pk_rollout_counts"),
    )
    op.create_table(
        "rollout_latencies",
        sa.Column("stage", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("pseudonym", sa.String(32), nullable=False),
        sa.Column("bin", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("use_websocket", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stage", "pseudonym", "bin", name="pk_rollout_latencies"),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("rollout_latencies")
    op.drop_table("rollout_counts")
    op.drop_table("rollout_changes")
    with op.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as users:
        users.drop_column("is_admin")
