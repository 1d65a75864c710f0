"""The queue and the conversations of Member Services: what is shown, and what staff do with them.

Everything that changes something is a form with an id of its own: sent twice, it is done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import hexdigits
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from bot import inputs
from bot.canned import BlankWrong, Canned, canned_replies, fill_canned, open_blanks
from bot.desk import Refused
from bot.desk_turn import SEVERAL, NoSuchConversation, stands, take_act
from bot.flow import Plan
from bot.ownership import is_agent
from bot.records import audit
from bot.records import staff as accounts
from bot.records.case import add_note
from bot.records.database import reading
from bot.segments import parcel
from webhooks.console.case_view import CaseView, case_view, current_version
from webhooks.console.frame import bot, console, is_fragment, page, permitted, staff
from webhooks.console.queue_view import QueueView, queue_view
from webhooks.console.words import DONE, LANGUAGES, REASONS, TASKS, holder, reason, why_not
from webhooks.sms import storable

LONGEST_TEXT = 1600  # characters, Twilio's limit
LONGEST_NOTE = 4000


# --- the queue --------------------------------------------------------------------------------------------------------


@console.get("/queue")
@permitted("read_queue")
def queue() -> Response:
    """The queue; where htmx asks, again and again, its lists alone."""
    return page("queue_lists.html" if is_fragment() else "queue.html", **_queue())


def _queue() -> dict[str, Any]:
    wanted = {name: request.args.get(name, "") for name in ("reason", "language")}
    view: QueueView = queue_view(bot(), staff().by, names(), wanted["reason"], wanted["language"])
    reasons = {**REASONS, **{code: reason(code) for code in view.reasons}}  # content may name others
    return {"queue": view, "wanted": wanted, "reasons": reasons, "languages": LANGUAGES}


# --- one conversation -------------------------------------------------------------------------------------------------


@console.get("/c/<conversation>")
@permitted("read_conversation")
def case(conversation: str) -> Response:
    """A conversation; where htmx asks, again and again, what has changed, and nothing at all where nothing has. Every
    look at something new is in the audit."""
    try:
        seen = request.args.get("seen", "") if is_fragment() else ""
        if seen and seen == current_version(bot(), conversation):
            return Response(status=204)
        view = case_view(bot(), conversation, names(), with_answers=staff().may("see_answers"))
    except NoSuchConversation:
        abort(404)
    in_audit("read_conversation", conversation, "more" if seen else "")
    template = "case_now.html" if is_fragment() else "case.html"
    return page(template, **_shown(view), chosen=None if is_fragment() else _chosen(view))


def _shown(view: CaseView) -> dict[str, Any]:
    mine = view.owner == staff().by
    return {
        "case": view,
        "mine": mine,
        "others": is_agent(view.owner) and not mine,
        "colleagues": colleagues(),
        "tasks": TASKS,
        "told": _told(view),
        "act_id": new_act_id,
        "canned": canned_replies(bot().content.current, view.plan, view.language_code),
        "longest": LONGEST_TEXT,
    }


def _told(view: CaseView) -> tuple[str, bool]:
    """What came of the form that led here, and whether it was refused."""
    said, refused = request.args.get("said", ""), request.args.get("refused", "")
    if refused:
        return why_not(refused, holder(view.owner, names())), True
    return DONE.get(said, ""), said in ("nothing", "blanks", "too_long")


def _chosen(view: CaseView) -> dict[str, Any] | None:
    """The canned reply that was chosen to be filled in, in the language it was chosen in."""
    wanted = request.args.get("canned", "")
    language = request.args.get("language", view.language_code)
    found = _canned(view.plan, wanted, language)
    return {"reply": found, "language": language} if found is not None else None


def _canned(plan: Plan, wanted: str, language: str) -> Canned | None:
    offered = canned_replies(bot().content.current, plan, language) if language in LANGUAGES else ()
    return next((one for one in offered if one.id == wanted), None)


# --- what staff do ----------------------------------------------------------------------------------------------------


class FormRefused(Exception):
    """The form cannot be what was meant: `why` is a word of DONE."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


Reader = Callable[[MultiDict[str, str], Mapping[str, Any]], inputs.Act]


def _do(conversation: str, name: str, read: Reader) -> BaseResponse:
    """Do what a form asks for; back to the conversation, with what came of it."""
    common = {
        "id": act_id_of(request.form),
        "at": bot().clock(),
        "by": staff().by,
        "conversation": conversation,
        "name": staff().name.split()[0],
    }
    try:
        done = take_act(bot(), read(request.form, common))
    except NoSuchConversation:
        abort(404)
    except FormRefused as refused:
        in_audit(name, conversation, f"refused: {refused.why}")
        return _back(conversation, said=refused.why)
    if isinstance(done, Refused):
        in_audit(name, conversation, f"refused: {done.why}")
        return _back(conversation, refused=done.why)
    in_audit(name, conversation)
    return _back(conversation, said=name)


def in_audit(action: str, subject: str, detail: str = "") -> None:
    """Keep for good that whoever is signed in did this."""
    with bot().records.begin() as conn:
        audit.note(conn, bot().clock(), staff().by, action, subject, detail)


def new_act_id() -> str:
    """For a form: sent twice, what it asks for is done once."""
    return uuid4().hex


def act_id_of(form: MultiDict[str, str]) -> str:
    """The id that the form was given; it is ours, or it is none."""
    given = form.get("act", "")
    if len(given) != 32 or not set(given) <= set(hexdigits):
        abort(400)
    return given


def _back(conversation: str, **how: str) -> BaseResponse:
    return redirect(f"{url_for('console.case', conversation=conversation)}?{urlencode(how)}", 303)


@console.post("/c/<conversation>/claim")
@permitted("claim")
def claim(conversation: str) -> BaseResponse:
    return _do(conversation, "claim", lambda form, common: inputs.Claim(**common))


@console.post("/c/<conversation>/take-over")
@permitted("take_over")
def take_over(conversation: str) -> BaseResponse:
    """From the colleague who has it."""
    return _do(conversation, "take_over", lambda form, common: inputs.Claim(**common, over=True))


@console.post("/c/<conversation>/transfer")
@permitted("transfer")
def transfer(conversation: str) -> BaseResponse:
    return _do(conversation, "transfer", _transfer)


@console.post("/c/<conversation>/give-back")
@permitted("claim")
def give_back(conversation: str) -> BaseResponse:
    return _do(conversation, "give_back", lambda form, common: inputs.GiveBack(**common))


@console.post("/c/<conversation>/close")
@permitted("claim")
def close(conversation: str) -> BaseResponse:
    return _do(conversation, "close", lambda form, common: inputs.CloseCase(**common))


@console.post("/c/<conversation>/start-task")
@permitted("start_task")
def start_task(conversation: str) -> BaseResponse:
    return _do(conversation, "start_task", lambda form, common: inputs.StartTask(**common, flow=form.get("flow", "")))


@console.post("/c/<conversation>/write")
@permitted("reply")
def write(conversation: str) -> BaseResponse:
    return _do(conversation, "write", _write)


@console.post("/c/<conversation>/fill-answer")
@permitted("fill_answer")
def fill_answer(conversation: str) -> BaseResponse:
    return _do(conversation, "fill_answer", _fill_answer)


def _transfer(form: MultiDict[str, str], common: Mapping[str, Any]) -> inputs.Act:
    to = form.get("to", "queue")
    if to != "queue" and to not in colleagues():
        abort(400)
    return inputs.Transfer(**common, to=to, over=staff().may("take_over"))


def _write(form: MultiDict[str, str], common: Mapping[str, Any]) -> inputs.Act:
    """The agent's own words, or a canned reply with its blanks filled."""
    text = _canned_text(form, common["conversation"]) if form.get("canned") else _own_words(form)
    if not text:
        raise FormRefused("nothing")
    if len(text) > LONGEST_TEXT:
        raise FormRefused("too_long")
    if open_blanks(text):
        raise FormRefused("blanks")
    return inputs.Write(**common, text=text)


def _own_words(form: MultiDict[str, str]) -> str:
    return storable(form.get("text", "")).replace("\r\n", "\n").strip()


def _canned_text(form: MultiDict[str, str], conversation: str) -> str:
    found = _canned(stands(bot(), conversation).plan, form["canned"], form.get("language", ""))
    if found is None:
        raise FormRefused("nothing")
    try:
        return fill_canned(found, {name: storable(form.get(f"blank_{name}", "")) for name in found.blanks})
    except BlankWrong as error:
        raise FormRefused("blanks") from error


def _fill_answer(form: MultiDict[str, str], common: Mapping[str, Any]) -> inputs.Act:
    """Options, what was typed, or a refusal."""
    given = [storable(value).strip() for value in form.getlist("answer")]
    text = "" if form.get("declined") == "yes" else SEVERAL.join(filter(None, given))
    if not text and form.get("declined") != "yes":
        raise FormRefused("nothing")
    return inputs.FillAnswer(**common, question=form.get("question", ""), text=text)


@console.post("/c/<conversation>/note")
@permitted("read_conversation")
def keep_note(conversation: str) -> BaseResponse:
    """A note for colleagues. The member never sees it."""
    text, act, now = _own_words(request.form)[:LONGEST_NOTE], act_id_of(request.form), bot().clock()
    try:
        session = stands(bot(), conversation).session
    except NoSuchConversation:
        abort(404)
    if not text:
        in_audit("note", conversation, "refused: nothing")
        return _back(conversation, said="nothing")
    about = session.person.id if session.person and session.verified_until else None
    add_note(bot().records, bot().vault, act, staff().by, text, now, conversation, about)
    in_audit("note", conversation)
    return _back(conversation, said="note")


@console.post("/count")
@permitted("reply")
def count() -> Response:
    """How many segments the text in the reply box takes."""
    text = storable(request.form.get("text", "")).replace("\r\n", "\n")[: LONGEST_TEXT + 1]
    return page("count.html", parcel=parcel(text), text=text, longest=LONGEST_TEXT)


def names() -> Mapping[str, str]:
    """What members of staff are called, by agent:<id>."""
    return {one.staff.by: one.name for one in _accounts()}


def colleagues() -> Mapping[str, str]:
    """The same of those to whom a conversation can be handed on: who may answer it, and can sign in."""
    others = (one for one in _accounts() if one.id != staff().id)
    return {one.staff.by: one.name for one in others if one.active and one.staff.may("reply")}


def _accounts() -> Sequence[accounts.Account]:
    """Everybody of staff; asked for once a request."""
    if "accounts" not in g:
        with reading(bot().records) as conn:
            g.accounts = accounts.everyone(conn)
    found: Sequence[accounts.Account] = g.accounts
    return found
