"""A member of staff to test with: what the console does, without the console."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from bot import inputs
from bot.desk import Refused
from bot.desk_turn import Done, take_act
from bot.outbound import Simulator
from bot.records.transcript import Line, full_transcript, transcript
from bot.worker import send_due
from tests.phone import Phone

_ids = itertools.count(1)


@dataclass(slots=True)
class Agent:
    """One member of staff at work on one member's conversation."""

    phone: Phone
    id: str = "ana"
    name: str = "Ana"

    def does(self, act: type[inputs.StaffAct], id: str = "", **what: Any) -> Done | Refused:
        self.phone.clock.now += 2
        bot = self.phone.bot
        done = take_act(
            bot,
            act(
                id=id or f"act-{next(_ids)}",
                at=self.phone.clock(),
                by=f"agent:{self.id}",
                conversation=self.phone.conversation,
                name=self.name,
                **what,
            ),
        )
        send_due(bot, Simulator())
        return done

    def claims(self, **how: Any) -> Done | Refused:
        return self.does(inputs.Claim, **how)

    def writes(self, text: str, **how: Any) -> Done | Refused:
        return self.does(inputs.Write, text=text, **how)

    def gives_back(self) -> Done | Refused:
        return self.does(inputs.GiveBack)


def seen(phone: Phone) -> list[Line]:
    """What the member's phone shows."""
    return transcript(phone.bot.records, phone.bot.vault, phone.conversation)


def all_lines(phone: Phone) -> list[Line]:
    """What staff see."""
    return full_transcript(phone.bot.records, phone.bot.vault, phone.conversation)


def last(phone: Phone) -> str:
    return seen(phone)[-1].text
