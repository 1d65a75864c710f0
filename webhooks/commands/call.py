"""The call of `carestart chat --voice`: what is typed is spoken, keyed or done; what the line says is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.bootstrap import Bot
from bot.loading import plan_of
from webhooks.calls.happenings import Clock, Entry, Mode, Outcome
from webhooks.calls.in_process import call_line
from webhooks.calls.line import OPERATOR, SPOKEN_WPM, VOICED_WPM, Line, NotPossible
from webhooks.commands.screen import Screen
from webhooks.commands.transcript_file import write_turns

HELP = """\
Type what the caller says and press Enter. Only 0-9, * and # are keys. An empty line is silence until the line gives up.
  /wait 30      silence for so many seconds; what is typed next may interrupt
  /agent WHAT   what the agent does whose phone rings: {outcomes}
  /hangup       hang up (so do Ctrl-D and Ctrl-C)
  /help         this""".format(outcomes=", ".join(Outcome))

_KEYS = re.compile(r"[0-9*#]+")
_SECONDS = re.compile(r"/wait +(\d{1,4})")


@dataclass(slots=True)
class Call:
    """One call; `heard` is what a transcript holds."""

    line: Line
    caller: str
    called: str
    zone: ZoneInfo
    relay: bool = False
    heard: list[dict[str, object]] = field(default_factory=list)
    _shown: int = 0

    @property
    def wpm(self) -> float:
        return VOICED_WPM if self.relay else SPOKEN_WPM

    def answered(self) -> None:
        """Dial and hear the line out; an operator then announces the call."""
        self.line.start()
        self.heard.append({"bot": self.line.listen()})
        if self.relay:
            self._turn({"you": OPERATOR}, lambda: self.line.say(OPERATOR))

    def take(self, typed: str) -> None:
        """Do what was typed. Raises NotPossible where that cannot be done now, ValueError where it means nothing."""
        typed = typed.strip()
        if not typed:
            self._silence()
        elif _KEYS.fullmatch(typed):
            self._turn({"keys": typed}, lambda: self.line.press(typed))
        elif typed == "/hangup":
            self._turn({"hangs_up": True}, self.line.hang_up)
        elif waiting := _SECONDS.fullmatch(typed):
            self._wait(int(waiting[1]))
        elif typed.startswith("/agent "):
            outcome = outcome_of(typed.removeprefix("/agent ").strip())
            self._turn({"agent": outcome.value}, lambda: self.line.agent(outcome))
        elif typed.startswith("/"):
            raise ValueError(typed)
        else:
            self._turn({"you": typed}, lambda: self.line.say(typed, wpm=self.wpm))

    def news(self) -> list[Entry]:
        """What happened since the last look, in order."""
        entries = self.line.log[self._shown :]
        self._shown += len(entries)
        return entries

    def _turn(self, done: dict[str, object], act: Callable[[], None]) -> None:
        act()
        self.heard.append(done | {"bot": self.line.listen()})

    def _silence(self) -> None:
        if self.line.mode is Mode.BRIDGED:
            raise NotPossible("the agent is listening")
        self.heard.append({"silent": True, "bot": self.line.silence()})

    def _wait(self, seconds: int) -> None:
        self.line.wait(seconds)
        self.heard.append({"wait": f"{seconds} seconds"})


def outcome_of(words: str) -> Outcome:
    """The outcome that has these words in it. Raises ValueError where none or several have."""
    found = [outcome for outcome in Outcome if words == outcome] or [o for o in Outcome if words and words in o]
    if len(found) != 1:
        raise ValueError(words)
    return found[0]


def open_call(bot: Bot, caller: str, called: str, clock: Clock, *, relay: bool) -> Call:
    """A phone that is about to call `called`."""
    zone = ZoneInfo(plan_of(bot.content.current, called).hours.zone)
    return Call(call_line(bot, caller, called, clock), caller, called, zone, relay)


def hold_call(call: Call, screen: Screen) -> None:
    """Call, and do line by line what is typed until one side hangs up."""
    if screen.interactive:
        screen.remark("Calling. /help says what can be typed, Ctrl-D hangs up.")
    call.answered()
    _show(call, screen)
    for typed in _typed(call, screen):
        _one_line(call, screen, typed)
        _show(call, screen)


def _typed(call: Call, screen: Screen) -> Iterator[str]:
    """What is typed while the call lasts; who types no more hangs up."""
    lines = screen.lines()
    while not call.line.over:
        yield next(lines, "/hangup")


def _one_line(call: Call, screen: Screen, typed: str) -> None:
    try:
        call.take(typed)
    except NotPossible as error:
        screen.remark(f"Not now: {error}.")
    except ValueError:
        screen.remark(HELP)


def _show(call: Call, screen: Screen) -> None:
    for entry in call.news():
        at = f"{int(entry.at) // 60}:{int(entry.at) % 60:02}"
        if entry.who == "line":
            screen.heard(f"{at}  {entry.text}")
        else:
            screen.remark(f"{at}  {entry.who}: {entry.text}")
    if call.line.mode is Mode.RINGING:
        screen.remark("A phone rings. /agent says what happens, an empty line lets it ring out.")


def write_call(call: Call, file: Path) -> None:
    """Write the call as a golden transcript: what was done and what was heard after it."""
    began = datetime.fromtimestamp(call.line.began, call.zone).isoformat(timespec="seconds")
    kind = "relay" if call.relay else "voice"
    write_turns(file, {"at": began, "call": kind, "from": call.caller, "to": call.called}, call.heard)
