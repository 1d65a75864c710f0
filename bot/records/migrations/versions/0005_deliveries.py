"""What sending by Twilio needs: what it reported of each text, when one is tried again, phones that get no texts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("outbox", sa.String(length=32), nullable=False),
        sa.Column("error", sa.Integer(), nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sid", "status", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_outbox"), ["outbox"], unique=False)

    op.create_table(
        "flagged_numbers",
        sa.Column("phone_index", sa.String(length=32), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("phone_index", name=op.f("pk_flagged_numbers")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("again_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("sid", sa.String(length=34), nullable=True))
        batch_op.add_column(sa.Column("error", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("error")
        batch_op.drop_column("sid")
        batch_op.drop_column("again_at")

    op.drop_table("flagged_numbers")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliveries_outbox"))

    op.drop_table("deliveries")
