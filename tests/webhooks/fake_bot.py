"""A bot without stores: what the web edge needs of one, and a turn that remembers what it was given."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import time

from bot.flow import Content, Hours, Plan, Variation
from bot.inputs import MessageReceived
from bot.loading import conversation_of
from bot.records.transcript import Line
from bot.turn import Reply
from bot.vault import Vault

ACCOUNT = "AC" + "a1" * 16
TOKEN = "a token only Twilio and we know"
BASE = "https://text.example.org"
NOW = 1_795_000_000.0  # 18 November 2026, 10:26:40 UTC


@dataclass(frozen=True)
class FakeSecret:
    value: str

    def reveal(self) -> str:
        return self.value


@dataclass(frozen=True)
class FakeSettings:
    public_base_url: str = BASE
    twilio_account_sid: str = ACCOUNT
    twilio_auth_token: FakeSecret | None = FakeSecret(TOKEN)
    simulator: bool = False
    sample_data: bool = True
    simulator_secret: FakeSecret = FakeSecret("signs the simulator's cookie")


@dataclass(frozen=True)
class FakeContentFolder:
    current: Content


def plan(plan_id: str, number: str, phone: str) -> Plan:
    return Plan(
        id=plan_id,
        names={"en": f"{plan_id} plan", "es": f"plan {plan_id}"},
        phone=phone,
        tty="1-800-743-3333 or 711",
        hours=Hours("America/Indiana/Indianapolis", {0: ((time(8), time(20)),)}),
        hours_text={"en": "8 to 8", "es": "de 8 a 8"},
        numbers=(number,),
        member_id_pattern=r"\d{12}",
        member_id_hint={},
        identity_keys=("member_id",),
        networks=(),
        pmp_kinds=(),
        reward_name={},
        reward_windows=(),
        languages=("en", "es"),
        questionnaires={},
        facts={"nurse_line": "1-844-206-5947"},
    )


def content() -> Content:
    stub = Variation({"en": "{plan_name}: please hold for {plan_phone}.", "es": "{plan_name}: espere, {plan_phone}."})
    return Content(
        flows={},
        responses={"utter_call_without_records": (stub,)},
        slots={},
        actions=frozenset(),
        plans={
            "indiana": plan("indiana", "+13175550199", "1-844-607-2829"),
            "ohio": plan("ohio", "+16145550199", "1-800-488-0134"),
        },
        rules=(),
        questionnaires={},
        digest="0",
    )


@dataclass(frozen=True)
class FakeBot:
    settings: FakeSettings = field(default_factory=FakeSettings)
    content: FakeContentFolder = field(default_factory=lambda: FakeContentFolder(content()))
    records: None = None
    vault: Vault = field(default_factory=lambda: Vault({1: b"k" * 32}, b"lookup" * 6))

    def clock(self) -> float:
        return NOW


class FakeTurn:
    """Answers every message once with "You said: ..."; a message that comes again gets the same reply."""

    def __init__(self) -> None:
        self.taken: list[MessageReceived] = []
        self.delivered = 0
        self.handed_over: list[str] = []
        self.lines: dict[str, list[Line]] = defaultdict(list)  # by conversation
        self.replies: dict[str, Reply] = {}
        self.failure: Exception | None = None

    def take_turn(self, bot: FakeBot, message: MessageReceived) -> Reply:
        self.delivered += 1
        if self.failure:
            raise self.failure
        if message.id not in self.replies:
            self.replies[message.id] = self._answer(bot, message)
        return self.replies[message.id]

    def _answer(self, bot: FakeBot, message: MessageReceived) -> Reply:
        self.taken.append(message)
        silent = message.text.strip().upper() == "STOP"
        reply = Reply(None if silent else f"You said: {message.text}")
        thread = self.lines[conversation_of(bot, message)]
        thread.append(Line(message.at, "member", message.text))
        if reply.text is not None:
            thread.append(Line(message.at, "bot", reply.text))
        return reply

    def hand_over(self, bot: object, message_id: str) -> None:
        self.handed_over.append(message_id)

    def transcript(self, records: object, vault: object, conversation: str) -> list[Line]:
        return list(self.lines[conversation])
