"""Conversations that a transcript cannot tell: several phones, edited content, imports, other years, Twilio's words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis
from sqlalchemy import select

from bot.bootstrap import Bot
from bot.config import Secret
from bot.content import ContentFolder
from bot.members.import_completions import import_completions
from bot.records import rewards
from bot.records import tables as t
from bot.records.database import reading
from tests.golden import script
from tests.phone import Clock, Phone, bot_on, count, rows
from tests.webhooks.fake_bot import ACCOUNT, BASE, TOKEN

ROOT = Path(__file__).parents[1]

DANIEL = ("999900000011", "4/23/1979", "46204")  # a man of 47
ANGELA = ("999900000014", "2/17/1984", "46203")  # Noah, 10, and Lily, 5, are her children
HELEN = ("999900000021", "6/25/1971", "47906")  # her benefits begin in 2035
MAYA = ("999900000029", "3/2/2012", "46802")  # 14, her mother Denise Brooks is on file
TO_SCREENING = ("hi", "3")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def other(phone: Phone, number: str, ours: str = "") -> Phone:
    return Phone(phone.bot, phone.clock, number, ours or phone.ours)


def step(phone: Phone) -> str:
    """The open question without its run: "a_health"."""
    return phone.question().partition(":")[2]


def member(bot: Bot, member_id: str) -> str:
    index = bot.vault.index("member_id", f"indiana:{member_id}")
    with reading(bot.records) as conn:
        return str(conn.execute(select(t.members.c.id).where(t.members.c.member_id_index == index)).scalar_one())


def responses(bot: Bot) -> list[dict[str, Any]]:
    return [
        msgspec.json.decode(bot.vault.open(row.response_sealed, "screenings.response"))
        for row in rows(bot, t.screenings)
    ]


def answers_of(response: dict[str, Any]) -> dict[str, Any]:
    """linkId -> what stands there, of all questions at any depth."""
    found: dict[str, Any] = {}

    def look(items: list[dict[str, Any]]) -> None:
        for item in items:
            if "answer" in item or "extension" in item:
                found[item["linkId"]] = (item.get("answer"), item.get("extension"))
            look(item.get("item", []))

    look(response.get("item", []))
    return found


# --- another phone ---------------------------------------------------------------------------------------------------


def test_a_screening_begun_on_one_phone_goes_on_at_the_same_question_on_another(phone: Phone) -> None:
    phone.texts(*TO_SCREENING, *DANIEL, "3", "1", "1")
    open_question, logged = step(phone), count(phone.bot, t.answers, t.answers.c.member.is_not(None))
    home = other(phone, "+13175550177")
    home.texts("hello", "3", *DANIEL)
    assert open_question == step(home)
    assert phone.question() == home.question(), "the run is the member's, whatever the phone"
    assert logged == count(phone.bot, t.answers, t.answers.c.member.is_not(None))
    home.text("1")
    moved_on = step(home)
    assert open_question != moved_on
    phone.text("REPEAT")
    assert moved_on == step(phone), "the first phone follows"
    assert 1 == count(phone.bot, t.screenings)


def test_an_answer_given_on_the_other_phone_meanwhile_is_not_given_twice(phone: Phone) -> None:
    phone.texts(*TO_SCREENING, *DANIEL)
    home = other(phone, "+13175550177")
    home.texts("hello", "3", *DANIEL)
    assert phone.question() == home.question()
    answered = step(home)
    home.text("2")
    phone.text("3")
    assert ["value"] == [row.status for row in rows(phone.bot, t.answers, t.answers.c.question == answered)]
    assert 1 == count(phone.bot, t.screenings)
    assert phone.question() == phone.question_from_the_log()
    assert home.question() == home.question_from_the_log()


# --- edited content --------------------------------------------------------------------------------------------------


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "flows", tmp_path / "flows"))


@pytest.fixture
def edited(
    tmp_path: Path, redis_url: str, sample: Path, clock: Clock, flows: Path
) -> Iterator[tuple[Bot, Callable[[], None]]]:
    """A bot on content of its own, and how to have it look at the files again."""
    redis.Redis.from_url(redis_url).flushall()
    folder = ContentFolder(flows, every=0.0)
    with bot_on(tmp_path / "data", redis_url, clock, sample) as bot:
        yield replace(bot, content=folder), lambda: _reload(folder)


def _reload(folder: ContentFolder) -> None:
    digest = folder.current.digest
    assert () == folder.problems, folder.problems
    assert digest == folder.current.digest


def form(flows: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    file = flows / "questionnaires" / "hns-adult.json"
    document = json.loads(file.read_text("utf-8"))
    change(document["item"])
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1), "utf-8")


def place(items: list[dict[str, Any]], link: str) -> tuple[list[dict[str, Any]], int]:
    """The list that holds the item, and where in it."""
    for index, item in enumerate(items):
        if item["linkId"] == link:
            return items, index
        try:
            return place(item.get("item", []), link)
        except KeyError:
            continue
    raise KeyError(link)


def add_before(link: str, new: str) -> Callable[[list[dict[str, Any]]], None]:
    def change(items: list[dict[str, Any]]) -> None:
        where, index = place(items, link)
        question = json.loads(json.dumps(where[index]))
        question["linkId"] = new
        question.pop("enableWhen", None)
        where.insert(index, question)

    return change


def remove(link: str) -> Callable[[list[dict[str, Any]]], None]:
    def change(items: list[dict[str, Any]]) -> None:
        where, index = place(items, link)
        del where[index]

    return change


def test_a_question_added_behind_us_is_asked_next_and_no_answer_is_lost(
    edited: tuple[Bot, Callable[[], None]], flows: Path, clock: Clock
) -> None:
    bot, reload = edited
    phone = Phone(bot, clock)
    phone.texts(*TO_SCREENING, *DANIEL, "3", "1", "1")
    before, at_first = step(phone), [tuple(row) for row in rows(bot, t.answers)]
    form(flows, add_before("a-er", "a-er-new"))
    reload()
    assert "a_er_new" == step(phone)
    phone.text("hello")
    phone.text("2")
    assert before == step(phone), "on from where we were"
    assert at_first == [tuple(row) for row in rows(bot, t.answers)][: len(at_first)]
    assert {"a-health", "a-checkup", "a-er", "a-er-new"} <= answers_of(responses(bot)[0]).keys()
    assert phone.question() == phone.question_from_the_log()


def test_a_question_taken_away_while_it_is_open_is_passed(
    edited: tuple[Bot, Callable[[], None]], flows: Path, clock: Clock
) -> None:
    bot, reload = edited
    phone = Phone(bot, clock)
    phone.texts(*TO_SCREENING, *DANIEL, "3")
    assert "a_checkup" == step(phone)
    form(flows, remove("a-checkup"))
    reload()
    assert "a_er" == step(phone)
    reply = phone.text("1")
    assert reply is not None and "ER" in reply
    assert "a_er" == step(phone), "an answer to what is no longer asked answers nothing"
    phone.text("1")
    assert {"a-health", "a-er"} == answers_of(responses(bot)[0]).keys()


def test_an_answered_question_taken_away_stays_in_the_log(
    edited: tuple[Bot, Callable[[], None]], flows: Path, clock: Clock
) -> None:
    bot, reload = edited
    phone = Phone(bot, clock)
    phone.texts(*TO_SCREENING, *DANIEL, "3", "1")
    form(flows, remove("a-checkup"))
    reload()
    assert "a_er" == step(phone)
    phone.texts("1", "1")
    kept = rows(bot, t.answers, t.answers.c.question == "a_checkup")
    assert ["value"] == [row.status for row in kept]
    assert phone.question() == phone.question_from_the_log()


# --- finished elsewhere ----------------------------------------------------------------------------------------------


def import_steps(bot: Bot, tmp_path: Path, *lines: str) -> int:
    file = tmp_path / "steps.csv"
    file.write_text("\n".join(["member_id,step,completed_on,source", *lines]) + "\n")
    plans = bot.content.current.plans
    return import_completions(bot.records, bot.vault, plans, file, now=bot.clock()).rewards_granted


def test_steps_finished_elsewhere_count_and_the_import_grants_the_reward(phone: Phone, tmp_path: Path) -> None:
    phone.texts("hi", "1", *DANIEL, "mail", "yes")
    assert 0 == count(phone.bot, t.rewards)
    lines = ("999900000011,pmp,2027-02-01,portal", "999900000011,screening,2027-02-01,phone")
    assert 1 == import_steps(phone.bot, tmp_path, *lines)
    (reward,) = rows(phone.bot, t.rewards)
    cited = rows(phone.bot, t.completions, t.completions.c.id.in_(json.loads(reward.completions)))
    assert {("preference", "carestart"), ("pmp", "portal"), ("screening", "phone")} == {
        (row.step, row.source) for row in cited
    }
    assert 3000 == reward.cents
    assert 0 == import_steps(phone.bot, tmp_path, *lines), "the same file again"
    told = phone.texts("MENU", "progress")
    assert told is not None and "earned" in told
    assert 1 == count(phone.bot, t.rewards)


def test_what_was_finished_elsewhere_is_not_offered_again(phone: Phone, tmp_path: Path) -> None:
    import_steps(phone.bot, tmp_path, "999900000011,preference,2027-02-01,portal", "999900000011,pmp,2027-02-01,phone")
    told = phone.texts("hi", "4", *DANIEL)
    assert told is not None
    assert "health screening" in told.splitlines()[-1]


def test_the_daily_look_grants_when_benefits_begin(phone: Phone, tmp_path: Path) -> None:
    lines = [f"{HELEN[0]},{one},2027-02-01,portal" for one in ("preference", "pmp", "screening")]
    assert 0 == import_steps(phone.bot, tmp_path, *lines)
    plans = phone.bot.content.current.plans
    assert 0 == rewards.reevaluate_all(phone.bot.records, plans, at("2034-12-31T12:00"))
    assert 1 == rewards.reevaluate_all(phone.bot.records, plans, at("2035-01-01T12:00"))
    assert 0 == rewards.reevaluate_all(phone.bot.records, plans, at("2035-01-02T12:00"))
    assert [2035] == [row.programme_year for row in rows(phone.bot, t.rewards)]


# --- the reward ------------------------------------------------------------------------------------------------------


def all_steps(phone: Phone) -> None:
    for turn in script("check_progress/reward.en").turns[:-2]:
        phone.text(turn.words)


def daniels(phone: Phone) -> Phone:
    return other(phone, "+13175550110")


def test_changing_the_preference_later_is_a_second_row_and_no_second_reward(phone: Phone) -> None:
    phone = daniels(phone)
    all_steps(phone)
    assert 1 == count(phone.bot, t.rewards)
    phone.texts("MENU", "1", "text", "yes")
    assert ["mail", "text"] == [row.channel for row in rows(phone.bot, t.preferences)]
    assert 1 == count(phone.bot, t.rewards)
    assert 0 == rewards.reevaluate_all(phone.bot.records, phone.bot.content.current.plans, phone.clock())
    assert ["text_messages"] == [row.kind for row in rows(phone.bot, t.consents)]


def test_a_new_programme_year_needs_three_new_steps(phone: Phone, tmp_path: Path) -> None:
    phone = daniels(phone)
    all_steps(phone)
    phone.clock.now = at("2028-01-10T16:00")
    plans = phone.bot.content.current.plans
    assert 0 == rewards.reevaluate_all(phone.bot.records, plans, phone.clock())
    told = phone.texts("progress", "4/23/1979")
    assert told is not None and "earned" not in told
    for one in ("preference", "pmp", "screening"):
        assert 1 == count(phone.bot, t.rewards)
        granted = import_steps(phone.bot, tmp_path, f"999900000011,{one},2028-01-10,portal")
        assert (one == "screening") == bool(granted)
    assert [2027, 2028] == [row.programme_year for row in rows(phone.bot, t.rewards)]


# --- BACK and SKIP ---------------------------------------------------------------------------------------------------

SENT = ("2", "1", "1", "1", "1 4", "1")  # the first questions of the screening


def test_back_to_the_first_question_and_forward_again_gives_the_same_record(phone: Phone) -> None:
    phone.texts(*TO_SCREENING, *DANIEL)
    first, asked = phone.question(), list[str]()
    for words in SENT:
        asked.append(phone.question())
        phone.text(words)
    straight = answers_of(responses(phone.bot)[0])
    end = phone.question()
    for question in reversed(asked):
        phone.text("BACK")
        assert question == phone.question()
    assert first == phone.question()
    phone.text("BACK")
    assert first == phone.question(), "never behind what has been recorded"
    assert {} == answers_of(responses(phone.bot)[0])
    phone.texts(*SENT)
    assert end == phone.question()
    assert straight == answers_of(responses(phone.bot)[0])
    assert 1 == count(phone.bot, t.screenings)


@pytest.mark.slow
def test_back_across_the_whole_screening_and_forward_again_hands_in_the_same(phone: Phone) -> None:
    turns = [turn.words for turn in script("do_screening/man.en").turns]
    phone = other(phone, "+13175550110")
    phone.texts(*turns[:5])
    first, asked, given = phone.question(), [], []
    for words in turns[5:]:
        if step(phone) == "review":
            break
        asked.append(phone.question())
        given.append(words)
        phone.text(words)
    assert "review" == step(phone)
    whole = answers_of(responses(phone.bot)[0])
    while phone.question() != first:
        was = phone.question()
        phone.text("BACK")
        assert was != phone.question()
    assert {} == answers_of(responses(phone.bot)[0])
    phone.texts(*given)
    assert "review" == step(phone)
    assert whole == answers_of(responses(phone.bot)[0])
    phone.text("yes")
    assert {"completed"} == {row.status for row in rows(phone.bot, t.screenings)}
    assert 1 == count(phone.bot, t.completions, t.completions.c.step == "screening")


@pytest.mark.slow
def test_skipping_everything_that_may_be_skipped_completes_and_earns(phone: Phone, tmp_path: Path) -> None:
    steps = ("999900000011,preference,2027-02-01,portal", "999900000011,pmp,2027-02-01,portal")
    import_steps(phone.bot, tmp_path, *steps)
    phone.texts(*TO_SCREENING, *DANIEL)
    for _ in range(60):
        if step(phone) == "review":
            break
        was = phone.question()
        phone.text("SKIP")
        if phone.question() == was:  # the form does not let this one be skipped
            phone.text("1")
        assert was != phone.question()
    told = phone.text("yes")
    assert told is not None and "earned" in told
    statuses = {row.status for row in rows(phone.bot, t.answers, t.answers.c.flow == "hns_adult")}
    assert statuses <= {"declined", "value", "done"} and "declined" in statuses
    assert [3000] == [row.cents for row in rows(phone.bot, t.rewards)]


# --- opt-out ---------------------------------------------------------------------------------------------------------

OHIO = "+16145550100"


def test_stop_on_one_of_our_numbers_silences_the_other_and_start_opens_both(phone: Phone) -> None:
    elsewhere = other(phone, phone.number, OHIO)
    assert phone.text("hi") is not None
    assert elsewhere.text("hi") is not None
    phone.text("STOP")
    assert elsewhere.text("1") is None
    assert phone.text("1") is None
    assert 1 == count(phone.bot, t.opt_outs)
    assert phone.text("START") is not None
    assert elsewhere.text("MENU") is not None, "an opt-in is global too"
    assert phone.text("MENU") is not None


def test_start_on_the_other_number_opens_the_one_that_was_stopped(phone: Phone) -> None:
    elsewhere = other(phone, phone.number, OHIO)
    phone.texts("hi", "STOP")
    elsewhere.text("hi")
    assert elsewhere.text("START") is not None
    assert 0 == count(phone.bot, t.opt_outs)
    assert phone.text("MENU") is not None


@pytest.mark.parametrize(
    ("mode", "words", "twilio", "speaks"),
    [
        ("default", "STOP", "", False),  # Twilio answers its own keywords and says nothing to us of it
        ("default", "stop", "", False),
        ("default", "STOP", "STOP", False),
        ("default", "please stop texting me", "", True),  # its keywords only when they stand alone
        ("default", "no más mensajes", "", True),
        ("advanced", "STOP", "STOP", False),  # what it answered it tells us
        ("advanced", "alto", "STOP", False),  # a keyword the plan set up there
        ("advanced", "STOP", "", True),
        ("advanced", "please stop texting me", "", True),
        ("self", "STOP", "", True),
        ("self", "STOP", "STOP", True),
    ],
)
def test_an_opt_out_is_confirmed_once_by_twilio_or_by_us(
    tmp_path: Path, redis_url: str, sample: Path, clock: Clock, mode: str, words: str, twilio: str, speaks: bool
) -> None:
    redis.Redis.from_url(redis_url).flushall()
    known = {"public_base_url": BASE, "twilio_account_sid": ACCOUNT, "twilio_auth_token": Secret(TOKEN)}
    with bot_on(tmp_path / "data", redis_url, clock, sample, twilio_opt_out=mode, **known) as bot:
        phone = Phone(bot, clock)
        phone.text("hi")
        assert speaks == (phone.text(words, opt_out_type=twilio) is not None)
        assert 1 == count(bot, t.opt_outs), "whoever answers, it is recorded"
        assert phone.text("hello?") is None
        helped = phone.text("START", opt_out_type="START" if twilio else "")
        assert 0 == count(bot, t.opt_outs)
        assert helped is not None, "the question is open again"
        spoke_help = phone.text("HELP", opt_out_type="HELP" if twilio else "")
        if mode == "self" or (mode == "advanced" and not twilio):
            assert spoke_help is not None
        else:
            assert spoke_help is None


# --- eighteen --------------------------------------------------------------------------------------------------------


def test_turning_eighteen_between_two_texts_ends_the_parents_access(phone: Phone) -> None:
    phone.clock.now = at("2030-03-01T17:00")  # Maya is 17 until tomorrow
    mother = other(phone, "+13175550125")
    told = mother.texts("hi", "3", *MAYA, "yes", "Denise Brooks")
    assert told is not None and "Maya" in told
    mother.text("2")
    answered = count(mother.bot, t.answers, t.answers.c.member.is_not(None))
    mother.clock.now = at("2030-03-02T17:00")
    replies = [mother.text(words) for words in ("2", "1", "REPEAT", "MENU", "3", "3/2/2012", "progress", "BACK")]
    assert not any("Maya" in (reply or "") for reply in replies), replies
    assert answered == count(mother.bot, t.answers, t.answers.c.member.is_not(None))


# --- two children ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("redis_forgets", [False, True])
def test_a_parent_goes_back_and_forth_between_two_screenings(phone: Phone, redis_url: str, redis_forgets: bool) -> None:
    """Each child's answers stay with that child, and each goes on where it stood."""
    phone.texts("hi", "3", *ANGELA, "Noah", "2", "1")
    noahs = phone.question()
    phone.texts("MENU", "someone else", "Lily")
    phone.texts("MENU", "3", "2", "1", "1")
    lilys = phone.question()
    assert noahs != lilys
    for _ in range(2):
        for name, was in (("Noah", noahs), ("Lily", lilys)):
            phone.texts("MENU", "someone else", name, "MENU")
            if redis_forgets:
                redis.Redis.from_url(redis_url).flushall()
            phone.text("3")
            assert was == phone.question() == phone.question_from_the_log(), name
    lilys_log = len(rows(phone.bot, t.answers, t.answers.c.member == member(phone.bot, "999900000016")))
    phone.texts("MENU", "someone else", "Noah", "MENU", "3")
    if redis_forgets:
        redis.Redis.from_url(redis_url).flushall()
    phone.text("1")
    assert noahs != phone.question() == phone.question_from_the_log()
    assert lilys_log == len(rows(phone.bot, t.answers, t.answers.c.member == member(phone.bot, "999900000016")))
    assert 2 == count(phone.bot, t.screenings)


# --- consent ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "answers"),
    [(DANIEL, ("text", "yes")), (DANIEL, ("ESPANOL", "texto", "sí")), (ANGELA, ("Lily", "text", "yes"))],
)
def test_the_wording_kept_of_a_consent_is_the_one_that_was_shown(
    phone: Phone, who: tuple[str, ...], answers: tuple[str, ...]
) -> None:
    phone.texts("hi", "1", *who, *answers[:-1])
    shown = phone.said[-1][1]
    phone.text(answers[-1])
    (consent,) = rows(phone.bot, t.consents)
    assert shown == phone.bot.vault.open(consent.wording_sealed, "consents.wording").decode()
