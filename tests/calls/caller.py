"""A telephone to test with: calls and texts a bot on real stores, through the real documents, on a clock by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.bootstrap import Bot
from tests.phone import OURS, Clock, Phone
from webhooks.calls.happenings import Post
from webhooks.commands.call import Call, open_call

NUMBER = "+13175550199"
HIDDEN = "anonymous"


@dataclass(slots=True)
class Caller:
    """One telephone. `call` dials; `take` does what would be typed at `carestart chat --voice`: words are spoken,
    digits keyed, "" is silence, "/wait 30", "/agent busy" and "/hangup" are themselves."""

    bot: Bot
    clock: Clock
    number: str = NUMBER
    ours: str = OURS
    calls: list[Call] = field(default_factory=list)

    def call(self, *, relay: bool = False, announce: bool = True) -> str:
        """Dial; what the line says first. A relay operator announces the call, and it is what is said after."""
        self.clock.now += 5
        call = open_call(self.bot, self.number, self.ours, self.clock, relay=relay)
        self.calls.append(call)
        if relay and not announce:
            call.line.start()
            return call.line.listen()
        call.answered()
        return str(call.heard[-1]["bot"])

    def take(self, typed: str) -> str:
        """Do it; what the line says after."""
        self.current.take(typed)
        return str(self.current.heard[-1].get("bot", ""))

    def does(self, *typed: str) -> str:
        """Do several; what the line says last."""
        return [self.take(one) for one in typed][-1]

    def text(self, words: str) -> str | None:
        """Send a text from the same telephone."""
        return Phone(self.bot, self.clock, self.number, self.ours).text(words)

    @property
    def current(self) -> Call:
        return self.calls[-1]

    @property
    def over(self) -> bool:
        return self.current.line.over

    @property
    def posts(self) -> list[Post]:
        """Every webhook of every call."""
        return [post for call in self.calls for post in call.line.posts]
