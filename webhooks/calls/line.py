"""One telephone call from the caller's side: speak, press keys, keep silent, hang up. Time passes as it would."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, inf

from webhooks.calls.exchange import Exchange, Waiting, step
from webhooks.calls.happenings import (
    AgentDoes,
    Clock,
    Entry,
    Event,
    Fetch,
    Key,
    Mode,
    Outcome,
    Pace,
    Post,
    Wait,
    Who,
    Word,
)
from webhooks.calls.leg import Leg

SPOKEN_WPM = 150.0
VOICED_WPM = 45.0  # an operator reads out what is being typed
OPERATOR = "Hello, this is relay operator 1234 with a call from a person who uses a TTY. Go ahead."
_TURN_OF_THE_CALLER = (Mode.LISTENING, Mode.RINGING, Mode.BRIDGED, Mode.ENDED)
_ENDED = Wait(Mode.ENDED, inf)


class NotPossible(RuntimeError):
    """The caller cannot do that now: the call is over, or nobody's phone rings."""


class Line:
    """A call to `called`, answered by the documents that `fetch(url, form)` returns; `fetch` raises Moved for a 3xx.

    `caller` None is a call without a number, "anonymous" one that hides it. Whatever `fetch` raises comes through, as
    do BadTwiml and Endless: to a caller all of them would be Twilio's own error message."""

    def __init__(
        self,
        fetch: Fetch,
        *,
        caller: str | None,
        called: str,
        clock: Clock,
        call_sid: str,
        account_sid: str = "AC" + "0" * 32,
        voice_url: str = "/webhooks/voice",
        status_url: str = "",
        pace: Pace | None = None,
    ) -> None:
        self.clock = clock
        self._voice_url, self._status_url = voice_url, status_url
        self._pace = pace or Pace()
        self._log: list[Entry] = []
        self._told = 0
        self.began = clock.now
        leg = Leg(call_sid, account_sid, caller, called)
        self._exchange = Exchange(fetch, leg, clock, self._pace, self._note)
        self._performance: Waiting[None] = self._exchange.perform(voice_url)
        self._wait = Wait(Mode.RINGING, inf)

    # --- what the caller does ---

    def start(self) -> None:
        """Dial. The line begins to speak."""
        self.began = self.clock.now
        self._give(None)
        self._pass_until(self.clock.now)

    def say(self, text: str, *, wpm: float = SPOKEN_WPM, pauses: Mapping[int, float] | None = None) -> None:
        """Speak, word by word; `pauses` are seconds of silence before the word of that index. Ends with the last word's
        sound: whether the line takes it as said depends on the silence after it."""
        self._require_call()
        began, words = self.clock.now, text.split()
        for index, word in enumerate(words):
            self._pass_until(self.clock.now + (pauses or {}).get(index, 0.0))
            sound = min(60.0 / wpm, self._pace.word)
            self._give(Word(word, sound))
            last = index == len(words) - 1
            self._pass_until(self.clock.now + (sound if last else 60.0 / wpm))
        self._note(began, "caller", text)
        self._note_lost()

    def press(self, keys: str) -> None:
        """Press keys one after the other."""
        self._require_call()
        began = self.clock.now
        for key in keys:
            if key not in "0123456789*#":
                raise ValueError(f"{key!r} is no key")
            self._give(Key(key))
            self._pass_until(self.clock.now + self._pace.key)
        self._note(began, "caller", f"[{keys}]")
        self._note_lost()

    def wait(self, seconds: float) -> None:
        """Keep silent for so long."""
        self._pass_until(self.clock.now + seconds)

    def listen(self) -> str:
        """Keep silent until it is the caller's turn: the line listens and has heard nothing yet, a phone rings, the
        caller was put through, or the call is over. What the line said since the last time, a line each."""
        while self.mode not in _TURN_OF_THE_CALLER:
            self._pass_until(self._wait.until)
        heard = [entry.text for entry in self._log[self._told :] if entry.who == "line"]
        self._told = len(self._log)
        return "\n".join(heard)

    def silence(self) -> str:
        """Let the line, or the phone it rings, give up waiting; then as `listen`."""
        if self.mode in (Mode.LISTENING, Mode.RINGING):
            self._pass_until(self._wait.until)
        return self.listen()

    def hang_up(self) -> None:
        self._require_call()
        self._performance.close()
        self._note(self.clock.now, "system", "the caller hung up")
        self._end()

    def agent(self, outcome: Outcome | str) -> None:
        """What the agent does whose phone rings, or who talks with the caller."""
        outcome = Outcome(outcome)
        possible = Mode.BRIDGED if outcome is Outcome.HANGS_UP else Mode.RINGING
        if self.mode is not possible:
            raise NotPossible(f"{outcome.value}: the call is {self.mode}")
        self._give(AgentDoes(outcome))

    # --- what can be seen of it ---

    @property
    def mode(self) -> Mode:
        return self._wait.mode

    @property
    def over(self) -> bool:
        return self.mode is Mode.ENDED

    @property
    def seconds(self) -> float:
        """Since the start."""
        return self.clock.now - self.began

    @property
    def log(self) -> list[Entry]:
        """What was heard and done, in order of beginning."""
        return sorted(self._log, key=lambda entry: entry.at)

    @property
    def posts(self) -> list[Post]:
        """Every webhook posted so far and its answer."""
        return self._exchange.posts

    # --- time ---

    def _pass_until(self, moment: float) -> None:
        while self._wait.until <= moment:
            self.clock.now = max(self.clock.now, self._wait.until)
            self._give(None)
        self.clock.now = max(self.clock.now, moment)

    def _give(self, event: Event) -> None:
        if self.over:
            return
        wait = step(self._performance, event)
        if wait is not None:
            self._wait = wait
            return
        self._note(self.clock.now, "system", "the line hung up")
        self._end()

    def _end(self) -> None:
        self._wait = _ENDED
        if self._exchange.status == "in-progress":
            self._exchange.status = "completed"
        if self._status_url:
            self._exchange.post(self._status_url, {"CallDuration": str(ceil(self.seconds))})

    def _require_call(self) -> None:
        if self.over:
            raise NotPossible("the call is over")

    # --- notes ---

    def _note(self, at: float, who: Who, text: str, language: str = "") -> None:
        self._log.append(Entry(at - self.began, who, text, language))

    def _note_lost(self) -> None:
        if self._exchange.lost:
            self._note(self.clock.now, "system", f"not heard: {' '.join(self._exchange.lost)}")
            self._exchange.lost.clear()
