"""The simulator's page and its forms: each posts, does one thing and comes back to the page; no script is needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.bootstrap import Bot
from bot.inputs import MessageReceived
from bot.loading import conversation_of, plan_of
from bot.records.transcript import Line, transcript
from bot.turn import RecordsAway, Reply, handed_over, take_turn
from webhooks.calls.in_process import new_call_sid
from webhooks.logs import note
from webhooks.simulator.call import (
    LONGEST_SAID,
    MOST_KEYS,
    Acts,
    captions,
    held,
    possible_outcomes,
    read_act,
    read_acts,
)
from webhooks.simulator.guard import form_token, refuse_outsiders
from webhooks.simulator.people import numbers_in_use, our_numbers, sample_people
from webhooks.simulator.phones import NoSuchPhone, Phone, Phones, readable
from webhooks.simulator.thread import bubbles
from webhooks.simulator.wording import LANGUAGES, Wording
from webhooks.sms import storable

LONGEST_TEXT = 1600  # characters, Twilio's own limit

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def mount_simulator(app: Flask, bot: Bot) -> None:
    """Serve `/simulator/` to this computer only."""
    app.secret_key = bot.settings.simulator_secret.reveal() or None
    app.config.update(
        SESSION_COOKIE_NAME="carestart_simulator",
        SESSION_COOKIE_PATH="/simulator/",
        SESSION_COOKIE_SAMESITE="Strict",
    )
    app.register_blueprint(simulator_blueprint(bot))


def simulator_blueprint(bot: Bot) -> Blueprint:
    pages = Blueprint(
        "simulator", __name__, url_prefix="/simulator", template_folder="templates", static_folder="static"
    )
    pages.before_request(refuse_outsiders)
    pages.after_request(_with_our_own_files)
    pages.add_url_rule("/", "show", partial(show, bot), methods=["GET"])
    pages.add_url_rule("/call", "ready_to_call", partial(ready_to_call, bot), methods=["GET"])
    forms: dict[str, Callable[[Bot], str | BaseResponse]] = {
        "send": send,
        "photo": photo,
        "again": again,
        "next-day": next_day,
        "phones": new_phone,
        "number": switch_number,
        "language": switch_language,
        "call": hold_call,
    }
    for path, act in forms.items():
        pages.add_url_rule(f"/{path}", act.__name__, partial(act, bot), methods=["POST"])
    return pages


def show(bot: Bot) -> str | BaseResponse:
    """The page of one phone: `?phone=2`, so that every tab keeps a phone of its own."""
    try:
        phone = Phones(session).get(request.args.get("phone", type=int))
    except NoSuchPhone:
        return _page_of(_newest_phone(bot))
    return _render(
        "phone",
        bot,
        phone,
        phones=Phones(session).all(),
        numbers=our_numbers(bot),
        bubbles=bubbles(_lines(bot, phone), plan_of(bot.content.current, phone.ours).hours.zone),
        now=_local_time(bot, phone),
        longest=LONGEST_TEXT,
    )


def send(bot: Bot) -> BaseResponse:
    """Text what was typed."""
    return _text(bot, _phone(), request.form.get("text", "")[:LONGEST_TEXT])


def photo(bot: Bot) -> BaseResponse:
    """Send a picture without words."""
    return _text(bot, _phone(), "", media=1)


def again(bot: Bot) -> BaseResponse:
    """Deliver the last message once more, as it was, and say what came of it."""
    phone, t = _phone(), Wording(_language())
    before = _lines(bot, phone)
    said = [line.text for line in before if line.who == "member"]
    if not phone.last_id or not said:
        flash(t("again_nothing"))
        return _page_of(phone)
    reply = _take(bot, _message(bot, phone, phone.last_id, phone.last_at, said[-1]))
    grown = len(_lines(bot, phone)) - len(before)
    outcome = "again_doubled" if grown else "again_same" if reply and reply.text is not None else "again_silent"
    flash(t(outcome, id=phone.last_id, n=grown) if reply else t("away"))
    return _handing_over(bot, _page_of(phone), phone.last_id, reply)


def next_day(bot: Bot) -> BaseResponse:
    """Move this phone's calendar ahead by a day."""
    phone = _phone()
    phone = Phones(session).change(phone, days=phone.days + 1)
    t = Wording(_language())
    flash(t("day_moved", day=t.day(_local_time(bot, phone))))
    return _page_of(phone)


def new_phone(bot: Bot) -> BaseResponse:
    """A new made-up number, or the phone of a sample person."""
    phone, phones = _phone(), Phones(session)
    wanted = request.form.get("number", "")
    known = {person.phone for person in sample_people(bot, plan_of(bot.content.current, phone.ours).id)}
    number = wanted if wanted and wanted in known else phones.new_number(numbers_in_use(bot))
    return _page_of(phones.add(phone.ours, number))


def switch_number(bot: Bot) -> BaseResponse:
    """From the same phone, text another number of ours."""
    ours = request.form.get("ours", "")
    phone = _phone()
    if ours in our_numbers(bot):
        phone = Phones(session).add(ours, phone.number)
    return _page_of(phone)


def switch_language(bot: Bot) -> BaseResponse:
    """Show the page in the other language; the conversation keeps its own."""
    session["language"] = "es" if _language() == "en" else "en"
    return _page_of(_phone())


# --- calling ----------------------------------------------------------------------------------------------------------


def ready_to_call(bot: Bot) -> str | BaseResponse:
    """The page before a call. It names the call, so that a button pressed twice does not call twice."""
    try:
        phone = Phones(session).get(request.args.get("phone", type=int))
    except NoSuchPhone:
        return redirect(url_for("simulator.ready_to_call", phone=_newest_phone(bot).key), 303)
    return _render("call", bot, phone, acts=Acts(new_call_sid()), line=None)


def hold_call(bot: Bot) -> str:
    """Dial, or do one thing more; the call's page after it. The form holds the call, the page leads nowhere else."""
    phone, form = _phone(), request.form
    try:
        acts = read_acts(form.get("call", ""), form.get("relay") == "yes", form.get("acts", ""))
        if "act" in form:
            kind, _, what = form["act"].partition(" ")
            acts = acts.then(read_act(kind, what or form.get("what", "")))
    except ValueError:
        abort(400)
    note(call=acts.sid)
    line = held(bot, phone, acts)
    return _render(
        "call",
        bot,
        phone,
        acts=acts,
        line=line,
        captions=captions(line),
        outcomes=possible_outcomes(line),
        longest=LONGEST_SAID,
        most_keys=MOST_KEYS,
    )


# --- a message's way --------------------------------------------------------------------------------------------------


def _text(bot: Bot, phone: Phone, text: str, media: int = 0) -> BaseResponse:
    message_id, at = "SM" + uuid4().hex, phone.time(bot.clock())
    reply = _take(bot, _message(bot, phone, message_id, at, text, media))
    if reply is None:
        flash(Wording(_language())("away"))
        return _page_of(phone)
    if reply.text is None:
        flash(Wording(_language())("no_reply"))
    phone = Phones(session).change(phone, last_id=message_id, last_at=at)
    return _handing_over(bot, _page_of(phone), message_id, reply)


def _message(bot: Bot, phone: Phone, message_id: str, at: float, text: str, media: int = 0) -> MessageReceived:
    return MessageReceived(
        id=message_id,
        at=at,
        sender=phone.number,
        recipient=phone.ours,
        text=storable(text),
        media=media,
        ahead=phone.ahead,
    )


def _take(bot: Bot, message: MessageReceived) -> Reply | None:
    note(message=message.id)
    try:
        return take_turn(bot, message)
    except RecordsAway:
        return None


def _handing_over(bot: Bot, response: BaseResponse, message_id: str, reply: Reply | None) -> BaseResponse:
    if reply is not None and reply.text is not None:
        response.call_on_close(partial(handed_over, bot, message_id))
    return response


# --- what the page shows ----------------------------------------------------------------------------------------------


def _render(page: str, bot: Bot, phone: Phone, **shown: object) -> str:
    plan = plan_of(bot.content.current, phone.ours)
    return render_template(
        f"simulator/{page}.html",
        t=Wording(_language()),
        token=form_token(),
        phone=phone,
        plan_name=plan.names.get(_language()) or plan.names["en"],
        people=sample_people(bot, plan.id),
        readable=readable,
        **shown,
    )


def _newest_phone(bot: Bot) -> Phone:
    phones = Phones(session)
    existing = phones.all()
    return existing[-1] if existing else phones.add(our_numbers(bot)[0], phones.new_number(numbers_in_use(bot)))


def _phone() -> Phone:
    """The phone a form is about, whichever another tab has gone on to. 400 where there is none."""
    try:
        return Phones(session).get(request.form.get("phone", type=int))
    except NoSuchPhone:
        abort(400)


def _lines(bot: Bot, phone: Phone) -> list[Line]:
    anyone = _message(bot, phone, "", 0.0, "")
    return transcript(bot.records, bot.vault, conversation_of(bot, anyone))


def _local_time(bot: Bot, phone: Phone) -> datetime:
    zone = plan_of(bot.content.current, phone.ours).hours.zone
    return datetime.fromtimestamp(phone.time(bot.clock()), ZoneInfo(zone))


def _language() -> str:
    chosen = session.get("language")
    return str(chosen) if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "en")


def _page_of(phone: Phone) -> BaseResponse:
    return redirect(url_for("simulator.show", phone=phone.key), 303)


def _with_our_own_files(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    return response
