"""What a user has chosen, what a reader objects to, and a way to a user's latest readings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "user_settings",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_user_settings"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_settings_user_id", ondelete="CASCADE"),
    )
    op.create_table(
        "objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("word_index", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_objections"),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], name="fk_objections_reading_id", ondelete="CASCADE"),
        sa.UniqueConstraint("reading_id", "word_index", name="uq_objections_reading_id_word_index"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_readings_user_id_id", "readings", ["user_id", "id"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index("ix_readings_user_id_id", "readings")
    op.drop_table("objections")
    op.drop_table("user_settings")
