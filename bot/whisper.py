"""What an agent hears before a call is put through: who is verified, the task, how far, the language. No answers."""

from __future__ import annotations

import msgspec

from bot import engine
from bot.bootstrap import Bot
from bot.deciding import moment_of
from bot.events import Said
from bot.flow import Content, Plan
from bot.inputs import MessageReceived
from bot.loading import conversation_of, plan_of
from bot.moves import counted, is_task
from bot.records.database import Away, reading
from bot.records.sealing import open_session
from bot.records.stored import load_conversation
from bot.render import render
from bot.session import Session
from bot.speech import VOICE
from bot.vault import SealBroken
from bot.walk import Question


def whisper(bot: Bot, call: str) -> str:
    """One sentence or two about the call of this CallSid, in English; the least where the records are away."""
    message = MessageReceived("", bot.clock(), "", "", "", call=call)
    content = bot.content.current
    try:
        with reading(bot.records) as conn:
            row = load_conversation(conn, conversation_of(bot, message))
        session = open_session(bot.vault, conversation_of(bot, message), row.session) if row else None
    except (*Away, SealBroken, msgspec.ValidationError, msgspec.DecodeError):
        session = None
    if session is None:
        plan = next(iter(content.plans.values()))
        who = _say(content, plan, "utter_whisper_not_verified")
        return _say(content, plan, "utter_whisper", {"whisper_who": who})
    plan = content.plans.get(session.plan) or plan_of(content, "")
    session = engine.current(session, moment_of(bot, plan, message))
    slots = {
        "whisper_who": _who(content, plan, session),
        "whisper_task": _task(bot, content, plan, session, message),
        "whisper_language": _language(content, plan, session),
    }
    return _say(content, plan, "utter_whisper", slots)


def _who(content: Content, plan: Plan, session: Session) -> str:
    if not session.verified_until:
        return _say(content, plan, "utter_whisper_not_verified")
    return _say(content, plan, f"utter_whisper_verified{'_guardian' if session.verified_guardian else ''}")


def _task(bot: Bot, content: Content, plan: Plan, session: Session, message: MessageReceived) -> str:
    """The name of what is under way, and where in a screening."""
    flow = next((content.flows[run.flow] for run in reversed(session.runs) if is_task(content, run.flow)), None)
    if flow is None:
        return _say(content, plan, "utter_whisper_no_task")
    open_now = engine.stands_at(session, content, moment_of(bot, plan, message))
    far = ""
    if isinstance(open_now, Question) and open_now.collect.progress:
        number, total = counted(open_now)
        place = {"question_number": str(number), "question_total": str(total)}
        far = f". {_say(content, plan, 'utter_whisper_how_far', place)}"
    return f"{flow.name['en']}{far}"


def _language(content: Content, plan: Plan, session: Session) -> str:
    spoken = _say(content, plan, f"utter_whisper_{'spanish' if session.language == 'es' else 'english'}")
    relay = session.call is not None and session.call.relay
    return f"{spoken}. {_say(content, plan, 'utter_whisper_relay')}" if relay else spoken


def _say(content: Content, plan: Plan, response: str, slots: dict[str, str] | None = None) -> str:
    return render(content, plan, "en", VOICE, [Said(response, slots or {})])
