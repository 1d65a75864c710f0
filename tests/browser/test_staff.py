"""Staff in their browsers: two who want the same conversation, no mouse, no script, and what strangers may write."""

import time
from collections.abc import Sequence

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Agent, Browsers, Member, hold_still

MOST_TABS = 60  # to whatever is wanted on a page
RACES = 5
SCRIPT = """</script><script>window.ran = 1</script><img src=x onerror="window.ran = 1">"""
NAME = "<img/src=x/onerror='window.ran=1'>"  # one word: it is the first name that members are told


def test_of_two_who_take_it_at_once_one_has_it_and_the_other_is_told(browsers: Browsers, member: Member) -> None:
    ana, luis = agents = browsers.agent("ana"), browsers.agent("luis")
    member.text("hi", "agent")
    conversation = ana.open_newest()
    for _ in range(RACES):
        for agent in agents:
            agent.page.goto(conversation)
        _press_at_once([agent.page.get_by_role("button", name="Take it", exact=True) for agent in agents])
        for agent in agents:
            agent.page.wait_for_url("**/c/*?*")
        (winner,) = [agent for agent in agents if "said=claim" in agent.page.url]
        loser = luis if winner is ana else ana
        expect(winner.standing).to_have_text("You have this conversation")
        expect(loser.told).to_have_text(f"{winner.name.title()} has this conversation. Nothing was changed.")
        expect(loser.standing).to_have_text(f"With {winner.name.title()}")
        expect(loser.page.get_by_label("Text to the member")).to_have_count(0)
        winner.press("Give back to CareStart")
        expect(winner.standing).to_have_text("With CareStart")
    here = [text for text in member.heard if " at Member Services. I can see" in text]
    assert len(here) <= RACES  # what has come so far: nobody was announced who did not have it


def test_the_keyboard_alone_does_it(browsers: Browsers, member: Member) -> None:
    member.text("hi", "agent")
    page = browsers.context().new_page()
    page.goto("/console/")
    _type(page, page.get_by_label("Sign-in name"), "luis")
    _type(page, page.get_by_label("Password"), browsers.server.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    luis = Agent(page, "luis")

    _tab_to(page, page.get_by_role("link", name="Skip to the content"))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    _enter(page, luis.waiting.last)
    _enter(page, page.get_by_role("button", name="Take it", exact=True))
    expect(luis.standing).to_have_text("You have this conversation")
    _type(page, page.get_by_label("Text to the member"), "Hello, how can I help?")
    expect(page.locator("#count")).to_contain_text("1")
    _enter(page, page.get_by_role("button", name="Send", exact=True))
    expect(luis.told).to_have_text("Your text is on its way.")
    member.hears("Hello, how can I help?")
    _enter(page, page.get_by_role("button", name="Give back to CareStart"))
    expect(luis.standing).to_have_text("With CareStart")


def test_a_refresh_leaves_what_is_being_written_and_the_focus(browsers: Browsers, member: Member, ana: Agent) -> None:
    member.text("hi", "agent")
    ana.open_newest()
    ana.take()
    box = ana.page.get_by_label("Text to the member")
    box.press_sequentially("Half a sente")
    member.text("are you there?")
    ana.reads("are you there?")
    expect(box).to_have_value("Half a sente")
    expect(box).to_be_focused()
    ana.press("Close")


def test_it_works_without_script(browsers: Browsers, member: Member) -> None:
    member.text("hi", "agent")
    luis = browsers.agent("luis", java_script_enabled=False)
    luis.open_newest()
    luis.take()
    luis.reply("I am here.")
    member.hears("I am here.")
    luis.page.get_by_label("Canned reply").select_option("One moment")
    luis.press("Choose")
    luis.page.get_by_label("How many minutes").fill("5")
    luis.press("Send it")
    expect(luis.told).to_have_text("Your text is on its way.")
    luis.page.get_by_role("button", name="Show the phone").click()
    expect(luis.page.get_by_role("heading")).to_contain_text("phone")
    luis.page.get_by_role("link", name="Back", exact=True).click()
    luis.press("Give back to CareStart")
    expect(luis.standing).to_have_text("With CareStart")


def test_script_in_a_text_or_a_name_is_shown_and_does_not_run(browsers: Browsers, member: Member) -> None:
    ada = browsers.agent("ada")
    ada.page.goto("/console/users")
    ada.page.get_by_label("Sign-in name").fill("mallory")
    ada.page.get_by_label("Name, as colleagues see it").fill(NAME)
    ada.page.get_by_label("First password").fill(browsers.server.password)
    ada.press("Add")
    expect(ada.page.get_by_role("rowheader", name=NAME)).to_be_visible()

    member.text("hi", "agent", SCRIPT)
    expect(member.page.locator("#messages .member .text").last).to_have_text(SCRIPT)
    mallory = browsers.agent("mallory")
    expect(mallory.page.locator(".who .name")).to_have_text(NAME)
    mallory.open_newest()
    expect(mallory.course.locator(".text").get_by_text("window.ran").first).to_have_text(SCRIPT)
    mallory.take()
    member.hears(f"this is {NAME} at Member Services")
    mallory.page.get_by_label("The member never sees it").fill(SCRIPT)
    mallory.press("Keep the note")
    expect(mallory.page.locator(".course .note .text")).to_have_text(SCRIPT)
    ada.page.goto("/console/audit")
    expect(ada.page.get_by_role("cell", name=NAME, exact=True).first).to_be_visible()
    mallory.press("Close")

    for page in (ada.page, mallory.page, member.page):
        assert page.evaluate("window.ran") is None
        assert not page.locator("img").count()


@pytest.mark.timeout(180)
def test_kill_9_between_claim_and_reply_loses_nothing(browsers: Browsers, member: Member, ana: Agent) -> None:
    member.text("hi", "agent")
    conversation = ana.open_newest()
    ana.take()
    box = ana.page.get_by_label("Text to the member")
    box.fill("Still here after the storm.")
    expect(ana.page.locator("#count")).not_to_contain_text("160 characters make one text")
    form = box.evaluate("box => Object.fromEntries(new FormData(box.form))")
    for page in (ana.page, member.page):
        hold_still(page)

    browsers.server.kill_web()
    assert not browsers.server.answers()
    browsers.server.wait()

    for page in (ana.page, member.page):
        page.clock.resume()
    ana.press("Send")
    expect(ana.told).to_have_text("Your text is on its way.")
    again = ana.page.request.post(f"{conversation}/write", form=form, headers={"Origin": browsers.server.url})
    assert again.ok and "Your text is on its way." in again.text()
    expect(ana.standing).to_have_text("You have this conversation")
    member.hears("Still here after the storm.")
    member.text("thank you")
    ana.reads("thank you")
    expect(ana.page.locator(".course .agent")).to_have_count(1)
    assert 1 == len([text for text in member.heard if text == "Still here after the storm."])
    ana.press("Close")


# --- hands -----------------------------------------------------------------------------------------------------------


def _press_at_once(buttons: Sequence[Locator]) -> None:
    """Each in its own browser, at one moment that is still to come."""
    moment = time.time() * 1000 + 300
    for button in buttons:
        button.evaluate("(button, moment) => setTimeout(() => button.click(), moment - Date.now())", moment)


def _tab_to(page: Page, wanted: Locator) -> None:
    """Tab until it has the focus, which must be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    outline = wanted.evaluate("one => getComputedStyle(one).outlineStyle + getComputedStyle(one).outlineWidth")
    assert "solid3px" == outline
    expect(wanted).to_be_in_viewport()


def _enter(page: Page, wanted: Locator) -> None:
    _tab_to(page, wanted)
    page.keyboard.press("Enter")


def _type(page: Page, wanted: Locator, text: str) -> None:
    _tab_to(page, wanted)
    page.keyboard.type(text)
