"""What a turn of a call comes to: sentences to say, and what is listened for after. Pure.

A `Speech` is the reply of a call, stored and replayed as a text is; webhooks/voice.py makes TwiML of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from bot import keypad
from bot.events import Event, HungUp, KeptListening, PutThrough, Said, WentOn
from bot.flow import Content, Plan
from bot.phones import canonical
from bot.read_out import readable, sentences
from bot.render import choose, fill, render, title, variables_of
from bot.session import OnCall, Session, language_of
from bot.walk import Question
from nlu.understanding import FREE_WORDS

VOICE = "twilio_voice"
MOST_WORDS = 52  # said in one go, 20 seconds of speech; the rest waits for a 9 or a pause
MOST_HINTS, LONGEST_HINT = 60, 100

Sentence = tuple[str, str]  # language, words
Then = Literal["listen", "rest", "words", "wait", "dial", "hang_up"]

# Slots that hold a name, a number or an address to be spelled on request.
_SPELLED = ("name", "phone", "line", "tty", "website", "account", "tool")


class Speech(msgspec.Struct, frozen=True):
    """One document of a call.

    After the sentences the line listens; or it says the `rest` unless stopped; hears the `words` of a relayed answer
    to their end; waits, as it was asked to; dials `number`; or hangs up."""

    document: int
    language: str
    relay: bool
    sentences: tuple[Sentence, ...]
    then: Then = "listen"
    digits: int = 0  # keys that end an entry by themselves; 0: # or a pause ends it
    free: bool = False  # a name, an address...: said with pauses
    hints: tuple[str, ...] = ()  # what may be said
    number: str = ""


def speak(
    content: Content, plan: Plan, session: Session, events: Sequence[Event], question: Question | None
) -> tuple[Session, Speech]:
    """The document that answers a turn of a call, and the session with what is left to say."""
    call = session.call or OnCall()
    then = _then(events)
    said = [event for event in events if isinstance(event, Said)]
    unsaid = list(call.unsaid) if any(isinstance(event, WentOn) for event in events) else []
    whole = [unsaid, *(_sentences(content, plan, session, call, one, question) for one in said)]
    if _may_tell_keys(call, said):
        keys = _plain(content, plan, session, "utter_voice_keys")
        if _words(keys + _all(whole)) <= MOST_WORDS:
            whole, call = [keys, *whole], replace(call, keys_told=True)
    now: list[Sentence] = _all(whole)
    later: list[Sentence] = []
    if then == "listen" and not call.relay and _words(now) > MOST_WORDS:
        tail = _plain(content, plan, session, "utter_voice_rest")
        now, later = _in_one_go(whole, MOST_WORDS - _words(tail))
        then = "rest"
        now += tail
    elif then == "listen" and call.relay:
        now += _plain(content, plan, session, "utter_go_ahead")
    names = tuple(_names(content, plan, session, said, question)) or call.names
    unheard = bool(later) and (call.question_unsaid or _begins_in(later, said, whole[len(whole) - len(said) :]))
    if not any(isinstance(event, KeptListening) for event in events):
        call = replace(call, unsaid=tuple(later), question_unsaid=unheard, names=names)
    session = replace(session, call=call)
    speech = Speech(
        document=call.document,
        language=language_of(session),
        relay=call.relay,
        sentences=tuple(now),
        then=then,
        number=canonical(plan.phone) if then == "dial" else "",
    )
    if then in ("listen", "rest"):
        speech = _listening(speech, None if call.ending else question, call)
    return session, speech


def encode(speech: Speech) -> str:
    return msgspec.json.encode(speech).decode()


def decode(stored: str) -> Speech:
    """Raises msgspec.ValidationError, msgspec.DecodeError for what is no Speech."""
    return msgspec.json.decode(stored, type=Speech)


def words_of(stored: str) -> str:
    """What a stored Speech says, for staff to read; nothing where it is none."""
    try:
        return " ".join(words for _, words in decode(stored).sentences)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return ""


def _begins_in(later: Sequence[Sentence], said: Sequence[Said], groups: Sequence[list[Sentence]]) -> bool:
    """Whether the question itself, the last of what is said that asks, has not begun."""
    asking = [group for one, group in zip(said, groups, strict=True) if one.asks and group]
    return bool(asking) and asking[-1][0] in later


def _may_tell_keys(call: OnCall, said: Sequence[Said]) -> bool:
    """Which keys work everywhere is told once, with the first question after the welcome that leaves room for it."""
    return call.document > 0 and not (call.relay or call.keys_told) and any(one.asks for one in said)


def _then(events: Sequence[Event]) -> Then:
    kinds: dict[type[Event], Then] = {HungUp: "hang_up", PutThrough: "dial"}
    for event in events:
        if isinstance(event, KeptListening):
            return event.why
    return next((kinds[type(event)] for event in events if type(event) in kinds), "listen")


# --- saying ----------------------------------------------------------------------------------------------------------


def _sentences(
    content: Content, plan: Plan, session: Session, call: OnCall, said: Said, question: Question | None
) -> list[Sentence]:
    language = language_of(session)
    text = render(content, plan, language, VOICE, [Said(said.response, said.slots)])
    whole = [(_spoken_in(content, said, language), sentence) for sentence in sentences(text, language)]
    if said.asks and question is not None and said.response == question.collect.utter:
        whole += [(language, line) for line in _yes_or_no(content, plan, language, call, question)]
    if said.choices and question is not None:
        whole += [(language, line) for line in _options(content, plan, language, call, said.slots, question)]
    return whole


def _spoken_in(content: Content, said: Said, language: str) -> str:
    """A sentence for those who speak the other language is said in it."""
    wording = choose(content.responses[said.response], said.slots, VOICE)
    other = {"en": "es", "es": "en"}
    return other[language] if wording is not None and wording.metadata.get("other_language") else language


def _yes_or_no(content: Content, plan: Plan, language: str, call: OnCall, question: Question) -> Iterator[str]:
    if question.collect.kind == "bool" and not call.relay:
        yield render(content, plan, language, VOICE, [Said("utter_voice_yes_no", {})])


def _options(
    content: Content, plan: Plan, language: str, call: OnCall, slots: dict[str, Any], question: Question
) -> Iterator[str]:
    """ "For mail, press 1." """
    kind = question.collect.kind
    one_by_one = kind in (*keypad.BY_KEY, "choices")
    response = ("utter_relay_option" if call.relay else "utter_voice_option") if one_by_one else "utter_voice_instead"
    read_out = keypad.page(question, call)
    for choice in read_out.choices:
        named = {**slots, "option_title": fill(title(choice, language), slots, language), "option_key": choice.key}
        yield readable(render(content, plan, language, VOICE, [Said(response, named)]), language)
    if read_out.more:
        more = "utter_relay_more" if call.relay else "utter_voice_more"
        yield from sentences(render(content, plan, language, VOICE, [Said(more, slots)]), language)
    if kind == "choices":
        several = "utter_relay_several" if call.relay else "utter_voice_several"
        yield render(content, plan, language, VOICE, [Said(several, slots)])


def _plain(content: Content, plan: Plan, session: Session, response: str) -> list[Sentence]:
    language = language_of(session)
    text = render(content, plan, language, VOICE, [Said(response, {})])
    return [(language, sentence) for sentence in sentences(text, language)]


def _in_one_go(whole: Sequence[list[Sentence]], room: int) -> tuple[list[Sentence], list[Sentence]]:
    """What of it fits into so many words, and the rest; that begins with something of its own, a question say, where it
    can."""
    now: list[Sentence] = []
    for place, group in enumerate(whole):
        if _words(now) + _words(group) > room:
            fits = 0 if now and _words(group) <= room else _fitting(group, room - _words(now))
            fits = fits if now else max(fits, 1)
            return [*now, *group[:fits]], [*group[fits:], *_all(whole[place + 1 :])]
        now += group
    return now, []


def _fitting(group: Sequence[Sentence], room: int) -> int:
    return max((place for place in range(len(group) + 1) if _words(group[:place]) <= room), default=0)


def _all(groups: Sequence[list[Sentence]]) -> list[Sentence]:
    return [sentence for group in groups for sentence in group]


def _words(some: Sequence[Sentence]) -> int:
    return sum(len(sentence.split()) for _, sentence in some)


def _names(
    content: Content, plan: Plan, session: Session, said: Sequence[Said], question: Question | None
) -> Iterator[str]:
    """The names and numbers in what is said: those that were filled in, and offers with a name of their own."""
    language = language_of(session)
    for one in said:
        for name, value in variables_of(content, plan, language, VOICE, one):
            if value and name.rpartition("_")[2] in _SPELLED and name not in ("plan_name", "reward_name"):
                yield value
    if question is not None and question.collect.options_from and said:
        offered = keypad.page(question, session.call or OnCall()).choices
        yield from (title(choice, language).partition(",")[0] for choice in offered if not choice.synonyms)


# --- listening -------------------------------------------------------------------------------------------------------


def _listening(speech: Speech, question: Question | None, call: OnCall) -> Speech:
    if question is None:
        return replace(speech, digits=1)
    kind = question.collect.kind
    hints = _hints(question, call, speech.language) if question.choices else ()
    return replace(speech, digits=keypad.DIGITS.get(kind, 0), free=kind in FREE_WORDS or kind == "email", hints=hints)


def _hints(question: Question, call: OnCall, language: str) -> tuple[str, ...]:
    """What may be said: titles first, then what else means them."""
    choices = keypad.listed(question, call)
    titles = [fill(title(choice, language), question.slots, language) for choice in choices]
    others = [word for choice in choices for word in choice.synonyms]
    clean = (" ".join(hint.replace(",", " ").split())[:LONGEST_HINT] for hint in (*titles, *others))
    return tuple(dict.fromkeys(filter(None, clean)))[:MOST_HINTS]
