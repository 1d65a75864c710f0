"""An open conversation asks for news all day: what became of a text is news, though nobody took a turn."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.bootstrap import Bot
from bot.records import tables as t
from bot.records.database import reading
from bot.records.transcript import full_transcript, marks
from tests.console.desk import Desk
from tests.phone import Phone
from webhooks.console.case_view import case_view, current_version


def versions(phone: Phone) -> tuple[str, str]:
    """As the page has it, and as it is asked for later."""
    shown = case_view(phone.bot, phone.conversation, {}, with_answers=True)
    return shown.version, current_version(phone.bot, phone.conversation)


def test_what_the_page_has_is_what_is_asked_for_later(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    ana.does("write", text="Hello, this is Ana.")
    on_the_page, now = versions(phone)
    assert on_the_page == now == versions(phone)[0]


@pytest.mark.parametrize("state", ["delivered", "undelivered", "unknown", "failed"])
def test_what_became_of_a_text_is_news(phone: Phone, ana: Desk, state: str) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    ana.does("write", text="Hello, this is Ana.")
    before, _ = versions(phone)
    change(phone.bot, update(t.outbox).where(t.outbox.c.reason == "agent").values(state=state))
    assert len({before, *versions(phone)}) == 2


def test_that_a_reply_was_handed_over_is_news(phone: Phone) -> None:
    phone.texts("hi", "agent")
    change(phone.bot, update(t.inbound).values(answered_at=None))
    before, _ = versions(phone)
    change(phone.bot, update(t.inbound).values(answered_at=phone.clock()))
    assert len({before, *versions(phone)}) == 2


def test_two_texts_that_change_places_are_news(phone: Phone, ana: Desk) -> None:
    """Counts of each state would be the same."""
    phone.texts("hi", "agent")
    ana.does("claim")
    ana.does("write", text="One.")
    ana.does("write", text="Two.")
    with reading(phone.bot.records) as conn:
        first, second = conn.execute(t.outbox.select().where(t.outbox.c.reason == "agent")).all()
    for one, state in ((first, "due"), (second, "sending")):
        change(phone.bot, update(t.outbox).where(t.outbox.c.id == one.id).values(state=state))
    before, _ = versions(phone)
    for one, state in ((first, "sending"), (second, "due")):
        change(phone.bot, update(t.outbox).where(t.outbox.c.id == one.id).values(state=state))
    assert len({before, *versions(phone)}) == 2


def test_marks_know_every_text_that_is_shown(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    ana.does("write", text="Hello, this is Ana.")
    lines = full_transcript(phone.bot.records, phone.bot.vault, phone.conversation)
    with reading(phone.bot.records) as conn:
        marked = marks(conn, phone.conversation)
    ours = {(line.at, line.state) for line in lines if line.who == "agent"}
    assert ours and ours <= set(marked)
    assert {line.at for line in lines} <= {at for at, _ in marked}


def change(bot: Bot, statement: object) -> None:
    with bot.records.begin() as conn:
        assert conn.execute(statement).rowcount > 0  # type: ignore[call-overload]
