"""Users, practice sessions and readings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("username_key", sa.String(256), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "practice_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("activity", sa.String(200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_practice_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_practice_sessions_user_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_practice_sessions_user_id_id", "practice_sessions", ["user_id", "id"])
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(128), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("accuracy", sa.Double(), nullable=False),
        sa.Column("phoneme_error_rate", sa.Double(), nullable=False),
        sa.Column("words_correct_per_minute", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_readings_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["practice_sessions.id"], name="fk_readings_session_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "request_id", name="uq_readings_user_id_request_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_readings_session_id_id", "readings", ["session_id", "id"])


def downgrade() -> None:
    """Go back to an empty database."""
    op.drop_table("readings")
    op.drop_table("practice_sessions")
    op.drop_table("users")
