"""What was recorded before the funnel's columns were is counted too."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import select, text

from bot.records import tables as t
from bot.records.database import open_engine
from bot.records.migrate import _config, upgrade
from tests.postgres import url_of


def test_older_conversations_are_told_when_they_began_and_of_whom(tmp_path: Path) -> None:
    engine = open_engine(url_of(tmp_path / "care.db"))
    with engine.begin() as conn:
        command.upgrade(_config(conn), "0007")
        conn.execute(
            text(
                "INSERT INTO members (id, plan, member_id_index, details_sealed, language, version, updated_at) "
                "VALUES ('ann', 'indiana', 'x', '0', 'en', 0, 0)"
            )
        )
        for id in ("told", "silent"):
            conn.execute(
                text(
                    "INSERT INTO conversations (id, version, owner, session_sealed, address_sealed, updated_at) "
                    "VALUES (:id, 1, 'bot', '0', '0', 900)"
                ),
                {"id": id},
            )
        for number, at in enumerate((500, 400)):
            conn.execute(
                text(
                    "INSERT INTO inbound (message_id, conversation, state, body_sealed, arrived_at) "
                    "VALUES (:id, 'told', 'done', '0', :at)"
                ),
                {"id": f"SM{number}", "at": at},
            )
            conn.execute(
                text(
                    "INSERT INTO answers "
                    "(member, conversation, run, flow, question, status, said_by, how, message_id, at) "
                    "VALUES ('ann', 'told', 'r', 'hns_adult', :q, 'value', 'member:ann', 'sms', :id, :at)"
                ),
                {"q": f"q{number}", "id": f"SM{number}", "at": at},
            )
    upgrade(engine)
    c = t.conversations.c
    with engine.connect() as conn:
        rows = conn.execute(select(c.id, c.started_at, c.language, c.how).order_by(c.id)).all()
        links = conn.execute(select(t.spoken_of)).all()
    assert [("silent", 900.0, None, None), ("told", 400.0, None, None)] == [tuple(row) for row in rows]
    assert [("told", "ann", 400.0)] == [tuple(row) for row in links]
    engine.dispose()
