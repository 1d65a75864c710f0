"""Whole conversations ready to be held, signed beforehand: when one is over the next made-up member begins."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from bot.bootstrap import Bot
from bot.inputs import MessageReceived
from bot.loading import conversation_of
from webhooks.bench.people import Newcomers, Person
from webhooks.bench.rehearsal import Line, Play
from webhooks.bench.texts import Exchange, Post

_AT_A_TIME = 50


@dataclass(slots=True)
class Conversation:
    """One member's exchanges, and how many were held."""

    person: Person
    exchanges: list[Exchange]
    held: int = 0

    @property
    def over(self) -> bool:
        return self.held == len(self.exchanges)

    def next(self) -> Exchange:
        self.held += 1
        return self.exchanges[self.held - 1]


@dataclass(slots=True)
class Conversations:
    """Conversations of one play, with new members as they are needed."""

    post: Post
    play: Play
    newcomers: Newcomers
    ready: deque[Conversation] = field(default_factory=deque)
    begun: list[Conversation] = field(default_factory=list)

    def prepare(self, count: int) -> None:
        """Have at least so many ready, so that none has to be made while the clock runs."""
        if (missing := count - len(self.ready)) > 0:
            self.ready += [self._whole(person) for person in self.newcomers.bring(missing)]

    def take(self) -> Conversation:
        if not self.ready:
            self.prepare(_AT_A_TIME)
        self.begun.append(taken := self.ready.popleft())
        return taken

    def to_the_middle(self) -> tuple[Conversation, Endless]:
        """A new member's way to the middle question, and what they can then answer and take back without end."""
        person = self.newcomers.bring(1)[0]
        way = [self._exchange(person, line) for line in self.play.lines[: self.play.middle]]
        return Conversation(person, way), Endless(self, person)

    def _whole(self, person: Person) -> Conversation:
        return Conversation(person, [self._exchange(person, line) for line in self.play.lines])

    def _exchange(self, person: Person, line: Line) -> Exchange:
        return self.post.exchange(person, line.words.format(member_id=person.member_id), line.reply)


@dataclass(slots=True)
class Talker:
    """What one connection sends: its conversation to the end, then the next one."""

    conversations: Conversations
    conversation: Conversation | None = None

    def __call__(self) -> Exchange:
        if self.conversation is None or self.conversation.over:
            self.conversation = self.conversations.take()
        return self.conversation.next()


@dataclass(slots=True)
class Endless:
    """Answers the middle question and goes BACK, in turns."""

    conversations: Conversations
    person: Person
    turns: int = 0

    def __call__(self) -> Exchange:
        line = self.conversations.play.there_and_back[self.turns % 2]
        self.turns += 1
        return self.conversations._exchange(self.person, line)


def session_sizes(bot: Bot, begun: list[Conversation], number: str) -> list[int]:
    """Bytes of each begun conversation's session in Redis."""
    ids = [conversation_of(bot, MessageReceived("", 0, one.person.phone, number, "")) for one in begun if one.held]
    return sorted(size for size in map(bot.sessions.session_bytes, ids) if size)
