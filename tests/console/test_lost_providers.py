"""Members whose provider has closed: who is listed, how they are shown, how staff are done with them."""

from __future__ import annotations

from datetime import date

import pytest

from bot.bootstrap import Bot
from bot.records import tables as t
from tests.console.conftest import SignedIn
from tests.console.desk import account, audited, words
from tests.console.feeds import lose_provider, member_of
from tests.phone import Phone, rows
from webhooks.console import lost_providers
from webhooks.console.words import LOST

PAGE, KEISHA, DANIEL = "/console/providers-closed", "999900000013", "999900000011"


@pytest.fixture
def keisha(bot: Bot) -> str:
    return member_of(bot, KEISHA)


@pytest.mark.parametrize("reason", LOST)
def test_it_says_who_without_naming_them_whose_provider_and_why(
    bot: Bot, keisha: str, signed_in: SignedIn, reason: str
) -> None:
    provider = lose_provider(bot.records, keisha, reason)
    shown = words(signed_in("agent").get(PAGE))
    assert f"{provider} {LOST[reason]}" in shown  # type: ignore[index]
    assert "Keisha G." in shown and "Grant" not in shown
    assert "since Feb 2, 2027" in shown


def test_the_name_is_shown_by_a_click_that_is_in_the_audit(
    phone: Phone, bot: Bot, keisha: str, signed_in: SignedIn
) -> None:
    lose_provider(bot.records, keisha)
    browser = signed_in("agent")
    assert f'name="subject" value="{keisha}"' in browser.get(PAGE).text
    assert "Keisha Grant" in browser.post("/console/reveal", kind="member_name", subject=keisha).text
    assert audited(phone, "reveal") == [(account(phone, "agent"), "reveal", keisha, "member_name")]


def test_it_leads_to_choosing_another_on_the_member_s_page(bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    lose_provider(bot.records, keisha)
    browser = signed_in("agent")
    assert f'href="/console/m/{keisha}?task=choose_pmp#flow"' in browser.get(PAGE).text
    chosen = '<option value="choose_pmp" selected>'
    assert chosen in browser.get(f"/console/m/{keisha}?task=choose_pmp").text
    assert chosen not in browser.get(f"/console/m/{keisha}").text


def test_who_has_chosen_another_is_listed_no_more(bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    lose_provider(bot.records, keisha)
    another = rows(bot, t.providers)[1]
    with bot.records.begin() as conn:
        conn.execute(
            t.pmp_choices.insert().values(
                member=keisha, provider=another.id, provider_name=another.name, kept=False,
                effective=date(2027, 3, 1), said_by="", message_id="", at=bot.clock(),
            )
        )  # fmt: skip
    assert "Nobody's provider has closed." in words(signed_in("agent").get(PAGE))


def test_of_two_who_settle_it_one_counts(phone: Phone, bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    lose_provider(bot.records, keisha)
    one, other = signed_in("agent"), signed_in("lead")
    assert one.post(f"{PAGE}/1").location == f"{PAGE}?said=done"
    assert other.post(f"{PAGE}/1").location == f"{PAGE}?said=already"
    assert "Kept." in words(one.get(f"{PAGE}?said=done"))
    assert "Nobody's provider has closed." in words(one.get(PAGE))
    assert rows(bot, t.pmp_notices)[0].settled_at == pytest.approx(bot.clock(), abs=1)
    assert audited(phone, "lost_provider") == [
        (account(phone, "agent"), "lost_provider", "1", "settled"),
        (account(phone, "lead"), "lost_provider", "1", "refused: done already"),
    ]


def test_of_many_the_latest_are_listed(
    bot: Bot, keisha: str, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_providers, "ROWS", 1)
    lose_provider(bot.records, keisha)
    lose_provider(bot.records, member_of(bot, DANIEL))
    shown = words(signed_in("agent").get(PAGE))
    assert "These are the latest 1 of 2." in shown and "Daniel" in shown and "Keisha" not in shown


def test_forms_that_are_none_of_ours(phone: Phone, bot: Bot, keisha: str, signed_in: SignedIn) -> None:
    lose_provider(bot.records, keisha)
    browser = signed_in("agent")
    before = audited(phone)
    assert browser.post(f"{PAGE}/2").status_code == 404
    assert browser.post(f"{PAGE}/{10**30}").status_code == 404
    assert browser.post(f"{PAGE}/1", csrf=None).status_code == 403
    assert rows(bot, t.pmp_notices)[0].settled_at is None and before == audited(phone)


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("lead", 200), ("admin", 200), ("auditor", 403)])
def test_who_may(signed_in: SignedIn, role: str, status: int) -> None:
    browser = signed_in(role)
    assert browser.get(PAGE).status_code == status
    linked = f'href="{PAGE}"' in browser.get("/console/nowhere").text
    assert linked == (status == 200)
