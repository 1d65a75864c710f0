"""Members: found by what they know of themselves, exactly; one page each; steps recorded and tasks started for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import inputs
from bot.desk import Refused
from bot.desk_turn import Numbers, take_act
from bot.flow import Plan
from bot.inputs import MessageReceived
from bot.loading import conversation_of
from bot.members.lookup import find
from bot.members.member_view import MemberView, member_view, record_step
from bot.members.roster import Member, age
from bot.records.case import notes
from bot.records.database import reading
from webhooks.console.cases import act_id_of, in_audit, names, new_act_id
from webhooks.console.frame import bot, console, page, permitted, staff
from webhooks.console.masking import masked
from webhooks.console.words import LANGUAGES, STEPS, TASKS, WHY_NO_REWARD, why_not
from webhooks.sms import storable

DONE: Mapping[str, str] = {
    "step": "The step is recorded as done by phone.",
    "start": "CareStart texts them, by day where they are.",
    "no_phone": "There is no phone on file to text. Nothing was sent.",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A member found, with as little said as tells them apart."""

    member: str
    name: str
    age: int
    plan: str


@console.get("/search")
@permitted("search")
def search() -> Response:
    return page("search.html", hits=None)


@console.post("/search")
@permitted("search")
def found() -> Response:
    """A form, not a link: what is searched for never stands in an address or a log."""
    what = storable(request.form.get("what", "")).strip()[:120]
    plans = bot().content.current.plans
    with reading(bot().records) as conn:
        members = find(conn, bot().vault, plans, what) if what else ()
    in_audit("search", "members", f"found: {len(members)}")
    return page("search.html", hits=[_hit(one, plans[one.plan]) for one in members])


def _hit(one: Member, plan: Plan) -> Hit:
    today = datetime.fromtimestamp(bot().clock(), ZoneInfo(plan.hours.zone)).date()
    name = masked(f"{one.details.first} {one.details.last}", "name")
    return Hit(one.id, name, age(one.details.birth_date, today), plan.names["en"])


@console.get("/m/<member>")
@permitted("search")
def member(member: str) -> Response:
    """What is on file about a member; every look is in the audit."""
    view = _view(member)
    with reading(bot().records) as conn:
        written = notes(conn, bot().vault, member=member)
    in_audit("read_member", member)
    plan = bot().content.current.plans[view.member.plan]
    zone = ZoneInfo(plan.hours.zone)
    return page(
        "member.html",
        view=view,
        sees_answers=staff().may("see_answers"),
        told=_told(),
        steps=STEPS,
        tasks=TASKS,
        task=request.args.get("task", ""),
        language=LANGUAGES[view.member.language],
        plan=plan.names["en"],
        why_no_reward=WHY_NO_REWARD,
        notes=written,
        names=names(),
        local=lambda at: datetime.fromtimestamp(at, zone),
        act_id=new_act_id,
    )


def _told() -> tuple[str, bool]:
    """What came of the form that led here, and whether it was refused."""
    said, refused = request.args.get("said", ""), request.args.get("refused", "")
    if refused:
        return why_not(refused, "A colleague"), True
    return DONE.get(said, ""), said == "no_phone"


def _view(member: str) -> MemberView:
    with reading(bot().records) as conn:
        view = member_view(conn, bot().vault, bot().content.current.plans, member, bot().clock())
    if view is None:
        abort(404)
    return view


@console.post("/m/<member>/step")
@permitted("record_step")
def record(member: str) -> BaseResponse:
    """A step that the member did by phone, with us."""
    step, act, plans = request.form.get("step", ""), act_id_of(request.form), bot().content.current.plans
    _view(member)
    try:
        record_step(bot().records, bot().vault, plans, member, step, staff().by, act, bot().clock())
    except ValueError:
        abort(400)
    in_audit("record_step", member, step)
    return redirect(url_for("console.member", member=member, said="step"), 303)


@console.post("/m/<member>/start")
@permitted("start_task")
def start(member: str) -> BaseResponse:
    """CareStart texts the phone on file; who reads it verifies first, as always."""
    view = _view(member)
    phone = _phone_on_file(view)
    if not phone:
        in_audit("start_task", member, "refused: no phone")
        return redirect(url_for("console.member", member=member, said="no_phone"), 303)
    now, ours = bot().clock(), bot().content.current.plans[view.member.plan].numbers[0]
    act = inputs.StartTask(
        id=act_id_of(request.form),
        at=now,
        by=staff().by,
        conversation=conversation_of(bot(), MessageReceived("", now, phone, ours, "")),
        flow=request.form.get("flow", ""),
        language=view.member.language,
    )
    done = take_act(bot(), act, Numbers(phone, ours))
    in_audit("start_task", member, f"refused: {done.why}" if isinstance(done, Refused) else act.flow)
    if isinstance(done, Refused):
        return redirect(url_for("console.member", member=member, refused=done.why), 303)
    return redirect(url_for("console.member", member=member, said="start"), 303)


def _phone_on_file(view: MemberView) -> str:
    """The member's own, or for a child a guardian's."""
    guardians = (one.details.phone for one in view.guardians)
    return view.member.details.phone or next(filter(None, guardians), "")
