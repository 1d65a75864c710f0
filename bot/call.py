"""What only a call has: its beginning and end, silence, keys that turn pages, a relay operator, a person to speak to.

`RULES_OF_A_CALL` are tried before the engine's other rules (but for danger). What a turn does not renew is over with
it: `hear` puts the call's own state back, and `Turn.call_before` has it as it was. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace as changed
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from bot import keypad
from bot.events import (
    Event,
    HandoffRequested,
    HungUp,
    KeptListening,
    PutThrough,
    RelayLeft,
    RelayUsed,
    Rested,
    Said,
    WentOn,
)
from bot.flow import Content
from bot.inputs import MessageReceived
from bot.moves import MENU, Moment, Outcome, Turn, again, context_of, go_on, lay_over, slots_of
from bot.read_out import readable, said_back, spelled
from bot.repair import CALL_BACK
from bot.session import OnCall, Session
from bot.walk import start
from nlu.understanding import NotAnAnswer, Understanding, Value

READ_BACK = "read_back"  # a flow
HEARD_RIGHT = "heard_right"  # the slot that READ_BACK collects
ANYTHING_ELSE = "utter_anything_else"
SILENCES_BEFORE_GOODBYE = 3
CHECK_INS_BEFORE_ASKING_AGAIN = 3  # of a relay call
GO_AHEAD = "go ahead"

# What a turn leaves is over with the next one, unless a rule renews it.
_OF_ONE_TURN: Mapping[str, Any] = MappingProxyType(
    {"silences": 0, "chosen": (), "words": "", "unsaid": (), "question_unsaid": False, "ending": False}
)
# A hand-off for these needs nobody on the line: the conversation goes on.
_ON_THE_SIDE = ("crisis_", "perhaps_", "trouble")


def hear(session: Session, message: MessageReceived, *, asks_to_wait: bool = False) -> tuple[Session, MessageReceived]:
    """The session as a turn of a call begins, and what was said: an answer in pieces is one, "one moment please" is no
    part of it, and a long pause ends it as "go ahead" does."""
    before = session.call or OnCall()
    starred = message.heard == "keys" and message.text == keypad.AGAIN
    fresh = replace(
        before,
        document=max(before.document, message.document),
        starred_at=message.at if starred else 0.0,
        **_OF_ONE_TURN,
    )
    if before.words and message.heard == "silence":
        message = replace(message, heard="speech", text=f"{before.words} {GO_AHEAD}")
    elif before.words and message.heard == "speech" and not asks_to_wait:
        message = replace(message, text=f"{before.words} {message.text}")
    return replace(session, call=fresh), message


def listen_for_relay(session: Session, meaning: Understanding) -> Session:
    """An operator who announces the call, or says GA, is spoken to at an operator's pace from now on."""
    if session.call is None or session.call.relay or not meaning.relay:
        return session
    return _with_call(session, relay=True, page=0)


# --- the rules -------------------------------------------------------------------------------------------------------


def begins(turn: Turn) -> Outcome | None:
    """The first words of a call: who we are, the other language, and what can be done."""
    if turn.message.heard != "began":
        return None
    if turn.session.runs:  # the same call, announced once more
        return again(turn)
    said = [Said(response, slots_of(turn)) for response in ("utter_call_welcome", "utter_call_other_language")]
    session, events = start(turn.session, MENU, turn.message.id)
    after, more = go_on(session, turn.content, turn.moment, turn.message.id)
    return after, [*said, *events, *more]


def out_of_step(turn: Turn) -> Outcome | None:
    """A post that does not follow the document before it changes nothing."""
    return again(turn) if turn.message.document != _before(turn).document + 1 else None


def dialled(turn: Turn) -> Outcome | None:
    """Back from Member Services; or nobody took the call."""
    if turn.message.heard != "dialled":
        return None
    if turn.message.text == "answered":
        return again(turn, "utter_call_resumed")
    after, events = _call_back(turn.session, turn.content, turn.moment, turn.message.id)
    return after, [Said("utter_person_busy", slots_of(turn)), *events]


def goes_on(turn: Turn) -> Outcome | None:
    """The rest of what was too long for one document: after a pause, or a 9."""
    before = _before(turn)
    wanted = turn.message.heard == "silence" or turn.message.text == keypad.MORE or _answers_unheard(turn)
    if not before.unsaid or not wanted:
        return None
    return _as_before(turn, words=""), [WentOn()]


def _answers_unheard(turn: Turn) -> bool:
    """A key, a yes or a no cannot mean a question that has not been said; an OK only asks for the rest."""
    if isinstance(turn.meaning.answer, NotAnAnswer):
        return turn.meaning.intent == "affirm"
    kind = turn.question.collect.kind if turn.question is not None else ""
    by_key = turn.message.heard == "keys" and kind in (*keypad.BY_KEY, "choices")
    return _before(turn).question_unsaid and (by_key or kind == "bool")


def silence(turn: Turn) -> Outcome | None:
    """Not an error: the question again, then simpler, then a person, and at the very end how to come back."""
    if turn.message.heard != "silence":
        return None
    before = _before(turn)
    if isinstance(turn.meaning.answer, Value):  # what was keyed on the pages before
        return None
    count = before.silences + 1
    session = _with_call(turn.session, silences=count, ending=before.ending)
    if before.relay:
        return _check_in(turn, session, count)
    if session.paused:  # after a crisis: nothing is asked of anybody
        return session, [Said("utter_paused", slots_of(turn))]
    if before.ending or count > SILENCES_BEFORE_GOODBYE:
        return session, [Said("utter_silence_goodbye", slots_of(turn)), HungUp()]
    if count == SILENCES_BEFORE_GOODBYE:
        return session, [Said(f"utter_silence_{count}", slots_of(turn))]
    return again(changed(turn, session=session), f"utter_silence_{count}")


def _check_in(turn: Turn, session: Session, count: int) -> Outcome:
    """A relay caller is told that we wait, as long as it takes."""
    check_in = Said("utter_relay_check_in", slots_of(turn))
    if _before(turn).ending:
        return session, [check_in, Said(ANYTHING_ELSE, slots_of(turn))]
    if count % CHECK_INS_BEFORE_ASKING_AGAIN:
        return session, [check_in]
    return again(changed(turn, session=session), "utter_relay_check_in")


def waits(turn: Turn) -> Outcome | None:
    """ "One moment please": we wait."""
    hash_alone = turn.message.heard == "keys" and turn.message.text == "#"
    stray = hash_alone and not isinstance(turn.meaning.answer, Value)  # after an entry that had ended by itself
    if turn.meaning.floor != "wait" and not stray:
        return None
    return _as_before(turn), [KeptListening("listen" if stray else "wait")]


def announced(turn: Turn) -> Outcome | None:
    """A relay operator: from now on at their pace. One sentence says who we are, unless there is an answer already."""
    call, meaning = turn.session.call, turn.meaning
    if call is None or not call.relay or _before(turn).relay:
        return None
    if meaning.command or meaning.opt or isinstance(meaning.answer, Value):
        return None
    return again(turn, "utter_call_welcome_relay_operator")


def not_over(turn: Turn) -> Outcome | None:
    """What an operator voices word by word is heard to its end: "go ahead", or a long pause."""
    if not _before(turn).relay or turn.message.heard != "speech" or turn.meaning.floor is not None:
        return None
    return _as_before(turn, words=turn.message.text), [KeptListening("words")]


def handed_over(turn: Turn) -> Outcome | None:
    """Go ahead and nothing else: it is our turn."""
    return again(turn) if turn.meaning.floor == "over" and turn.meaning.bare else None


def ends(turn: Turn) -> Outcome | None:
    """ "No, that is all", "goodbye", SK: the end is confirmed once where something is still open."""
    meaning = turn.meaning
    closes = meaning.floor == "closing" and not isinstance(meaning.answer, Value)
    leaves = meaning.intent == "goodbye" or closes
    asked = _before(turn).ending
    nothing_else = leaves or meaning.intent == "thanks" or meaning.answer == Value(False)
    if meaning.floor == "closed" or (asked and nothing_else):
        return turn.session, [Said(_goodbye(turn.session), slots_of(turn)), HungUp()]
    if asked and meaning.answer == Value(True):
        return again(turn)
    if asked and meaning.command == "repeat":
        return _with_call(turn.session, ending=True), [Said(ANYTHING_ELSE, slots_of(turn))]
    if asked or not leaves:
        return None
    return _with_call(turn.session, ending=True), [Said(ANYTHING_ELSE, slots_of(turn))]


def help_on_a_call(turn: Turn) -> Outcome | None:
    if turn.meaning.opt != "help":
        return None
    after, events = again(turn, "utter_help")
    return after, [events[0], Said("utter_voice_keys", slots_of(turn)), *events[1:]]


def more_options(turn: Turn) -> Outcome | None:
    """The next options of a long list; what was keyed on this page counts."""
    question, call = turn.question, turn.session.call
    if turn.meaning.command != "more" or question is None or call is None or isinstance(turn.meaning.answer, Value):
        return None
    if not keypad.page(question, call).more and call.page == 0:
        return None
    keys = turn.message.text.removesuffix(keypad.MORE) if turn.message.heard == "keys" else ""
    chosen = keypad.pressed(keys, question, _before(turn)) or _before(turn).chosen
    said = Said("utter_voice_more_of_them", slots_of(turn), question.choices, asks=True)
    return _with_call(turn.session, page=call.page + 1, chosen=chosen), [said]


def read_back(turn: Turn) -> Outcome | None:
    """An ID, a date or a number that was spoken is read back before it counts; one that was keyed is not."""
    question, given = turn.question, turn.meaning.answer
    if question is None or turn.confirmed or turn.message.heard != "speech" or not isinstance(given, Value):
        return None
    if question.collect.kind not in (*keypad.SPELLED, "address") or READ_BACK not in turn.content.flows:
        return None
    if given.value in {choice.value for choice in question.choices}:  # "I don't have it"
        return None
    say = readable if question.collect.kind == "address" else said_back
    heard = {language: say(str(given.value), language) for language in ("en", "es")}
    slots = {"heard": heard, "heard_value": given.value}
    return lay_over(turn.session, READ_BACK, slots, turn.content, turn.moment, turn.message.id)


RULES_OF_A_CALL: tuple[Callable[[Turn], Outcome | None], ...] = (
    begins,
    out_of_step,
    dialled,
    goes_on,
    silence,
    waits,
    announced,
    not_over,
    handed_over,
    ends,
    help_on_a_call,
    more_options,
    read_back,
)


# --- after the rules -------------------------------------------------------------------------------------------------


def to_a_person(session: Session, events: list[Event], content: Content, moment: Moment, seed: str) -> Outcome:
    """Who asked for a person is put through while Member Services is open; else it is said when, and a call offered."""
    reasons = [event.reason for event in events if isinstance(event, HandoffRequested)]
    wanted = [reason for reason in reasons if not reason.startswith(_ON_THE_SIDE)]
    if not wanted:
        return session, events
    kept = [event for event in events if not _is_asking_or_handoff(event)]
    slots = context_of(session, moment)
    if moment.open_hours and "callback" not in wanted:
        return session, [*kept, Said("utter_dialing_person", slots), PutThrough()]
    said = [] if moment.open_hours else [Said("utter_closed_voice", slots)]
    after, more = _call_back(session, content, moment, seed)
    return after, [*kept, *said, *more]


def settle(session: Session, events: list[Event], content: Content, moment: Moment) -> Outcome:
    """How a turn of a call ends: never in the air. Nothing left to ask: is there anything else? Later: goodbye."""
    session, events = _remember_relay(session, events)
    call = session.call or OnCall()
    kinds = {type(event) for event in events}
    slots = context_of(session, moment)
    if Rested in kinds:
        return session, [*events, Said(_goodbye(session), slots), HungUp()]
    if kinds & {HungUp, PutThrough, WentOn, KeptListening}:
        return session, events
    if not session.asked and not call.ending:
        session, events = _with_call(session, ending=True), [*events, Said(ANYTHING_ELSE, slots)]
    return session, events


def _remember_relay(session: Session, events: list[Event]) -> Outcome:
    """Who has called through an operator before is spoken to at that pace from when they are verified on."""
    call, facts = session.call or OnCall(), session.facts
    if not session.verified_until or call.relay == bool(facts.get("uses_relay")):
        return session, events
    if not call.relay:  # from this very document on
        slowly = {"relay": True}
        said = [replace(e, slots={**e.slots, **slowly}) if isinstance(e, Said) else e for e in events]
        return _with_call(session, relay=True), said
    known = replace(session, facts={**facts, "uses_relay": True})
    return known, [*events, RelayUsed()]


def leave_relay(turn: Turn) -> Outcome:
    """No operator after all: an ordinary call from now on, this one and the next."""
    if turn.session.call is None:
        return again(turn)
    session = _with_call(turn.session, relay=False)
    session = replace(session, facts={**session.facts, "uses_relay": False})
    after, events = again(changed(turn, session=session))
    return after, [RelayLeft(), *events] if session.verified_member else events


def spell(turn: Turn) -> Outcome:
    """The names and numbers said last, letter by letter."""
    names = turn.session.call.names if turn.session.call is not None else ()
    if not names:
        return again(turn)
    words = {language: " ".join(f"{spelled(name, language)}." for name in names) for language in ("en", "es")}
    after, events = again(turn, shorter=True)
    return after, [Said("utter_spell", {**slots_of(turn), "spelled": words}), *events]


def heard_right(turn: Turn) -> bool | None:
    """Whether what was read back is right, where that was asked and answered."""
    question, given = turn.question, turn.meaning.answer
    asked = question is not None and question.collect.slot == HEARD_RIGHT
    return bool(given.value) if asked and isinstance(given, Value) else None


# --- pieces ----------------------------------------------------------------------------------------------------------


def _before(turn: Turn) -> OnCall:
    return turn.call_before or OnCall()


def _with_call(session: Session, **fields: Any) -> Session:
    return replace(session, call=replace(session.call or OnCall(), **fields))


def _as_before(turn: Turn, **fields: Any) -> Session:
    """The session with all that the turn before left: this one changed nothing but `fields`."""
    return _with_call(turn.session, **{name: getattr(_before(turn), name) for name in _OF_ONE_TURN} | fields)


def _goodbye(session: Session) -> str:
    return "utter_relay_goodbye" if session.call is not None and session.call.relay else "utter_goodbye_voice"


def _call_back(session: Session, content: Content, moment: Moment, seed: str) -> Outcome:
    if CALL_BACK not in content.flows:
        return session, []
    return lay_over(session, CALL_BACK, {}, content, moment, seed)


def _is_asking_or_handoff(event: Event) -> bool:
    return isinstance(event, Said) and (event.asks or event.response == "utter_handoff")
