"""One member as staff see them, and a step that staff did with them by telephone."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, insert, select

from bot.members.member_view import STEPS, MemberView, member_view, record_step
from bot.members.roster import Details, phone_index
from bot.members.verification import link_phone
from bot.records import tables as t
from tests.members.people import PLANS, VAULT, add_guardian, add_member, at, complete, link

ANN = Details("999900000001", "Ann", "Bell", "1990-05-04", phone="+13175550142")
TIM = Details("999900000002", "Tim", "Bell", "2019-05-04")
KIM = Details("999900000003", "Kim", "Bell", "2020-05-04")
JUNE = at(2026, 6, 15)


@pytest.fixture(autouse=True)
def family(engine: Engine) -> None:
    with engine.begin() as conn:
        add_member(conn, "ann", ANN, pmp_provider="1003000001")
        add_member(conn, "tim", TIM)
        add_member(conn, "kim", KIM)
        add_guardian(conn, "g-ann", "Ann", "Bell", "ann")
        link(conn, "tim", "g-ann")
        link(conn, "kim", "g-ann")


def seen(engine: Engine, member: str, now: float = JUNE) -> MemberView:
    with engine.begin() as conn:
        view = member_view(conn, VAULT, PLANS, member, now)
    assert view is not None
    return view


def said(member: str, when: float = JUNE, by: str = "") -> dict[str, object]:
    return {"member": member, "said_by": by or f"member:{member}", "message_id": "SM1", "at": when}


def converse(conn: Connection, conversation: str, phone: str) -> str:
    index = phone_index(VAULT, phone)
    row = {"id": conversation, "version": 1, "session_sealed": b"", "address_sealed": b"", "phone_index": index,
           "updated_at": JUNE}  # fmt: skip
    conn.execute(insert(t.conversations).values(row))
    return index


def test_one_of_whom_nothing_is_known_but_the_roster(engine: Engine) -> None:
    view = seen(engine, "ann")
    assert ANN == view.member.details
    assert dict.fromkeys(STEPS) == view.steps
    assert ("not_yet", "steps_left") == (view.reward.state, view.why_not)
    assert (None, None, None) == (view.preference, view.text_consent, view.pmp_chosen)
    assert ((), (), (), ()) == (view.findings, view.referrals, view.phones, view.callbacks)
    assert not view.opted_out and not view.uses_relay


def test_nobody_is_nobody(engine: Engine) -> None:
    with engine.begin() as conn:
        assert None is member_view(conn, VAULT, PLANS, "zoe", JUNE)
        assert None is member_view(conn, VAULT, {"ohio": PLANS["ohio"]}, "ann", JUNE)


def test_a_child_has_guardians_and_siblings_and_a_guardian_children(engine: Engine) -> None:
    child, mother = seen(engine, "tim"), seen(engine, "ann")
    assert ["g-ann"] == [one.id for one in child.guardians]
    assert (["kim"], []) == ([one.id for one in child.siblings], [one.id for one in child.children])
    assert ([], ["tim", "kim"]) == ([one.id for one in mother.siblings], [one.id for one in mother.children])
    assert () == mother.guardians


def test_each_step_says_when_where_and_by_whom(engine: Engine) -> None:
    with engine.begin() as conn:
        complete(conn, "ann", "pmp", at(2026, 6, 1))
        complete(conn, "ann", "pmp", at(2026, 6, 9), "later")
    record_step(engine, VAULT, PLANS, "ann", "preference", "agent:ana", "act-1", JUNE)
    steps = seen(engine, "ann").steps
    pmp, preference = steps["pmp"], steps["preference"]
    assert pmp is not None and preference is not None
    assert (at(2026, 6, 1), "carestart", "m1") == (pmp.at, pmp.source, pmp.reference), "the first is what counts"
    assert (JUNE, "phone", "agent:ana") == (preference.at, preference.source, preference.said_by)
    assert None is steps["screening"]


@pytest.mark.parametrize(
    ("begin", "end", "complete_", "why"),
    [
        (date(2026, 1, 1), None, True, ""),
        (date(2026, 1, 1), None, False, "steps_left"),
        (date(2026, 7, 1), None, True, "benefits_later"),
        (date(2026, 7, 1), None, False, "steps_left"),
        (date(2026, 1, 1), date(2026, 6, 1), True, "benefits_ended"),
        (None, None, True, "no_benefits"),
    ],
)
def test_why_there_is_no_reward(
    engine: Engine, begin: date | None, end: date | None, complete_: bool, why: str
) -> None:
    with engine.begin() as conn:
        add_member(
            conn, "bob", Details("999900000009", "Bob", "Lee", "1980-01-01"), benefits_begin=begin, benefits_end=end
        )
        for step in STEPS if complete_ else STEPS[:2]:
            complete(conn, "bob", step, at(2026, 5, 20))
    assert why == seen(engine, "bob").why_not


def test_after_the_last_window_there_is_none_to_earn(engine: Engine) -> None:
    with engine.begin() as conn:
        add_member(conn, "oli", ANN, plan="ohio", benefits_begin=date(2026, 1, 1))
    assert "window_over" == seen(engine, "oli").why_not


def test_the_last_choice_and_the_last_consent_count(engine: Engine) -> None:
    preference = {"contact_sealed": VAULT.seal(b"ann@example.org", "preferences.contact"), "language": "es"}
    consent = {"kind": "text_messages", "wording": "w@1", "wording_sealed": b"", "channel": "text", "language": "en"}
    choice = {"provider": "1003000002", "effective": date(2026, 7, 1), "kept": False}
    with engine.begin() as conn:
        for channel in ("mail", "email"):
            conn.execute(insert(t.preferences).values(preference | {"channel": channel} | said("ann")))
        for status in ("granted", "revoked"):
            conn.execute(insert(t.consents).values(consent | {"status": status} | said("ann")))
        conn.execute(insert(t.consents).values(consent | {"kind": "opt_in", "status": "granted"} | said("ann")))
        for name in ("Ana Ruiz", "Bo Kim"):
            conn.execute(insert(t.pmp_choices).values(choice | {"provider_name": name} | said("ann")))
        conn.execute(insert(t.preferences).values(preference | {"channel": "text"} | said("tim")))
        provider = {"id": "1003000001", "name": "Carla Diaz", "family": "diaz", "kinds": "", "taxonomies": ""}
        conn.execute(insert(t.providers).values(provider | {"updated_at": 0.0}))
    view = seen(engine, "ann")
    assert view.preference is not None and view.text_consent is not None
    assert ("email", "ann@example.org", "es") == (
        view.preference.channel, view.preference.contact, view.preference.language,
    )  # fmt: skip
    assert not view.text_consent.granted
    assert view.pmp_on_file is not None and view.pmp_chosen is not None
    assert ("Carla Diaz", "Bo Kim") == (view.pmp_on_file.name, view.pmp_chosen.name)
    assert (date(2026, 7, 1), False) == (view.pmp_chosen.effective, view.pmp_chosen.kept)


def test_findings_and_referrals_are_the_members_own(engine: Engine) -> None:
    with engine.begin() as conn:
        for member, run in (("ann", "run1"), ("tim", "run2")):
            finding = {"screening": run, "member": member, "rule": "R-7", "rule_version": "1", "tier": "HIGH"}
            conn.execute(insert(t.findings).values(finding | {"topic": "food", "at": JUNE}))
            referral = {"screening": run, "member": member, "tier": "HIGH", "rules": '["R-7"]', "state": "closed"}
            conn.execute(insert(t.referrals).values(referral | {"at": JUNE}))
    view = seen(engine, "ann")
    assert [("R-7", "HIGH", "food", JUNE)] == [(one.rule, one.tier, one.topic, one.at) for one in view.findings]
    assert [("run1", "closed")] == [(one.screening, one.state) for one in view.referrals]


def test_phones_that_verified_lead_to_their_conversations(engine: Engine) -> None:
    with engine.begin() as conn:
        mine, hers = converse(conn, "c1", "+13175550177"), converse(conn, "c2", "+13175550178")
        converse(conn, "c3", "+13175550179")
        link_phone(conn, mine, "tim", None, JUNE)
        link_phone(conn, hers, "tim", "g-ann", JUNE + 1)
        conn.execute(insert(t.opt_outs).values(phone_index=mine, since=JUNE))
    view = seen(engine, "tim")
    assert [(("c2",), "g-ann", False), (("c1",), None, True)] == [
        (phone.conversations, phone.guardian, phone.opted_out) for phone in view.phones
    ]
    assert view.opted_out and not seen(engine, "kim").opted_out


def test_the_phone_on_file_can_be_opted_out_too(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(insert(t.opt_outs).values(phone_index=phone_index(VAULT, ANN.phone), since=JUNE))
    assert seen(engine, "ann").opted_out


@pytest.mark.parametrize("speaker", ["member:ann", "guardian:g-ann"])
def test_a_child_of_one_who_calls_by_relay_is_spoken_of_by_relay(engine: Engine, speaker: str) -> None:
    with engine.begin() as conn:
        conn.execute(insert(t.accommodations).values(speaker=speaker, kind="relay", at=JUNE))
    assert seen(engine, "tim").uses_relay


def test_the_calls_booked_are_those_the_member_waits_for(engine: Engine) -> None:
    call = {"conversation": "c", "phone_index": "p", "phone_sealed": VAULT.seal(b"+13175550142", "callbacks.phone"),
            "zone": "America/New_York", "language": "en", "how": "sms", "message_id": "m", "at": JUNE}  # fmt: skip
    with engine.begin() as conn:
        for member, state, due in (("ann", "booked", 2.0), ("ann", "called", 1.0), ("tim", "booked", 3.0)):
            conn.execute(insert(t.callbacks).values(call | {"member": member, "state": state, "due_at": due}))
    assert [2.0] == [one.due_at for one in seen(engine, "ann").callbacks]


def test_the_last_step_by_phone_earns_the_reward_and_is_recorded_once(engine: Engine) -> None:
    with engine.begin() as conn:
        complete(conn, "ann", "preference", at(2026, 6, 1))
        complete(conn, "ann", "pmp", at(2026, 6, 1))
    together = threading.Barrier(4)
    recorded: list[bool] = []

    def send() -> None:
        together.wait()
        recorded.append(record_step(engine, VAULT, PLANS, "ann", "screening", "agent:ana", "form-1", JUNE))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [False, False, False, True] == sorted(recorded)
    with engine.begin() as conn:
        assert [3000] == list(conn.scalars(select(t.rewards.c.cents)))
    assert ("earned", "") == (seen(engine, "ann").reward.state, seen(engine, "ann").why_not)


@pytest.mark.parametrize(
    ("member", "step", "reference", "reason"),
    [
        ("zoe", "pmp", "r", "no such member"),
        ("ann", "dance", "r", "no such step"),
        ("ann", "pmp", "", "reference"),
        ("ann", "pmp", "r" * 65, "reference"),
    ],
)
def test_an_unknown_member_or_step_is_refused(
    engine: Engine, member: str, step: str, reference: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        record_step(engine, VAULT, PLANS, member, step, "agent:ana", reference, JUNE)
    assert 0 == sum(step is not None for step in seen(engine, "ann").steps.values())
