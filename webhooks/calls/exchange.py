"""Twilio's part in a call: fetches documents and performs them, verb by verb, one wait after the other.

Written from Twilio's pages on <Gather>, <Dial> and <Number>. The generators yield what the call waits for and are sent
what happened; whoever drives them moves the clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Set
from dataclasses import dataclass, field, replace
from math import ceil, inf
from typing import TypeVar
from urllib.parse import urljoin

from webhooks.calls.happenings import (
    AGENT,
    AgentDoes,
    Clock,
    Event,
    Fetch,
    Key,
    Mode,
    Moved,
    Outcome,
    Pace,
    Post,
    Wait,
    Who,
    Word,
)
from webhooks.calls.leg import Leg
from webhooks.calls.twiml import (
    KEYS,
    SPEECH,
    Dial,
    Gather,
    Hangup,
    Number,
    Pause,
    Play,
    Prompt,
    Redirect,
    Reject,
    Say,
    Verb,
    parse,
)

MAX_SPEECH_S = 60.0
MAX_REDIRECTIONS = 10
MAX_DOCUMENTS_A_SECOND = 50

_Result = TypeVar("_Result")
Waiting = Generator[Wait, Event, _Result]


class Endless(RuntimeError):
    """Documents lead from one to the next and nobody gets a word in."""


@dataclass(frozen=True, slots=True)
class Goto:
    """The document to fetch next and what is posted for it besides the call's own fields."""

    url: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Exchange:
    """Performs the documents of one leg. `note(at, who, text, language)` is told what is said and done; `posts` keeps
    the webhooks, `lost` what came while nothing listened."""

    fetch: Fetch
    leg: Leg
    clock: Clock
    pace: Pace
    note: Callable[[float, Who, str, str], None]
    voice: Who = "line"
    status: str = "ringing"
    hung_up: bool = False  # by <Hangup> or <Reject>, not by the end of a document
    posts: list[Post] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    _url: str = ""
    _fetched: deque[float] = field(default_factory=lambda: deque(maxlen=MAX_DOCUMENTS_A_SECOND))

    def perform(self, url: str) -> Waiting[None]:
        """The whole call, from the document at `url` on. Raises BadTwiml, Endless and whatever `fetch` raises."""
        goto: Goto | None = Goto(url)
        while goto is not None:
            goto = yield from self._document(self._get(goto))

    def post(self, url: str, fields: dict[str, str]) -> str:
        fields = self.leg.fields(self.status) | fields
        document = self.fetch(url, fields)
        self.posts.append(Post(url, fields, document))
        return document

    # --- documents ---

    def _get(self, goto: Goto) -> tuple[Verb, ...]:
        self._refuse_endless()
        for _ in range(MAX_REDIRECTIONS):
            self._url = urljoin(self._url, goto.url)
            try:
                verbs = parse(self.post(self._url, goto.fields))
            except Moved as moved:
                goto = Goto(moved.location)  # what was gathered is dropped on the way
                continue
            if verbs and isinstance(verbs[0], Reject):
                self.status = "busy" if verbs[0].reason == "busy" else "no-answer"
            else:
                self.status = "in-progress"
            return verbs
        raise Endless(f"{MAX_REDIRECTIONS} redirections")

    def _refuse_endless(self) -> None:
        if len(self._fetched) == MAX_DOCUMENTS_A_SECOND and self.clock.now - self._fetched[0] < 1:
            raise Endless(f"{MAX_DOCUMENTS_A_SECOND} documents in a second")
        self._fetched.append(self.clock.now)

    def _document(self, verbs: tuple[Verb, ...]) -> Waiting[Goto | None]:
        """Perform verb after verb until one leads elsewhere or ends the call."""
        for verb in verbs:
            goto: Goto | None = None
            match verb:
                case Say() | Play() | Pause():
                    yield from self._prompt(verb, frozenset())
                case Gather():
                    goto = yield from self._gather(verb)
                case Dial():
                    goto = yield from self._dial(verb)
                case Redirect():
                    goto = Goto(verb.url)
                case Hangup() | Reject():
                    self.hung_up = True
                    return None
            if goto is not None:
                return goto
        return None

    # --- speaking ---

    def _prompt(self, prompt: Prompt, takes: Set[str]) -> Waiting[Event]:
        """Say it; what cut it short, or None. Noted as far as it was heard."""
        began = self.clock.now
        seconds = self._seconds(prompt)
        try:
            return (yield from self._pass(Mode.SPEAKING, began + seconds, takes))
        finally:
            self._note_prompt(prompt, began, seconds)

    def _seconds(self, prompt: Prompt) -> float:
        match prompt:
            case Say():
                return len(prompt.text.split()) / self.pace.words
            case Play():
                return len(prompt.digits) * self.pace.tone or self.pace.recording
            case Pause():
                return float(prompt.length)

    def _note_prompt(self, prompt: Prompt, began: float, seconds: float) -> None:
        match prompt:
            case Say():
                words = prompt.text.split()
                heard = ceil(len(words) * (self.clock.now - began) / seconds - 1e-6)
                text = prompt.text if heard >= len(words) else " ".join([*words[:heard], "—"])
                self.note(began, self.voice, text, prompt.language)
            case Play():
                self.note(began, self.voice, f"({prompt.url or prompt.digits})", "")

    # --- listening ---

    def _gather(self, gather: Gather) -> Waiting[Goto | None]:
        first = yield from self._first_input(gather)
        fields: dict[str, str] = {}
        match first:
            case Key():
                fields = yield from self._keys(gather, first)
            case Word():
                fields = yield from self._speech(gather, first)
        if not fields and not gather.action_on_empty_result:
            return None
        return Goto(gather.action, fields)

    def _first_input(self, gather: Gather) -> Waiting[Event]:
        """The first word or key, which also ends the prompts; None after `timeout` of silence behind them."""
        for prompt in gather.prompts:
            event = yield from self._prompt(prompt, gather.input)
            if event is not None:
                return event
        return (yield from self._pass(Mode.LISTENING, self.clock.now + gather.timeout, gather.input))

    def _keys(self, gather: Gather, first: Key) -> Waiting[dict[str, str]]:
        digits = ""
        event: Event = first
        while isinstance(event, Key) and event.text != gather.finish_on_key:
            digits += event.text
            if len(digits) == gather.num_digits:
                break
            event = yield from self._pass(Mode.KEYING, self.clock.now + gather.timeout, {KEYS})
        ended = isinstance(event, Key) and event.text == gather.finish_on_key
        finished = {"FinishedOnKey": gather.finish_on_key} if ended else {}
        return {"Digits": digits, **finished} if digits else finished

    def _speech(self, gather: Gather, first: Word) -> Waiting[dict[str, str]]:
        pause = self.pace.auto_pause if gather.speech_timeout is None else gather.speech_timeout
        latest = self.clock.now + MAX_SPEECH_S
        words: list[str] = []
        event: Event = first
        while isinstance(event, Word):
            words.append(event.text)
            silent = self.clock.now + event.seconds + pause
            event = yield from self._pass(Mode.HEARING, min(silent, latest), {SPEECH})
        return {"SpeechResult": " ".join(words), "Confidence": "0.9"}

    # --- dialling ---

    def _dial(self, dial: Dial) -> Waiting[Goto | None]:
        number = dial.numbers[0]  # they all ring; the first is who answers
        callee = replace(
            self.leg,
            call_sid=f"{self.leg.call_sid[:-4]}{len(self.posts):04x}",
            caller=dial.caller_id or self.leg.caller,
            called=number.number,
            direction="outbound-dial",
            parent=self.leg.call_sid,
        )
        self.note(self.clock.now, "system", f"dials {number.number}", "")
        status, bridged, seconds = yield from self._ring(dial, callee, number)
        self.note(self.clock.now, "system", f"dial: {status}{'' if bridged else ', not put through'}", "")
        if not dial.action:
            return None
        fields = {"DialCallSid": callee.call_sid, "DialCallStatus": status, "DialBridged": str(bridged).lower()}
        if status == "completed":
            fields["DialCallDuration"] = str(ceil(seconds))
        return Goto(dial.action, fields)

    def _ring(self, dial: Dial, callee: Leg, number: Number) -> Waiting[tuple[str, bool, float]]:
        """The status of the dialled call, whether both ends were joined, and for how long it was answered."""
        latest = self.clock.now + dial.timeout
        event = yield from self._pass(Mode.RINGING, latest, {AGENT})
        outcome = event.outcome if isinstance(event, AgentDoes) else Outcome.NO_ANSWER
        if outcome in (Outcome.NO_ANSWER, Outcome.HANGS_UP):
            yield from self._pass(Mode.REACHING, latest, frozenset())
            return "no-answer", False, 0.0
        if outcome in (Outcome.BUSY, Outcome.FAILED):
            yield from self._pass(Mode.REACHING, self.clock.now + self.pace.busy, frozenset())
            return outcome.value, False, 0.0
        yield from self._pass(Mode.REACHING, self.clock.now + self.pace.pick_up, frozenset())
        self.note(self.clock.now, "agent", outcome.value, "")
        answered = self.clock.now
        bridged = not number.url or (yield from self._whisper(callee, number.url, outcome))
        if bridged:
            yield from self._talk()
        return "completed", bridged, self.clock.now - answered

    def _whisper(self, callee: Leg, url: str, outcome: Outcome) -> Waiting[bool]:
        """Let the agent alone hear the document at `url`; one who accepts presses 1 when asked. Whether to put them
        through: the document came to its end without hanging up."""
        whispered = Exchange(self.fetch, callee, self.clock, self.pace, self.note, "whisper", "in-progress")
        whispered.posts, whispered._url = self.posts, self._url
        performance = whispered.perform(url)
        wait = step(performance, None)
        while wait is not None:
            presses = outcome is Outcome.ACCEPTS and wait.mode is Mode.LISTENING
            pause = min(self.clock.now + self.pace.reaction, wait.until) if presses else wait.until
            yield from self._pass(Mode.REACHING, pause, frozenset())
            if presses:
                self.note(self.clock.now, "agent", "[1]", "")
            wait = step(performance, Key("1") if presses else None)
        return not whispered.hung_up

    def _talk(self) -> Waiting[None]:
        self.note(self.clock.now, "system", "put through", "")
        yield from self._pass(Mode.BRIDGED, inf, {AGENT})

    # --- time ---

    def _pass(self, mode: Mode, until: float, takes: Set[str]) -> Waiting[Event]:
        """Let time pass; the first event of a kind that is taken, or None. Others are lost unless an agent hears."""
        while True:
            event = yield Wait(mode, until)
            if event is None or event.kind in takes:
                return event
            if mode is not Mode.BRIDGED:
                self.lost.append(event.text)


def step(performance: Waiting[None], event: Event) -> Wait | None:
    """Tell a performance what happened (None also begins it); what it waits for now, or None when it is over."""
    try:
        return performance.send(event)
    except StopIteration:
        return None
