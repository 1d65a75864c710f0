"""What deciding needs of the world, and what a decision comes to: shared by members' messages and what staff do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import engine, speech
from bot.bootstrap import Bot
from bot.calendar import is_open
from bot.events import (
    ActionRequested,
    AgentSaid,
    AnswersRequested,
    ConsentGiven,
    Event,
    MovedToText,
    OptedIn,
    OptedOut,
    PmpChosen,
    PreferenceChosen,
    ReminderAgreed,
    Said,
    ScreeningSubmitted,
)
from bot.flow import Content, Plan
from bot.inputs import Act, AnswersLoaded, FillAnswer, MessageReceived
from bot.loading import plan_of
from bot.records import stored
from bot.records.database import reading
from bot.records.taken import TurnTaken
from bot.render import render
from bot.session import Session, language_of
from bot.walk import Question
from nlu.understanding import Language

MAX_REQUESTS = 12  # look-ups within one turn


def moment_of(bot: Bot, plan: Plan, message: MessageReceived) -> engine.Moment:
    """What the clock, the plan's calendar and the settings say now."""
    now = bot.clock() + message.ahead
    local = datetime.fromtimestamp(now, ZoneInfo(plan.hours.zone))
    return engine.Moment(
        now=now,
        message_id=message.id,
        today=local.date().isoformat(),
        open_hours=is_open(plan.hours, local),
        text_desk=bool(plan.claim_minutes),
        verified_for=bot.settings.verification_hours * 3600.0,
        alerts_on=bool(bot.settings.alert_by),
    )


def surroundings(bot: Bot, session: Session, message: MessageReceived) -> tuple[Content, Plan, engine.Moment]:
    content = bot.content.current
    plan = content.plans.get(session.plan) or plan_of(content, message.recipient)
    return content, plan, moment_of(bot, plan, message)


def standing(
    bot: Bot, session: Session, content: Content, moment: engine.Moment, seed: str
) -> tuple[Session, list[Event], Question | None]:
    """The question a message would answer. One about the member needs the member's own answers first."""
    events: list[Event] = []
    while isinstance(stop := engine.stands_at(session, content, moment), AnswersRequested):
        session, started = engine.attach(session, _answers(bot, stop), seed)
        events += started
    return session, events, stop if isinstance(stop, Question) else None


def look_up(
    bot: Bot, session: Session, events: list[Event], content: Content, moment: engine.Moment, seed: str
) -> tuple[Session, list[Event]]:
    """Answer what the flow asks of the world, and let it go on."""
    for number in range(MAX_REQUESTS):
        request = events[-1] if events else None
        if isinstance(request, ActionRequested):
            slots = {**request.slots, "just_done": sorted(_steps_done(events))}
            returned = bot.run_action(request.action, session.conversation, slots)
            session, more = engine.resume(session, content, returned, moment, f"{seed}.{number}")
        elif isinstance(request, AnswersRequested):
            loaded = _answers(bot, request)
            session, more = engine.resume(session, content, loaded, moment, f"{seed}.{number}")
        else:
            break
        events = [*events[:-1], *more]
    return session, events


def _steps_done(events: Sequence[Event]) -> set[str]:
    """The steps this turn finishes; SQL has them only once it is recorded."""
    steps: dict[type[Event], str] = {
        PreferenceChosen: "preference",
        PmpChosen: "pmp",
        ScreeningSubmitted: "screening",
    }
    return {steps[type(event)] for event in events if type(event) in steps}


def _answers(bot: Bot, request: AnswersRequested) -> AnswersLoaded:
    with reading(bot.records) as conn:
        return stored.load_answers(conn, bot.vault, request.flow, request.member)


def turn_taken(
    bot: Bot,
    message: MessageReceived,
    before: Session,
    after: Session,
    events: list[Event],
    content: Content,
    plan: Plan,
    moment: engine.Moment,
    *,
    unasked: bool = False,
    act: Act | None = None,
) -> TurnTaken:
    if act is None:
        after, reply = _reply(content, plan, after, events, moment, unasked=unasked)
    else:
        reply = text_of(act, content, plan, after, events)
    language = language_of(after)
    return TurnTaken(
        message=message,
        before=before,
        after=after,
        events=events,
        reply=reply,
        now=moment.now,
        content=content,
        plan=plan,
        wordings=_wordings(content, plan, (language_of(before), language), after, events, moment),
        today=date.fromisoformat(moment.today),
        pmp_effective=bot.settings.pmp_effective,
        alert_by=bot.settings.alert_by,
        failures_since=moment.now - bot.settings.lockout_hours * 3600,
        act=act,
        gloss=_gloss(content, plan, after, events, act),
    )


def text_of(act: Act, content: Content, plan: Plan, session: Session, events: Sequence[Event]) -> str | None:
    """What an act sends to the member: an agent's own words, or the bot's. What is filled in for them is not said."""
    written = [event.text for event in events if isinstance(event, AgentSaid)]
    if written:
        return written[0]
    said = [event for event in events if isinstance(event, Said)]
    silent = not said or isinstance(act, FillAnswer) or session.call is not None or session.opted_out
    return None if silent else render(content, plan, language_of(session), session.channel, said)


def _gloss(content: Content, plan: Plan, session: Session, events: Sequence[Event], act: Act | None) -> str | None:
    """The same in English, for staff who read no other language."""
    said = [event for event in events if isinstance(event, Said)]
    if language_of(session) == "en" or session.call is not None or not said or isinstance(act, FillAnswer):
        return None
    return render(content, plan, "en", session.channel, said)


def _reply(
    content: Content, plan: Plan, session: Session, events: list[Event], moment: engine.Moment, *, unasked: bool
) -> tuple[Session, str | None]:
    """The text that answers a text, None where nothing is said; the Speech that answers a turn of a call. `unasked`:
    deciding failed, so that the open question is not looked for."""
    if session.call is None:
        said = [event for event in events if isinstance(event, Said)]
        return session, render(content, plan, language_of(session), session.channel, said) if said else None
    open_now = None if unasked else engine.stands_at(session, content, moment)
    question = open_now if isinstance(open_now, Question) else None
    session, spoken = speech.speak(content, plan, session, events, question)
    return session, speech.encode(spoken)


def _wordings(
    content: Content,
    plan: Plan,
    languages: tuple[Language, Language],
    session: Session,
    events: Sequence[Event],
    moment: engine.Moment,
) -> dict[str, str]:
    """What was shown, for the consents of this turn: with the question in the first language, as its answer in the
    second. And what a text will say that goes out by itself."""
    asked_in, answered_in = languages
    shown = {event.wording: asked_in for event in events if isinstance(event, ConsentGiven)}
    answers: dict[type[Event], str] = {OptedOut: "utter_opted_out", OptedIn: "utter_opted_in"}
    shown |= {answers[type(event)]: answered_in for event in events if type(event) in answers}
    texts = {event.response for event in events if isinstance(event, ReminderAgreed | MovedToText)}
    shown |= dict.fromkeys(texts, answered_in)
    slots = engine.context_of(session, moment)
    return {
        name: render(content, plan, language, "twilio" if name in texts else session.channel, [Said(name, slots)])
        for name, language in shown.items()
        if name in content.responses
    }
