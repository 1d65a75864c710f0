"""A member asks for a person by text, is helped in the console, goes on where they were, and finishes."""

from playwright.sync_api import expect

from tests.browser.people import Agent, Member, soon


def test_a_person_steps_in_and_the_member_goes_on_to_the_end(member: Member, ana: Agent) -> None:
    member.use_phone_of("(317) 555-0111")
    member.text("hi", "1")
    member.hears("What is the member ID?")
    expect(ana.page.get_by_role("heading", name="Queue")).to_be_visible()
    others = ana.waiting.count()
    member.text("agent")
    expect(member.page.locator("#messages")).to_contain_text("A person at Member Services will text you here")

    expect(ana.waiting).to_have_count(others + 1)  # without reloading
    expect(ana.waiting.last).to_have_text("Asked for a person")
    ana.open_newest()
    expect(ana.standing).to_have_text("Waiting for a person")
    ana.take()
    member.hears("this is Ana at Member Services")

    member.text("where is my ID card?")
    ana.reads("where is my ID card?")
    ana.reply("It comes by mail. Is your street still right?")
    member.hears("It comes by mail. Is your street still right?")
    member.text("1")  # what the bot asked last; it is not the one who is asked now
    ana.reads("1")

    ana.page.get_by_label("Canned reply").select_option("One moment")
    ana.press("Choose")
    ana.page.get_by_label("How many minutes").fill("5")
    ana.press("Send it")
    member.hears("It may take about 5 minutes.")
    by_the_bot = [text for text in member.heard if "CareStart" in text or "Sorry" in text]
    assert 1 == len(by_the_bot), by_the_bot  # the greeting alone

    ana.press("Give back to CareStart")
    expect(ana.standing).to_have_text("With CareStart")
    member.hears("What is the member ID?")
    member.text("999900000012", "10/8/1962", "46806", "1", "yes")
    member.hears("Saved. Your plan news will come by mail.")
    done = ana.page.locator(".steps .done")
    soon(ana.page, lambda wait: expect(done).to_have_text("How to reach them: done", timeout=wait))
