"""What the funnel counts by: when a conversation began, how and in which language, of whom it spoke, and the question
that a screening under way waits for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "spoken_of",
        sa.Column("conversation", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=32), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_spoken_of_member")),
        sa.PrimaryKeyConstraint("conversation", "member", name=op.f("pk_spoken_of")),
    )
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column("how", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("started_at", sa.Float(), nullable=True))
    with op.batch_alter_table("screenings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("open_question", sa.String(length=160), nullable=True))
    _fill_in()


def downgrade() -> None:
    with op.batch_alter_table("screenings", schema=None) as batch_op:
        batch_op.drop_column("open_question")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("started_at")
        batch_op.drop_column("how")
        batch_op.drop_column("language")
    op.drop_table("spoken_of")


def _fill_in() -> None:
    """As far as older rows tell. The language is sealed in the session: it stays unknown."""
    op.execute(
        "UPDATE conversations SET started_at = coalesce("
        "(SELECT min(arrived_at) FROM inbound WHERE inbound.conversation = conversations.id), updated_at)"
    )
    op.execute(
        "INSERT INTO spoken_of (conversation, member, at) "
        "SELECT conversation, member, min(at) FROM ("
        "SELECT conversation, member, at FROM answers WHERE member IS NOT NULL "
        "UNION ALL SELECT conversation, member, at FROM handoffs WHERE member IS NOT NULL"
        ") AS told GROUP BY conversation, member"
    )
