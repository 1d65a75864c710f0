"""What hand-offs and the console need: who may speak and since when, what staff did, notes, English for staff."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conversation", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    with op.batch_alter_table("acts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acts_conversation_at"), ["conversation", "at"], unique=False)

    op.create_table(
        "ownership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=48), nullable=False),
        sa.Column("after", sa.String(length=48), nullable=False),
        sa.Column("by", sa.String(length=48), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership")),
        sa.UniqueConstraint("conversation", "version", name=op.f("uq_ownership_conversation_version")),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conversation", sa.String(length=32), nullable=True),
        sa.Column("member", sa.String(length=32), nullable=True),
        sa.Column("by", sa.String(length=48), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_notes_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notes_conversation_at"), ["conversation", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notes_member_at"), ["member", "at"], unique=False)

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waiting_since", sa.Float(), nullable=True))
        batch_op.create_index(batch_op.f("ix_conversations_waiting_since"), ["waiting_since"], unique=False)

    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("plan", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("language", sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column("how", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("tell_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("told_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("claimed_by", sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column("claimed_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("closed_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.String(length=20), nullable=True))
        batch_op.create_index(batch_op.f("ix_handoffs_state_tell_at"), ["state", "tell_at"], unique=False)

    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gloss_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=True))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by", sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column("gloss_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("gloss_sealed")
        batch_op.drop_column("by")

    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("gloss_sealed")

    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handoffs_state_tell_at"))
        batch_op.drop_column("outcome")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("claimed_at")
        batch_op.drop_column("claimed_by")
        batch_op.drop_column("told_at")
        batch_op.drop_column("tell_at")
        batch_op.drop_column("due_at")
        batch_op.drop_column("how")
        batch_op.drop_column("language")
        batch_op.drop_column("plan")

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversations_waiting_since"))
        batch_op.drop_column("waiting_since")

    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notes_member_at"))
        batch_op.drop_index(batch_op.f("ix_notes_conversation_at"))

    op.drop_table("notes")
    op.drop_table("ownership")
    with op.batch_alter_table("acts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_acts_conversation_at"))

    op.drop_table("acts")
