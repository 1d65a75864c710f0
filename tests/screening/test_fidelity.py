"""The forms ask exactly what the domain page lists. The tables below were written from that page by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from bot.flow import Collect, Noop
from bot.questionnaire import slot_name
from tests.screening.conftest import Compiled

FREQUENCY = "LA6568-5 LA6569-3 LA6570-1 LA6571-9"
HOW_OFTEN = "LA6270-8 LA26460-8 LA18876-5 LA18891-4 LA18934-2"
YES_NO = "LA33-6 LA32-8"
HOUSING = "LA31993-1 LA31994-9 LA31995-6"
TRUE = "LA28397-0 LA6729-3 LA28398-8"
PREGNANT = 'slots.a_preg = "pregnant"'
HAD_BABY = 'slots.a_preg = "had_baby"'


class Row(NamedTuple):
    options: int
    loinc: str = ""  # of the question; empty: local
    codes: str = ""  # LOINC answer codes in order, "-" for a local one; empty: all local
    when: str = ""
    type: str = "choice"
    repeats: bool = False


ADULT = {
    "a-health": Row(5),
    "a-checkup": Row(4),
    "a-er": Row(4),
    "a-hosp": Row(3),
    "a-cond": Row(10, repeats=True),
    "a-cond-other": Row(0, type="string", when='slots.a_cond contains "other"'),
    "a-meds": Row(4),
    "a-meds-trouble": Row(2, codes=YES_NO, when='not (slots.a_meds = "none")'),
    "a-planned": Row(2, codes=YES_NO),
    "a-preg": Row(
        4,
        "82810-3",
        "LA26683-5 LA15173-0 - LA4489-6",
        'slots.person_sex = "F" and slots.person_age >= 12 and slots.person_age <= 55',
    ),
    "p-due": Row(0, "11778-8", type="date", when=PREGNANT),
    "p-visit": Row(2, codes=YES_NO, when=PREGNANT),
    "p-past": Row(7, when=PREGNANT, repeats=True),
    "p-multi": Row(3, when=PREGNANT),
    "p-wic": Row(2, codes=YES_NO, when=f"{PREGNANT} or {HAD_BABY}"),
    "p-post": Row(2, codes=YES_NO, when=HAD_BABY),
    "a-phq1": Row(4, "44250-9", FREQUENCY),
    "a-phq2": Row(4, "44255-8", FREQUENCY),
    "a-gad1": Row(4, "69725-0", FREQUENCY),
    "a-gad2": Row(4, "68509-9", FREQUENCY),
    "a-tobacco": Row(3),
    "a-alcohol": Row(5, "68517-2", HOW_OFTEN),
    "a-drugs": Row(5, codes=HOW_OFTEN),
    "a-housing": Row(3, "71802-3", HOUSING),
    "a-food1": Row(3, "88122-7", TRUE),
    "a-food2": Row(3, "88123-5", TRUE),
    "a-ride": Row(2, "93030-5", YES_NO),
    "a-utility": Row(3, "96779-4", f"{YES_NO} LA32002-0"),
    "a-adl": Row(4, "96781-0", "LA31976-6 LA31977-4 LA31978-2 LA31979-0"),
    "a-access": Row(5, repeats=True),
    "a-cm": Row(2, codes=YES_NO),
}
CHILD = {
    "c-health": Row(5),
    "c-checkup": Row(4),
    "c-shots": Row(3),
    "c-er-hosp": Row(4),
    "c-cond": Row(10, repeats=True),
    "c-cond-other": Row(0, type="string", when='slots.c_cond contains "other"'),
    "c-meds": Row(2, codes=YES_NO),
    "c-more": Row(2, codes=YES_NO),
    "c-grow": Row(2, codes=YES_NO, when="slots.person_age >= 0 and slots.person_age <= 5"),
    "c-mood": Row(2, codes=YES_NO, when="slots.person_age >= 6 and slots.person_age <= 17"),
    "c-lead": Row(3, when="slots.person_age >= 1 and slots.person_age <= 5"),
    "c-dentist": Row(4, when="slots.person_age >= 1"),
    "c-smoke": Row(2, codes=YES_NO),
    "c-housing": Row(3, "71802-3", HOUSING),
    "c-food1": Row(3, "88122-7", TRUE),
    "c-food2": Row(3, "88123-5", TRUE, when='slots.c_food1 = "never"'),
    "c-ride": Row(2, codes=YES_NO),
    "c-cm": Row(2, codes=YES_NO),
}
TABLE = {"adult": ADULT, "child": CHILD}
CASES = [(form, link) for form, rows in TABLE.items() for link in rows]
LAST = {"adult": "a-cm", "child": "c-cm"}
EXCLUSIVE = {"a-cond": "0", "p-past": "0", "c-cond": "0", "a-access": "1"}
SENSITIVE = {"a-preg", "a-phq1", "a-phq2", "a-gad1", "a-gad2", "a-alcohol", "a-drugs"}

Forms = Mapping[str, dict[str, Any]]


def items(element: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in element.get("item", ()):
        yield item
        yield from items(item)


def collects(compiled: Compiled) -> dict[str, Collect]:
    return {step.id: step for step in compiled[0].steps if isinstance(step, Collect)}


def item_of(forms: Forms, form: str, link: str) -> Mapping[str, Any]:
    return next(item for item in items(forms[form]) if item["linkId"] == link)


@pytest.mark.parametrize("form", TABLE)
def test_the_questions_are_those_of_the_page_in_its_order(compiled: Mapping[str, Compiled], form: str) -> None:
    assert [slot_name(link) for link in TABLE[form]] == list(collects(compiled[form]))


def test_the_page_has_25_adult_6_pregnancy_and_18_child_entries(forms: Forms) -> None:
    adult = [link for link in [*ADULT, "a-mood"] if link.startswith("a-")]
    pregnancy = [link for link in ADULT if link.startswith("p-")]
    assert (26, 6, 18) == (len(adult), len(pregnancy), len(CHILD))  # 25 questions and the stem a-mood


@pytest.mark.parametrize(("form", "link"), CASES)
def test_a_question_has_the_type_options_and_codes_of_the_page(forms: Forms, form: str, link: str) -> None:
    row, item = TABLE[form][link], item_of(forms, form, link)
    codings = [option["valueCoding"] for option in item.get("answerOption", ())]
    codes = " ".join(coding["code"] if coding["system"] == "http://loinc.org" else "-" for coding in codings)
    assert (row.type, row.repeats, row.options) == (item["type"], item.get("repeats", False), len(codings))
    assert (row.codes or " ".join("-" * row.options)) == codes
    [code] = item["code"]
    expected = ("http://loinc.org", row.loinc) if row.loinc else (codings_system(item), link)
    assert expected == (code["system"], code["code"])


def codings_system(item: Mapping[str, Any]) -> str:
    system: str = item["code"][0]["system"]
    assert system.startswith("https://carestart.example/")
    return system


@pytest.mark.parametrize(("form", "link"), CASES)
def test_a_question_is_asked_when_the_page_says(compiled: Mapping[str, Compiled], form: str, link: str) -> None:
    steps = {step.id: step for step in compiled[form][0].steps}
    gate = steps.get(f"if_{slot_name(link)}")
    assert TABLE[form][link].when == (gate.next[0].condition if isinstance(gate, Noop) else "")


@pytest.mark.parametrize(("form", "link"), CASES)
def test_every_question_but_the_last_may_be_skipped(compiled: Mapping[str, Compiled], form: str, link: str) -> None:
    assert (link != LAST[form]) is collects(compiled[form])[slot_name(link)].skippable


@pytest.mark.parametrize(("form", "link"), CASES)
def test_only_none_of_these_excludes_the_others(compiled: Mapping[str, Compiled], form: str, link: str) -> None:
    options = collects(compiled[form])[slot_name(link)].options
    assert ([EXCLUSIVE[link]] if link in EXCLUSIVE else []) == [o.key for o in options if o.exclusive]
    start = 0 if EXCLUSIVE.get(link) == "0" else 1
    assert [str(start + position) for position in range(len(options))] == [option.key for option in options]


@pytest.mark.parametrize("link", ["a-phq1", "a-phq2", "a-gad1", "a-gad2"])
def test_mood_answers_score_0_to_3(forms: Forms, link: str) -> None:
    url = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
    codings = [option["valueCoding"] for option in item_of(forms, "adult", link)["answerOption"]]
    scores = [extension["valueDecimal"] for c in codings for extension in c["extension"] if extension["url"] == url]
    assert [0, 1, 2, 3] == scores


def test_the_stem_of_the_mood_questions_is_the_published_one(forms: Forms) -> None:
    stem = item_of(forms, "adult", "a-mood")
    assert "display" == stem["type"]
    assert "code" not in stem, "R4 has none for an item that is only displayed (que-3)"
    assert stem["text"].startswith("Over the last 2 weeks, how often have you been bothered by any")


@pytest.mark.parametrize("link", sorted(SENSITIVE))
def test_a_private_question_is_led_in_by_the_privacy_notice(compiled: Mapping[str, Compiled], link: str) -> None:
    question = collects(compiled["adult"])[slot_name(link)]
    heard, read = compiled["adult"][1][question.lead]
    assert question.sensitive
    assert read.text["en"].startswith("The next questions are private. Reply SKIP to any.")
    assert "SALTAR" in read.text["es"]
    assert ("twilio_voice", "") == (heard.channel, read.channel)
    assert heard.text["en"].startswith("The next questions are private. Say skip to pass on any.")
    assert "Diga saltar" in heard.text["es"]


def test_nothing_else_is_marked_private_but_the_pregnancy_branch(compiled: Mapping[str, Compiled]) -> None:
    marked = {slot for name in TABLE for slot, question in collects(compiled[name]).items() if question.sensitive}
    assert {slot_name(link) for link in SENSITIVE} == {slot for slot in marked if not slot.startswith("p_")}


def test_the_child_form_asks_a_parent_nothing_about_pregnancy_drugs_or_sex(forms: Forms) -> None:
    said = " ".join(item["text"].lower() for item in items(forms["child"]))
    assert not {word for word in ("pregnan", "alcohol", "street drugs", "sex") if word in said}


@pytest.mark.parametrize("form", TABLE)
def test_a_form_says_that_it_is_a_draft_and_credits_loinc(forms: Forms, form: str) -> None:
    assert "draft" == forms[form]["status"]
    assert "draft, not state approved" in forms[form]["title"]
    assert f"hns_{form}" == forms[form]["name"]
    assert "This material contains content from LOINC (http://loinc.org)" in forms[form]["copyright"]
