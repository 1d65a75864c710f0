"""A call from the browser: documents made by hand for what the page does, the real line for what becomes of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import webhooks.calls.in_process as door
from bot.bootstrap import Bot
from bot.records import tables as t
from tests.calls.answering import Answering, gather, response, say
from tests.phone import Clock, count
from tests.webhooks.fake_bot import BASE, FakeBot, FakeSettings
from tests.webhooks.test_simulator import STATIC, Page, _colours, _contrast
from webhooks.app import create_app
from webhooks.calls.happenings import Outcome
from webhooks.calls.line import OPERATOR
from webhooks.simulator.call import LONGEST_SAID, MOST_ACTS, Act, Acts, Kind, read_act, read_acts
from webhooks.simulator.wording import LANGUAGES

TURN = f"{BASE}/webhooks/voice/turn?n=1"
DIAL = f'<Dial action="{BASE}/webhooks/voice/dial?n=1"><Number>+13175550111</Number></Dial>'
SID = "CA" + "0" * 32


@pytest.fixture
def answering(monkeypatch):
    """Answers a call whoever calls, the same to every post."""
    made = Answering(
        {
            "/webhooks/voice": [response(gather(say("Welcome."), action=TURN))],
            "/webhooks/voice/turn?n=1": [response(gather(say("Siguiente.", "es-US"), action=TURN))],
            "/webhooks/voice/dial?n=1": [response(gather(say("Nobody is there."), action=TURN))],
            "/webhooks/voice/status": [""],
        }
    )
    monkeypatch.setattr(door, "answer", lambda _bot, target, form: made(target, form))
    return made


@pytest.fixture
def client(answering, turn):
    return create_app(FakeBot(FakeSettings(simulator=True))).test_client()


def ready(client, **options) -> Page:
    shown = client.get("/simulator/call", follow_redirects=True, **options)
    assert shown.status_code == 200
    return Page(shown.text)


def carried(page: Page) -> dict[str, str]:
    """The hidden fields of a page."""
    return {each["name"]: each["value"] or "" for each in page.all("input") if each.get("type") == "hidden"}


def press(client, page: Page, act="", **fields) -> Page:
    """Press the button of that value; "" dials."""
    answer = client.post("/simulator/call", data={**carried(page), **({"act": act} if act else {}), **fields})
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def state(page: Page) -> str:
    return " ".join(words for words in page.words if words in STATES)


def offered(page: Page) -> set[str]:
    """The values of the buttons there are."""
    return {each["value"] for each in page.all("button") if each.get("name") == "act"}


STATES = {
    "Nobody has dialed yet.",
    "The line is listening.",
    "The line waits for more keys.",
    "The agent's phone is ringing. What happens?",
    "You are talking with the agent.",
    "The call is over.",
}
KEYPAD = {f"keys {key}" for key in "0123456789*#"}


# --- what the page does -----------------------------------------------------------------------------------------------


def test_a_call_leads_from_the_texts_to_the_texts(client):
    texts = Page(client.get("/simulator/", follow_redirects=True).text)
    assert "/simulator/call?phone=1" in [link["href"] for link in texts.all("a")]
    assert "/simulator/?phone=1" in [link["href"] for link in ready(client).all("a")]


def test_what_is_said_and_keyed_is_posted_and_shown_with_its_time(client, answering):
    shown = press(client, ready(client))
    assert ("Welcome.", "The line is listening.") == (shown.words[shown.words.index("Welcome.")], state(shown))
    shown = press(client, shown, "say", what="by  mail")
    shown = press(client, shown, "keys 1")
    assert "The line waits for more keys." == state(shown)
    shown = press(client, shown, "keys", what="2 #")
    assert {"by mail", "[12]"} <= {result for result in answering.results("/webhooks/voice/turn?n=1") if result}
    assert ["by mail", "[1]", "[2#]"] == [words for words in shown.words if words in ("by mail", "[1]", "[2#]")]
    times = [words for words in shown.words if re.fullmatch(r"\d+:\d\d", words)]
    assert "0:00" == times[0] and times == sorted(times) and len(times) == 6
    langs = [each.get("lang") for each in shown.all("span") if each.get("class") == "text"]
    assert ["en-US", None, "es-US", None, None, "es-US"] == langs


def test_keys_go_out_when_no_more_are_pressed_and_silence_is_silence(client, answering):
    shown = press(client, press(client, ready(client)), "keys 7")
    shown = press(client, shown, "silence")
    assert ["[7]"] == answering.results("/webhooks/voice/turn?n=1")
    answering.asked.clear()
    press(client, shown, "silence")
    assert ["[7]", None] == answering.results("/webhooks/voice/turn?n=1"), "done again, and one thing more"


def test_one_can_speak_instead_of_more_keys(client, answering):
    press(client, press(client, press(client, ready(client)), "keys 7"), "say", what="by mail")
    assert ["[7]", "by mail"] == answering.results("/webhooks/voice/turn?n=1")


def test_words_are_never_taken_for_something_else(client, answering):
    shown = press(client, ready(client))
    press(client, shown, "say", what="hang_up")
    press(client, shown, "say", what="12")
    assert ["hang_up", "12"] == answering.results("/webhooks/voice/turn?n=1")


def test_an_operator_announces_the_call(client, answering):
    shown = press(client, ready(client), relay="yes")
    shown = press(client, shown, "say", what="hello GA")
    assert [OPERATOR, "hello GA"] == answering.results("/webhooks/voice/turn?n=1")[-2:]
    assert "Operator" in shown.words and "You" not in shown.words


def test_a_phone_that_rings_offers_what_its_agent_can_do(client, answering):
    answering.documents["/webhooks/voice"] = [response(say("Hold on."), DIAL)]
    shown = press(client, ready(client))
    assert "The agent's phone is ringing. What happens?" == state(shown)
    can_do = {f"agent {outcome.value}" for outcome in Outcome if outcome is not Outcome.HANGS_UP}
    assert can_do | {"silence", "hang_up"} == offered(shown)
    assert "Nobody is there." in press(client, shown, "agent busy").words
    assert "Nobody is there." in press(client, shown, "silence").words
    shown = press(client, shown, "agent answers and accepts")
    assert ("You are talking with the agent.", {"say", "agent hangs up", "hang_up"}) == (state(shown), offered(shown))
    shown = press(client, press(client, shown, "say", what="hello"), "agent hangs up")
    assert "Nobody is there." in shown.words and KEYPAD <= offered(shown)


def test_hanging_up_ends_it_and_another_call_is_another(client, answering):
    first = ready(client)
    shown = press(client, press(client, first), "hang_up")
    assert ("The call is over.", set()) == (state(shown), offered(shown))
    assert carried(first)["call"] != carried(ready(client))["call"]
    assert ["completed"] == [form["CallStatus"] for form in answering.forms("/webhooks/voice/status")]


def test_what_is_too_late_is_passed_over(client, answering):
    shown = press(client, press(client, ready(client)), "agent busy")
    shown = press(client, shown, acts="agent busy\nhang_up\nhang_up\nsay by mail\nkeys 1")
    assert "The call is over." == state(shown)
    assert [] == answering.results("/webhooks/voice/turn?n=1")


def test_pressing_again_or_reloading_repeats_the_same_posts(client, answering):
    shown = press(client, ready(client))
    once = press(client, shown, "say", what="by mail")
    asked = answering.asked[-2:]
    assert once.words == press(client, shown, "say", what="by mail").words
    assert asked == answering.asked[-2:]
    assert {carried(shown)["call"]} == {form["CallSid"] for _, form in answering.asked}


# --- what a form may hold ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"call": ""},
        {"call": "CA12"},
        {"phone": "99"},
        {"acts": "sing a song"},
        {"acts": "keys 1\n" * (MOST_ACTS + 2)},
        {"acts": "say " + "x" * 45_000},
        {"act": "agent sings"},
        {"act": ""},
    ],
    ids=str,
)
def test_other_forms_are_malformed(client, answering, fields):
    assert client.post("/simulator/call", data={**carried(ready(client)), **fields}).status_code == 400
    assert not answering.results("/webhooks/voice/turn?n=1")


@pytest.mark.parametrize("token", [None, "", "guess"])
def test_a_form_that_is_not_ours_is_refused(client, answering, token):
    form = {name: value for name, value in carried(ready(client)).items() if name != "token"}
    form |= {} if token is None else {"token": token}
    assert client.post("/simulator/call", data=form).status_code == 403
    assert not answering.asked


def test_other_computers_are_refused(client, answering):
    form = carried(ready(client))
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.0.0.1"}}
    assert client.post("/simulator/call", data=form, **elsewhere).status_code == 403
    assert client.get("/simulator/call", **elsewhere).status_code == 403
    assert not answering.asked


def test_a_call_that_has_become_too_long_can_only_be_hung_up(client):
    page = ready(client)
    full = press(client, page, acts="\n".join(["keys #"] * MOST_ACTS))
    assert {"hang_up"} == offered(full)
    assert "The call is over." == state(press(client, full, "hang_up"))
    acts = read_acts(SID, False, "\n".join(["silence"] * MOST_ACTS))
    assert acts == acts.then(Act(Kind.SILENCE)) != acts.then(Act(Kind.HANG_UP))


@pytest.mark.parametrize("said", ["a\x00b", "one\ntwo\u2028three\x0bfour", "x" * 5000, "ñ" * 400, " say  it "])
def test_acts_are_read_as_they_were_written(said):
    act = read_act("say", said)
    assert act is not None and len(act.what) <= LONGEST_SAID
    acts = Acts(SID, True, (act, Act(Kind.KEYS, "1*#"), Act(Kind.SILENCE), Act(Kind.AGENT, "busy"), Act(Kind.HANG_UP)))
    for newline in ("\n", "\r\n"):
        assert acts == read_acts(SID, True, acts.written.replace("\n", newline))


@pytest.mark.parametrize(("kind", "what"), [("say", " \x00 "), ("keys", "abc"), ("keys", "")])
def test_nothing_said_or_keyed_is_nothing_done(kind, what):
    assert read_act(kind, what) is None


# --- the real line ----------------------------------------------------------------------------------------------------


@pytest.fixture
def processes(bot: Bot):
    """Two web processes that serve the same browser in turn."""
    on = replace(bot, settings=replace(bot.settings, simulator=True))
    return [create_app(on).test_client() for _ in range(2)]


def hold(processes, *acts: str, **dial: str) -> Page:
    """Do one thing after the other, each by another process."""
    first, second = processes
    page = ready(first)
    second.set_cookie(
        "carestart_simulator", first.get_cookie("carestart_simulator", path="/simulator/").value, path="/simulator/"
    )
    page = press(second, page, **dial)
    for number, done in enumerate(acts):
        act, _, what = done.partition(": ")
        page = press(processes[number % 2], page, act, **({"what": what} if what else {}))
    return page


def test_a_call_goes_on_in_another_process_and_no_turn_is_taken_twice(processes, bot: Bot):
    page = hold(processes, "keys 1", "say: by mail", "say: yes")
    assert "The line is listening." == state(page)
    taken = count(bot, t.inbound)
    assert 4 == taken, "one for each act, and the beginning"
    again = press(processes[1], page)
    assert (again.words, taken) == (page.words, count(bot, t.inbound))


def test_a_caller_is_put_through_to_an_agent_who_accepts(processes, clock: Clock):
    page = hold(processes, "keys 0", "agent answers and accepts")
    assert "You are talking with the agent." == state(page), page.words
    assert "CareStart, to the agent only" in page.words
    page = press(processes[0], page, "agent hangs up")
    assert "The line is listening." == state(page), "what was under way goes on"


# --- for everybody ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["ready", "listening", "keying", "ringing", "ended"])
def any_page(client, answering, request):
    page = ready(client)
    if request.param == "ringing":
        answering.documents["/webhooks/voice"] = [response(say("Hold on."), DIAL)]
    if request.param == "ready":
        return page
    page = press(client, page)
    act = {"keying": "keys 1", "ended": "hang_up"}.get(request.param)
    return press(client, page, act) if act else page


def test_the_page_can_be_used_by_everybody(any_page):
    assert (1, 1, 1, 2) == tuple(len(any_page.all(tag)) for tag in ("h1", "title", "main", "aside"))
    assert any_page.all("a")[0]["href"] == "#controls"
    labelled = {label["for"] for label in any_page.all("label")}
    for control in any_page.all("input"):
        assert control.get("type") == "hidden" or control["id"] in labelled
    assert len(any_page.ids) == len(set(any_page.ids))
    for _, attributes in any_page.elements:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            for target in (attributes.get(name) or "").split():
                assert target in any_page.ids, (name, target)
    assert len([1 for _, attributes in any_page.elements if "autofocus" in attributes]) <= 1
    log = next(each for each in any_page.all("div") if each.get("role") == "log")
    assert "polite" == log["aria-live"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_call_speaks_the_pages_language(client, language):
    shown = press(client, ready(client, headers={"Accept-Language": language}))
    answer = client.post("/simulator/call", data=carried(shown), headers={"Accept-Language": language})
    assert language == Page(answer.text).all("html")[0]["lang"]
    assert {"en": "Hang up", "es": "Colgar"}[language] in Page(answer.text).words


def test_the_page_loads_nothing_from_elsewhere(client):
    answer = client.post("/simulator/call", data=carried(ready(client)))
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.findall(r"(?:src|href|action)=\"(?!/simulator/|#|data:,)[^\"]*", answer.text)
    assert not re.findall(r"<[^>]* (?:style|on\w+)=", answer.text)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("paper", ["card", "theirs"])
def test_hanging_up_stands_out_from_what_is_behind_it(dark, paper):
    colours = _colours((STATIC / "simulator.css").read_text(), dark)
    assert _contrast(colours["alarm"], colours[paper]) >= 4.5
