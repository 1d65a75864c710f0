"""What staff do with call-backs, referrals and steps done by phone; indexes to find guardians and members by."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=20), server_default="urgent_handoff", nullable=False))

    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("outcome", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("done_by", sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column("done_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("told_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("late_told_at", sa.Float(), nullable=True))
        batch_op.create_index(batch_op.f("ix_callbacks_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_callbacks_member_state"), ["member", "state"], unique=False)

    with op.batch_alter_table("completions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("said_by", sa.String(length=48), nullable=True))

    with op.batch_alter_table("guardians", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardians_name_index"), ["name_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_guardians_phone_index"), ["phone_index"], unique=False)

    with op.batch_alter_table("phone_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_phone_links_member"), ["member"], unique=False)

    with op.batch_alter_table("referrals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("taken_by", sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column("taken_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("closed_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.String(length=20), nullable=True))
        batch_op.create_index(batch_op.f("ix_referrals_member"), ["member"], unique=False)
        batch_op.create_index(batch_op.f("ix_referrals_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("referrals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referrals_state"))
        batch_op.drop_index(batch_op.f("ix_referrals_member"))
        batch_op.drop_column("outcome")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("taken_at")
        batch_op.drop_column("taken_by")

    with op.batch_alter_table("phone_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_phone_links_member"))

    with op.batch_alter_table("guardians", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guardians_phone_index"))
        batch_op.drop_index(batch_op.f("ix_guardians_name_index"))

    with op.batch_alter_table("completions", schema=None) as batch_op:
        batch_op.drop_column("said_by")

    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_callbacks_member_state"))
        batch_op.drop_index(batch_op.f("ix_callbacks_due_at"))
        batch_op.drop_column("late_told_at")
        batch_op.drop_column("told_at")
        batch_op.drop_column("done_at")
        batch_op.drop_column("done_by")
        batch_op.drop_column("outcome")
        batch_op.drop_column("tries")

    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_column("kind")
