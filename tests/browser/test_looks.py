"""Every page for everybody: axe, a phone's width, light and dark; `SCREENSHOTS=folder` keeps pictures of them."""

import os
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.records.database import reading
from bot.records.tables import members
from tests.browser.looks import WIDTHS, faults, violations
from tests.browser.people import Agent, Browsers, Member
from tests.console.feeds import give_up, lose_provider

SCREENING = (*"311101211111", "5", *"111322111", "yes")  # 5: drinks daily, which is a referral


def test_axe_and_the_watch_find_what_is_wrong(browsers: Browsers, ana: Agent) -> None:
    """These tests could fail."""
    assert not violations(ana.page)
    ana.page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert any(one.startswith("label:") for one in violations(ana.page))
    ana.page.evaluate("document.querySelector('main').style.width = '1300px'")
    assert any("sideways" in one for one in faults(ana.page))
    assert not browsers.complaints
    ana.page.evaluate("document.body.setAttribute('onclick', 'alert(1)')")
    assert "Content Security Policy" in browsers.complaints.pop()


@pytest.mark.timeout(300)
def test_every_page_of_the_console_is_fit_for_everybody(browsers: Browsers) -> None:
    _people_who_need_staff(browsers)
    mia, seen = browsers.agent("mia"), []

    def look_at(name: str, page: Page) -> None:
        _picture(name, page)
        seen.extend(faults(page))

    stranger = browsers.context().new_page()
    stranger.goto("/console/sign-in")
    look_at("sign-in", stranger)

    page = mia.page
    page.goto("/console/queue")
    expect(page.locator(".cases .urgent").first).to_be_visible()
    look_at("queue", page)
    conversation = mia.open_newest()
    look_at("conversation", page)
    mia.take()
    page.get_by_label("Canned reply").select_option("One moment")
    mia.press("Choose")
    page.get_by_label("How many minutes").fill("5")
    page.get_by_text("Fill in the open question").click()
    look_at("conversation-mine", page)
    mia.press("Give back to CareStart")
    page.get_by_role("link", name="Call-backs").click()
    expect(page.get_by_role("button", name="Reached").first).to_be_visible()
    look_at("call-backs", page)
    page.get_by_role("link", name="Referrals").click()
    page.get_by_role("button", name="Take referral").first.click()
    expect(page.get_by_role("button", name="Helped").first).to_be_visible()
    look_at("referrals", page)
    _feeds_that_need_staff(browsers)
    page.get_by_role("link", name="Providers closed").click()
    expect(page.get_by_role("button", name="Settled")).to_have_count(2)
    look_at("providers-closed", page)
    page.get_by_role("link", name="Deliveries").click()
    page.get_by_role("link", name="Select all", exact=True).click()
    expect(page.locator("input[name=id]:checked")).to_have_count(4)
    look_at("deliveries", page)
    mia.press("Send again")
    expect(mia.told).to_have_text("On their way again.")
    look_at("deliveries-waiting", page)
    page.get_by_role("link", name="Search").click()
    page.get_by_label(re.compile("Member ID, phone")).fill("999900000011")
    mia.press("Find")
    look_at("search", page)
    page.locator(".cases a").click()
    look_at("member", page)

    ada = browsers.agent("ada")
    for name in ("audit", "users"):
        ada.page.goto(f"/console/{name}")
        look_at(name, ada.page)
    omar = browsers.agent("omar")
    omar.page.goto(conversation)
    look_at("refused", omar.page)
    assert "403" in browsers.complaints.pop()  # the browser's own word on it

    assert not seen, "\n".join(seen)


def test_the_simulator_is_fit_for_everybody(browsers: Browsers, member: Member) -> None:
    member.text("hi")
    found = faults(member.page)
    member.page.get_by_role("link", name="Call").click()
    member.page.get_by_role("button", name="Call").click()
    member.page.locator("#say").wait_for()
    found += faults(member.page)
    assert not found, "\n".join(found)


def _people_who_need_staff(browsers: Browsers) -> None:
    """One in danger, one with a referral and more, one who asked for a call, one who asked for a person."""
    browsers.member().text("hi", "I want to kill myself")
    daniel = browsers.member()
    daniel.use_phone_of("(317) 555-0110")
    daniel.text_all(["hi", "3", "999900000011", "4/23/1979", "46204", *SCREENING])
    daniel.hears("Thank you! It is sent.")
    frank = browsers.member()
    frank.page.get_by_label("Texts to").select_option("+16145550100")
    frank.page.get_by_role("button", name="Switch").click()
    frank.text("hi", "agent", "1")
    carmen = browsers.member()
    carmen.use_phone_of("(317) 555-0119")
    carmen.text("hola", "1", "agente")


def _feeds_that_need_staff(browsers: Browsers) -> None:
    """Two members whose providers are lost, records that two receivers did not take."""
    records, now = browsers.server.records, time.time()
    with reading(records) as conn:
        one, other = conn.scalars(select(members.c.id).limit(2))
    lose_provider(records, one, "closed", now - 9 * 86_400)
    lose_provider(records, other, "not_accepting", now - 86_400)
    give_up(records, one, "refused", "fhir", "screenings", now)
    give_up(records, one, "unreachable", "webhook", "preferences", now)
    give_up(records, other, "not_let_in", "fhir", "pmp-choices", now)
    give_up(records, "a phone", "timeout", "webhook", "consents", now)


def _picture(name: str, page: Page) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
