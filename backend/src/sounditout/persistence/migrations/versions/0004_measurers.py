"""What has to be remembered of whoever sends measurements."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "measurers",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("batches", sa.JSON(), nullable=False),
        sa.Column("handed_in", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_measurers_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_measurers"),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("measurers")
