"""`carestart chat`: a conversation in the terminal, through the real turn."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import click

from bot.bootstrap import Bot, open_bot
from bot.content import load_content
from bot.embedded_redis import redis_for
from bot.inputs import MessageReceived
from bot.loading import plan_of
from bot.turn import RecordsAway, handed_over, take_turn
from webhooks.calls.happenings import ManualClock
from webhooks.commands.call import hold_call, open_call, write_call
from webhooks.commands.screen import Screen
from webhooks.commands.transcript_file import write_turns
from webhooks.simulator.people import numbers_in_use, our_numbers
from webhooks.simulator.phones import DAY, made_up_number, readable
from webhooks.sms import storable
from webhooks.startup import ready_database, ready_model, ready_settings

HELP = """\
Type a text and press Enter. What starts with a colon is for the terminal:
  :again     deliver the last message once more with the same id
  :next-day  move this phone's calendar ahead by a day
  :new       a new phone number, a new conversation
  :help      this
  :quit      leave (so do Ctrl-D and Ctrl-C)"""


@click.command
@click.option("--from", "sender", help="Number to text or call from.  [default: a made-up one]")
@click.option("--to", "recipient", help="Number of ours to text or call.  [default: the first plan's]")
@click.option("--voice", is_flag=True, help="A call: what is typed is spoken, digits are keys. /help says more.")
@click.option("--relay", is_flag=True, help="A call through a relay operator.")
@click.option(
    "--record", type=click.Path(path_type=Path, dir_okay=False), help="Write the conversation as a transcript."
)
@click.option("--at", metavar="TIME", help="When it happens, as 2027-02-02T11:00 in the plan's zone.  [default: now]")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [default: .data]")
def chat(
    sender: str | None,
    recipient: str | None,
    voice: bool,
    relay: bool,
    record: Path | None,
    at: str | None,
    data: Path | None,
) -> None:
    """Hold a conversation in the terminal, by text or by voice. Lines piped in are sent one by one."""
    screen = Screen(interactive=sys.stdin.isatty() and sys.stdout.isatty())
    if voice or relay:
        clock = ManualClock(time.time())
        with _ready_bot(data, screen, clock) as bot:
            talk = open_talk(bot, sender, recipient, at)
            clock.now = bot.clock() + talk.ahead
            call = open_call(bot, talk.sender, talk.recipient, clock, relay=relay)
            _hold(lambda: hold_call(call, screen), lambda file: write_call(call, file), record, screen)
    else:
        with _ready_bot(data, screen) as bot:
            talk = open_talk(bot, sender, recipient, at)
            _hold(lambda: converse(talk, screen), lambda file: write_transcript(talk, file), record, screen)


def _hold(hold: Callable[[], None], write: Callable[[Path], None], record: Path | None, screen: Screen) -> None:
    """Hold a conversation; what there was of it is written however it ends."""
    try:
        hold()
    except KeyboardInterrupt:
        screen.remark("")
    finally:
        if record is not None:
            write(record)
            screen.remark(f"Written to {record}")


@contextmanager
def _ready_bot(data: Path | None, screen: Screen, clock: Callable[[], float] = time.time) -> Iterator[Bot]:
    with redis_for(ready_settings(data)) as settings:
        ready_database(settings, load_content(settings.flows), screen.remark).dispose()
        ready_model(settings, screen.remark)
        with open_bot(settings, clock) as bot:
            yield bot


# --- the conversation -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Talk:
    """One phone in hand. `ahead` is how many seconds its clock runs ahead; `heard` is what a transcript holds."""

    bot: Bot
    sender: str
    recipient: str
    ahead: float = 0.0
    last: MessageReceived | None = None
    heard: list[dict[str, object]] = field(default_factory=list)
    began: tuple[datetime, str] | None = None  # when and from which number

    def text(self, words: str) -> str | None:
        """Send a text; the answer, or None for silence. Raises RecordsAway."""
        message = MessageReceived(
            id="SM" + uuid4().hex,
            at=self.bot.clock() + self.ahead,
            sender=self.sender,
            recipient=self.recipient,
            text=storable(words),
            ahead=self.ahead,
        )
        self.began = self.began or (datetime.fromtimestamp(message.at, self.zone), self.sender)
        reply = self._deliver(message)
        self.last = message
        self.heard.append({"you": message.text, "bot": reply})
        return reply

    def again(self) -> str | None:
        """Deliver the last message once more, as it was. Raises RecordsAway, LookupError where there is none."""
        if self.last is None:
            raise LookupError("no message yet")
        return self._deliver(self.last)

    def next_day(self) -> datetime:
        """Move the calendar by a day; the new time."""
        self.ahead += DAY
        self.heard.append({"wait": "1 days"})
        return datetime.fromtimestamp(self.bot.clock() + self.ahead, self.zone)

    def new_number(self) -> str:
        """Take another phone; its number."""
        self.sender = made_up_number({self.sender, *numbers_in_use(self.bot)})
        self.last = None
        self.heard.append({"from": self.sender})
        return self.sender

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(plan_of(self.bot.content.current, self.recipient).hours.zone)

    def _deliver(self, message: MessageReceived) -> str | None:
        reply = take_turn(self.bot, message).text
        if reply is not None:
            handed_over(self.bot, message.id)
        return reply


def open_talk(bot: Bot, sender: str | None = None, recipient: str | None = None, at: str | None = None) -> Talk:
    """A phone ready to text. Raises click.BadParameter for a time that is none."""
    talk = Talk(bot, sender or made_up_number(numbers_in_use(bot)), recipient or our_numbers(bot)[0])
    return replace(talk, ahead=_moment(at, talk.zone) - bot.clock()) if at else talk


def _moment(at: str, zone: ZoneInfo) -> float:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise click.BadParameter(f"{at!r} is no time such as 2027-02-02T11:00", param_hint="--at") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


# --- the terminal -----------------------------------------------------------------------------------------------------


def converse(talk: Talk, screen: Screen) -> None:
    """Send line by line until the end or :quit."""
    if screen.interactive:
        screen.remark(f"{readable(talk.sender)} texts {readable(talk.recipient)}. :help says more, Ctrl-D leaves.")
    for line in screen.lines():
        if line.strip() == ":quit":
            return
        try:
            _one_line(talk, screen, line)
        except RecordsAway:
            screen.remark("The records are away, so that was not taken. Send it again in a moment.")


def _one_line(talk: Talk, screen: Screen, line: str) -> None:
    match line.strip():
        case ":again" if talk.last is None:
            screen.remark("There is no message to deliver again yet.")
        case ":again":
            screen.answer(talk.again())
        case ":next-day":
            screen.remark(f"It is now {talk.next_day():%A %d %B %Y, %H:%M}.")
        case ":new":
            screen.remark(f"You now text from {readable(talk.new_number())}.")
        case command if command.startswith(":"):
            screen.remark(HELP)
        case _:
            screen.answer(talk.text(line))


# --- the transcript ---------------------------------------------------------------------------------------------------


def write_transcript(talk: Talk, file: Path) -> None:
    """Write what was heard as a golden transcript: when, from and to which number, and each text with its answer."""
    began, sender = talk.began or (datetime.fromtimestamp(talk.bot.clock() + talk.ahead, talk.zone), talk.sender)
    head = {"at": began.isoformat(timespec="seconds"), "from": sender, "to": talk.recipient}
    write_turns(file, head, talk.heard)
