"""A call without its documents: posts what came of each document, one after the other, to the real turn."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from bot.bootstrap import Bot
from bot.inputs import Heard, MessageReceived
from bot.loading import conversation_of
from bot.records.database import reading
from bot.records.sealing import open_session
from bot.records.stored import load_conversation
from bot.session import Session
from bot.turn import take_turn
from tests.phone import OURS, Clock

_sids = itertools.count(1)


@dataclass(slots=True)
class Poster:
    bot: Bot
    clock: Clock
    number: str = "+13175550199"
    ours: str = OURS
    sid: str = field(default_factory=lambda: f"CA{next(_sids):032x}")
    documents: int = 0

    def begins(self) -> str | None:
        return self._post("began", "")

    def says(self, words: str) -> str | None:
        return self._post("speech", words)

    def keys(self, *entries: str) -> str | None:
        """Press several, one a document; the last answer."""
        return [self._post("keys", entry) for entry in entries][-1]

    def _post(self, heard: Heard, text: str) -> str | None:
        self.clock.now += 5
        reply = take_turn(self.bot, self._message(heard, text))
        self.documents += 1
        return reply.text

    def _message(self, heard: Heard | None, text: str) -> MessageReceived:
        return MessageReceived(
            f"{self.sid}.{self.documents}", self.clock(), self.number, self.ours, text,
            call=self.sid, document=self.documents, heard=heard,
        )  # fmt: skip

    @property
    def conversation(self) -> str:
        return conversation_of(self.bot, self._message(None, ""))

    def session(self) -> Session:
        """The durable session, read back from SQL."""
        with reading(self.bot.records) as conn:
            row = load_conversation(conn, self.conversation)
        assert row is not None
        return open_session(self.bot.vault, self.conversation, row.session)
