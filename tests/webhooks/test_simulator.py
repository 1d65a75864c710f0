"""The phone in the browser: it drives the real turn, stays on this computer, and can be used by everybody."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import webhooks.simulator.pages
from bot.members.sample import SAMPLE_IDENTITIES
from bot.turn import RecordsAway
from tests.webhooks.fake_bot import NOW, FakeBot, FakeSettings
from webhooks.app import create_app
from webhooks.simulator.people import numbers_in_use
from webhooks.simulator.phones import DAY, MOST_PHONES, Phones, made_up_number, readable
from webhooks.simulator.wording import LANGUAGES, catalogue

SOMEBODY = next(person for person in SAMPLE_IDENTITIES if person.plan == "indiana")
SOMEBODY_ELSEWHERE = next(person for person in SAMPLE_IDENTITIES if person.plan == "ohio")
STATIC = Path(webhooks.simulator.pages.__file__).parent / "static"


@pytest.fixture
def client(turn):
    return create_app(FakeBot(FakeSettings(simulator=True))).test_client()


class Page(HTMLParser):
    """The elements of a page, in order, as (tag, attributes), and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data.strip())

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def hidden(self, name):
        return next(each["value"] for each in self.all("input") if each.get("name") == name)


def page(client, phone=None, **options) -> Page:
    response = client.get(
        "/simulator/", query_string={"phone": phone} if phone else {}, follow_redirects=True, **options
    )
    assert response.status_code == 200
    return Page(response.text)


def act(client, path, **fields):
    shown = page(client)
    form = {"token": shown.hidden("token"), "phone": shown.hidden("phone"), **fields}
    response = client.post(f"/simulator/{path}", data=form, buffered=True)
    assert response.status_code == 303, response.text
    return Page(client.get(response.location).text)


# --- texting ----------------------------------------------------------------------------------------------------------


def test_what_is_typed_goes_through_the_turn_and_comes_back_as_bubbles(client, turn):
    shown = act(client, "send", text="¿Hola? <b>")
    message = turn.taken[0]
    assert (message.text, message.recipient, message.at, message.ahead) == ("¿Hola? <b>", "+13175550199", NOW, 0)
    assert re.fullmatch(r"SM[0-9a-f]{32}", message.id)
    assert re.fullmatch(r"\+131755501\d\d", message.sender)
    assert "You said: ¿Hola? <b>" in shown.words
    assert turn.handed_over == [message.id]


def test_a_reply_shows_how_many_segments_it_takes(client):
    assert "· 1 segment" in " ".join(act(client, "send", text="hello").words)
    assert "· 2 segments" in " ".join(act(client, "send", text="á" * 80).words)


@pytest.mark.parametrize("text", ["", "😀" * 1600, "a\x00b", "x" * 5000])
def test_odd_texts_are_no_error(client, turn, text):
    act(client, "send", text=text)
    assert turn.taken[0].text == text.replace("\x00", "")[:1600]


def test_a_photo_has_no_words(client, turn):
    act(client, "photo")
    assert (turn.taken[0].text, turn.taken[0].media) == ("", 1)


def test_delivering_twice_sends_the_same_message_and_shows_that_nothing_is_doubled(client, turn):
    act(client, "send", text="hello")
    shown = act(client, "again")
    assert (turn.delivered, len(turn.taken)) == (2, 1)
    assert any("nothing was doubled" in words for words in shown.words)
    assert turn.handed_over == [turn.taken[0].id] * 2


def test_delivering_twice_says_so_if_something_was_doubled(client, turn):
    act(client, "send", text="hello")
    turn.replies.clear()
    assert any("should not happen" in words for words in act(client, "again").words)


def test_there_is_nothing_to_deliver_twice_before_the_first_message(client, turn):
    assert any("no message to deliver again" in words for words in act(client, "again").words)
    assert turn.delivered == 0


def test_next_day_moves_this_phones_calendar_only(client, turn):
    act(client, "send", text="hello")
    shown = act(client, "next-day")
    assert "It is now Thursday, November 19 on this phone." in shown.words
    act(client, "send", text="again")
    assert (turn.taken[1].at, turn.taken[1].ahead) == (NOW + DAY, DAY)
    act(client, "phones")
    act(client, "send", text="from a new phone")
    assert turn.taken[2].ahead == 0


def test_a_silent_reply_and_away_records_are_told(client, turn):
    assert "Sent. No reply came." in act(client, "send", text="STOP").words
    turn.failure = RecordsAway()
    assert any("records are away" in words for words in act(client, "send", text="hello").words)


def test_a_new_phone_starts_a_conversation_of_its_own(client, turn):
    act(client, "send", text="from the first")
    shown = act(client, "phones")
    assert not [words for words in shown.words if "from the first" in words]
    act(client, "send", text="from the second")
    assert turn.taken[0].sender != turn.taken[1].sender


def test_a_form_of_an_older_tab_texts_from_that_tabs_phone(client, turn):
    first = page(client)
    act(client, "phones")
    client.post(
        "/simulator/send", data={"token": first.hidden("token"), "phone": first.hidden("phone"), "text": "old tab"}
    )
    act(client, "send", text="new tab")
    assert turn.taken[0].sender != turn.taken[1].sender
    assert "You said: old tab" in page(client, first.hidden("phone")).words


def test_the_same_phone_can_text_another_plan(client, turn):
    act(client, "send", text="hello")
    act(client, "number", ours="+16145550199")
    act(client, "send", text="hello")
    assert [message.recipient for message in turn.taken] == ["+13175550199", "+16145550199"]
    assert turn.taken[0].sender == turn.taken[1].sender
    act(client, "number", ours="+19995550100")
    act(client, "send", text="hello")
    assert turn.taken[2].recipient == "+16145550199"


def test_sample_people_of_the_plan_are_shown_with_what_identifies_them(client):
    shown = page(client)
    for fact in (SOMEBODY.label, SOMEBODY.member_id, SOMEBODY.zip):
        assert fact in shown.words
    assert SOMEBODY_ELSEWHERE.member_id not in shown.words
    assert SOMEBODY_ELSEWHERE.member_id in act(client, "number", ours="+16145550199").words


def test_where_sample_data_is_not_wanted_no_people_are_shown(turn):
    client = create_app(FakeBot(FakeSettings(simulator=True, sample_data=False))).test_client()
    assert SOMEBODY.member_id not in page(client).words


def test_one_can_text_from_a_sample_persons_phone_and_from_nobody_elses(client, turn):
    for number in (SOMEBODY.phone, SOMEBODY_ELSEWHERE.phone, "+18125559999"):
        act(client, "phones", number=number)
        act(client, "send", text="hello")
    first, *others = [message.sender for message in turn.taken]
    assert first == SOMEBODY.phone
    assert not numbers_in_use(FakeBot()).intersection(others)


def test_an_unknown_phone_is_malformed_in_a_form_and_forgotten_in_an_address(client, turn):
    form = {"token": page(client).hidden("token"), "phone": "99", "text": "hello"}
    assert client.post("/simulator/send", data=form).status_code == 400
    assert client.get("/simulator/?phone=99").location.endswith("?phone=1")


def test_no_number_or_text_stands_in_an_address(client):
    response = client.get("/simulator/")
    assert response.location == "/simulator/?phone=1"


# --- only here --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["192.168.1.7", "10.0.0.1", "8.8.8.8", "::ffff:10.0.0.1", "fe80::1", "", "x"])
def test_other_computers_are_refused(client, address):
    assert client.get("/simulator/", environ_base={"REMOTE_ADDR": address}).status_code == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_this_computer_is_let_in_by_its_own_names(client, address, host):
    options = {"environ_base": {"REMOTE_ADDR": address}, "headers": {"Host": host}}
    assert client.get("/simulator/", **options).status_code == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "[::1", ""]
)
def test_a_strangers_name_for_this_computer_is_refused(client, host):
    assert client.get("/simulator/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP"])
def test_what_comes_through_a_tunnel_is_refused(client, header):
    assert client.get("/simulator/", headers={header: "203.0.113.9"}).status_code == 403
    assert client.get("/simulator/static/simulator.css", headers={header: "203.0.113.9"}).status_code == 403


@pytest.mark.parametrize("path", ["send", "photo", "again", "next-day", "phones", "number", "language"])
@pytest.mark.parametrize("token", [None, "", "guess", "ünï"])
def test_a_form_that_is_not_ours_is_refused(client, turn, path, token):
    form = {"phone": page(client).hidden("phone"), "text": "hello"} | ({} if token is None else {"token": token})
    assert client.post(f"/simulator/{path}", data=form).status_code == 403
    assert turn.delivered == 0


def test_a_form_without_any_cookie_is_refused(client, turn):
    stranger = client.application.test_client()
    assert stranger.post("/simulator/send", data={"token": "", "phone": "1", "text": "hello"}).status_code == 403


def test_a_changed_cookie_is_worth_nothing(client):
    first = page(client).hidden("token")
    client.set_cookie("carestart_simulator", "eyJ0b2tlbiI6IngifQ.aaaa.bbbb", path="/simulator/")
    assert page(client).hidden("token") != first


def test_the_cookie_goes_nowhere_else(client):
    cookie = client.get("/simulator/").headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/simulator/"))


def test_the_page_loads_nothing_from_elsewhere(client):
    response = client.get("/simulator/?phone=1", follow_redirects=True)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.findall(r"(?:src|href|action)=\"(?!/simulator/|#|data:,)[^\"]*", response.text)
    assert not re.findall(r"<[^>]* (?:style|on\w+)=", response.text)
    for file in STATIC.iterdir():
        assert "//" not in re.sub(r"^//.*$", "", file.read_text(), flags=re.M).replace(" // ", "")
        assert client.get(f"/simulator/static/{file.name}", buffered=True).status_code == 200


# --- for everybody ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=LANGUAGES)
def busy_page(client, request):
    act(client, "send", text="hello")
    act(client, "phones")
    shown = act(client, "send", text="hello")
    if request.param == "es":
        shown = act(client, "language")
    assert shown.all("html")[0]["lang"] == request.param
    return shown


def test_the_page_has_one_heading_a_title_and_landmarks(busy_page):
    assert len(busy_page.all("h1")) == 1
    assert len(busy_page.all("title")) == 1
    for landmark, times in (("header", 1), ("main", 1), ("aside", 2)):  # the banner, the tools
        assert len(busy_page.all(landmark)) == times
    assert busy_page.all("a")[0]["href"] == "#text", "the first stop of the Tab key skips to the message box"


def test_every_control_has_a_name(busy_page):
    labelled = {label["for"] for label in busy_page.all("label")}
    for control in busy_page.all("input", "select"):
        assert control.get("type") == "hidden" or control["id"] in labelled
    assert busy_page.all("button")


def test_every_reference_between_elements_leads_somewhere_and_ids_are_unique(busy_page):
    assert len(busy_page.ids) == len(set(busy_page.ids))
    for _, attributes in busy_page.elements:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            for target in (attributes.get(name) or "").split():
                assert target in busy_page.ids, (name, target)


def test_new_messages_are_announced_and_the_box_has_the_focus(busy_page):
    log = next(each for each in busy_page.all("div") if each.get("role") == "log")
    assert (log["aria-live"], log["tabindex"]) == ("polite", "0")
    assert any(each.get("role") == "status" for each in busy_page.all("div"))
    box = next(each for each in busy_page.all("input") if each.get("id") == "text")
    assert "autofocus" in box
    assert box["aria-describedby"] == "last-reply"


def test_the_language_button_names_its_language_in_that_language(busy_page):
    own = busy_page.all("html")[0]["lang"]
    button = next(each for each in busy_page.all("button") if each.get("lang"))
    assert button["lang"] == {"en": "es", "es": "en"}[own]


def test_the_page_speaks_the_browsers_language_until_told_otherwise(client):
    spanish = page(client, headers={"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"})
    assert spanish.all("html")[0]["lang"] == "es"
    assert page(client, headers={"Accept-Language": "fr"}).all("html")[0]["lang"] == "en"


def test_every_word_of_the_page_exists_in_both_languages():
    for name, words in catalogue().items():
        assert set(words) == set(LANGUAGES), name
        assert len({str(sorted(re.findall(r"{(\w+)}", str(text)))) for text in words.values()}) == 1, name


def _colours(css, dark):
    light, _, rest = css.partition("@media (prefers-color-scheme: dark)")
    palette = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light.partition("}")[0]))
    return palette | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", rest.partition("}\n}")[0])) if dark else {})


def _contrast(one, other):
    def brightness(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("ink", "page"),
        ("ink", "page-glow"),
        ("ink", "card"),
        ("ink", "theirs"),
        ("soft", "page"),
        ("soft", "card"),
        ("on-mine", "mine"),
        ("on-brand", "brand"),
        ("on-brand", "brand-strong"),
        ("brand-strong", "card"),
        ("brand-strong", "theirs"),
        ("on-notice", "notice"),
    ],
)
def test_text_stands_out_from_what_is_behind_it(dark, ink, paper):
    colours = _colours((STATIC / "simulator.css").read_text(), dark)
    assert _contrast(colours[ink], colours[paper]) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_focus_stands_out_too(dark):
    colours = _colours((STATIC / "simulator.css").read_text(), dark)
    assert min(_contrast(colours["focus"], colours[paper]) for paper in ("page", "card")) >= 3


# --- the phones -------------------------------------------------------------------------------------------------------


def test_the_oldest_phone_makes_room_and_keys_are_never_used_again():
    phones = Phones({})
    keys = [phones.add("+13175550199", phones.new_number([])).key for _ in range(MOST_PHONES + 3)]
    assert keys == list(range(1, MOST_PHONES + 4))
    assert [phone.key for phone in phones.all()] == keys[3:]
    assert len({phone.number for phone in phones.all()}) == MOST_PHONES


def test_a_full_set_of_phones_fits_in_a_cookie(client):
    for _ in range(MOST_PHONES):
        act(client, "phones")
        act(client, "send", text="x" * 1600)
    assert len(client.get_cookie("carestart_simulator", path="/simulator/").value) < 3500


def test_a_made_up_number_is_one_nobody_has():
    taken = {f"+131755501{last:02}" for last in range(100)} - {"+13175550107"}
    assert made_up_number(taken) == "+13175550107"


def test_a_new_number_is_neither_a_phones_nor_ours():
    phones = Phones({})
    phones.add("+13175550199", "+13175550100")
    assert phones.new_number(f"+131755501{last:02}" for last in range(1, 99)) == "+13175550199"


@pytest.mark.parametrize(
    ("number", "shown"), [("+13175550123", "(317) 555-0123"), ("24273", "24273"), ("+525512345678", "+525512345678")]
)
def test_numbers_are_shown_as_people_write_them(number, shown):
    assert readable(number) == shown
