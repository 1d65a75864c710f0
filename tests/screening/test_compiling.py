"""A form becomes a flow that asks the right questions of the right person; what cannot be run is refused by name."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conditions import compile_condition
from bot.flow import END, Collect, Flow, Noop
from bot.form import OURS
from bot.questionnaire import QuestionnaireRefused, compile_questionnaire, enabled_questions, slot_name
from tests.screening.conftest import Compiled, read_form_file

MAN = {"person_sex": "M", "person_age": 40.0}
WOMAN = {"person_sex": "F", "person_age": 30.0}
PREGNANT = WOMAN | {"a_preg": "pregnant"}
NO_EXTRA = {"a_cond": ("none",), "a_meds": "none"}
ALL_EXTRA = {"a_cond": ("asthma", "other"), "a_meds": "one_to_three"}


def count(compiled: Mapping[str, Compiled], form: str, slots: Mapping[str, Any]) -> int:
    return len(enabled_questions(compiled[form][0], slots))


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        (MAN | NO_EXTRA, 22),
        (MAN | ALL_EXTRA, 24),
        (WOMAN | {"a_preg": "no"} | NO_EXTRA, 23),
        (WOMAN | {"a_preg": "not_sure"} | ALL_EXTRA, 25),
        ({"person_sex": "F", "person_age": 56.0} | NO_EXTRA, 22),
        ({"person_sex": "F", "person_age": 55.0} | NO_EXTRA, 23),
        (PREGNANT | NO_EXTRA, 23 + 5),
        (WOMAN | {"a_preg": "had_baby"} | NO_EXTRA, 23 + 2),
    ],
)
def test_an_adult_is_asked_as_many_questions_as_the_page_says(
    compiled: Mapping[str, Compiled], slots: Mapping[str, Any], expected: int
) -> None:
    assert expected == count(compiled, "adult", slots)


@pytest.mark.parametrize(
    ("age", "fewest", "most"), [(0.0, 13, 15), (1.0, 15, 17), (5.0, 15, 17), (6.0, 14, 16), (17.0, 14, 16)]
)
def test_a_parent_is_asked_13_to_17_questions_by_the_age_of_the_child(
    compiled: Mapping[str, Compiled], age: float, fewest: int, most: int
) -> None:
    short = {"person_age": age, "c_cond": ("none",), "c_food1": "often"}
    assert fewest == count(compiled, "child", short)
    assert most == count(compiled, "child", short | {"c_cond": ["other"], "c_food1": "never"})


def test_before_any_answer_the_count_assumes_what_can_be_known(compiled: Mapping[str, Compiled]) -> None:
    """`a-meds != none` holds without an answer, as FHIR has it."""
    assert 23 == count(compiled, "adult", MAN)


def test_a_declined_answer_counts_as_no_answer(compiled: Mapping[str, Compiled]) -> None:
    asked = enabled_questions(compiled["adult"][0], WOMAN | {"a_preg": None, "a_cond": None, "a_meds": None})
    assert "a_meds_trouble" in asked
    assert not {"p_due", "p_wic", "a_cond_other"} & set(asked)


def test_an_answer_left_over_from_a_question_that_no_longer_holds_opens_nothing(
    compiled: Mapping[str, Compiled],
) -> None:
    assert not [
        slot for slot in enabled_questions(compiled["adult"][0], MAN | {"a_preg": "pregnant"}) if slot[0] == "p"
    ]


def test_slots_of_the_wrong_type_open_nothing_and_raise_nothing(compiled: Mapping[str, Compiled]) -> None:
    asked = enabled_questions(compiled["adult"][0], {"person_sex": 1, "person_age": "30", "a_cond": True})
    assert not {"a_preg", "a_cond_other"} & set(asked)


OPENS: Mapping[str, Mapping[str, Any]] = {
    "a_cond_other": {"a_cond": ["other"]},
    "a_meds_trouble": {"a_meds": "one_to_three"},
    "a_preg": WOMAN,
    **{f"p_{name}": PREGNANT for name in ("due", "visit", "past", "multi", "wic")},
    "p_post": WOMAN | {"a_preg": "had_baby"},
    "c_cond_other": {"c_cond": ("other", "asthma")},
    "c_grow": {"person_age": 5.0},
    "c_mood": {"person_age": 6.0},
    "c_lead": {"person_age": 1.0},
    "c_dentist": {"person_age": 1.0},
    "c_food2": {"c_food1": "never"},
}
SHUTS: Mapping[str, Mapping[str, Any]] = {"a_meds_trouble": {"a_meds": "none"}}


@pytest.mark.parametrize("form", ["adult", "child"])
def test_every_branch_is_taken_by_someone_and_passed_by_someone(compiled: Mapping[str, Compiled], form: str) -> None:
    gates = [step for step in compiled[form][0].steps if isinstance(step, Noop)]
    assert gates
    for gate in gates:
        when = gate.next[0].when
        assert when is not None
        assert when(OPENS[gate.next[0].then]), gate.id
        assert not when(SHUTS.get(gate.next[0].then, {})), gate.id


@pytest.mark.parametrize("form", ["adult", "child"])
def test_every_step_leads_forward_to_a_step_or_the_end(compiled: Mapping[str, Compiled], form: str) -> None:
    steps = compiled[form][0].steps
    places = {step.id: place for place, step in enumerate(steps)} | {END: len(steps)}
    for place, step in enumerate(steps):
        assert isinstance(step, Collect | Noop)
        assert all(places[branch.then] > place for branch in step.next), step.id
        assert step.next[-1].when is None


VALUES = st.sampled_from([None, "yes", "no", "none", "never", "often", "other", "pregnant", "had_baby", "not_sure"])
LISTS = st.none() | st.lists(st.sampled_from(["other", "none", "asthma"]), max_size=3)


@given(
    st.fixed_dictionaries(
        {
            "a_cond": LISTS,
            "c_cond": LISTS,
            "a_meds": VALUES,
            "a_preg": VALUES,
            "c_food1": VALUES,
            "person_age": st.none() | st.integers(12, 55).map(float),
            "person_sex": st.just("F"),
        }
    )
)
def test_what_a_branch_says_of_itself_is_what_it_does(slots: dict[str, Any]) -> None:
    """The condition in words means the same to the language of the flows as the function means to the engine."""
    if slots["person_age"] is None:
        slots["a_preg"] = None  # not asked, so not answered
    for name in ("adult", "child"):
        flow = compile_questionnaire(read_form_file(f"hns-{name}.json"), name)[0]
        for branch in (gate.next[0] for gate in flow.steps if isinstance(gate, Noop)):
            assert branch.when is not None
            assert compile_condition(branch.condition)(slots) is branch.when(slots), branch.condition


def test_the_flow_is_about_the_member_and_names_its_form(compiled: Mapping[str, Compiled]) -> None:
    flow = compiled["adult"][0]
    assert ("hns_adult", True) == (flow.id, flow.about_member)
    assert "https://carestart.example/fhir/Questionnaire/hns-adult|0.1.0" == flow.questionnaire


def test_the_stem_leads_every_mood_question_and_only_those(compiled: Mapping[str, Compiled]) -> None:
    led = {s.slot for s in compiled["adult"][0].steps if isinstance(s, Collect) and s.lead == "utter_a_mood"}
    assert {"a_phq1", "a_phq2", "a_gad1", "a_gad2"} == led


def test_slots_have_the_type_of_their_question_and_the_persons_are_left_to_the_engine(
    compiled: Mapping[str, Compiled],
) -> None:
    slots = compiled["adult"][2]
    assert ("categorical", ("excellent", "very_good", "good", "fair", "poor")) == (
        slots["a_health"].type,
        slots["a_health"].values,
    )
    assert ("list", "text", "text") == (slots["a_cond"].type, slots["a_cond_other"].type, slots["p_due"].type)
    assert not {"person_sex", "person_age"} & slots.keys()


def test_an_answer_may_be_given_in_other_words(compiled: Mapping[str, Compiled]) -> None:
    asked = compiled["adult"][1]["utter_ask_a_cond"][-1]
    assert {"hypertension", "hipertensión"} <= set(
        next(option for option in asked.buttons if option.value == "high_blood_pressure").synonyms
    )


def test_a_link_id_of_any_form_becomes_a_slot() -> None:
    assert ("a_phq1", "q_1_2", "q_71802_3") == (slot_name("a-phq1"), slot_name("1.2"), slot_name("/71802-3"))


# --- small forms


def text(link: str, **more: Any) -> dict[str, Any]:
    return {"linkId": link, "text": link.title(), "type": "string", **more}


def option(code: str, **more: Any) -> dict[str, Any]:
    return {"valueCoding": {"system": "urn:x", "code": code, "display": code.title()}, **more}


def choice(link: str, *codes: str, **more: Any) -> dict[str, Any]:
    return {"linkId": link, "text": link, "type": "choice", "answerOption": [option(code) for code in codes], **more}


def form(*items: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {
        "resourceType": "Questionnaire",
        "url": "urn:form",
        "version": "1",
        "name": "small",
        "title": "Small",
        "status": "active",
        "item": list(items),
        **head,
    }


def when(question: str, operator: str = "=", **answer: Any) -> dict[str, Any]:
    return {"enableWhen": [{"question": question, "operator": operator, **answer}]}


def flow_of(*items: dict[str, Any]) -> Flow:
    return compile_questionnaire(form(*items), "small.json")[0]


GREEN: dict[str, Any] = {"answerCoding": {"system": "urn:x", "code": "green"}}


@pytest.mark.parametrize(
    ("first", "condition", "opens", "shuts"),
    [
        (choice("a", "green", "red"), when("a", **GREEN), "green", "red"),
        (choice("a", "green", "red"), when("a", "!=", **GREEN), "red", "green"),
        (choice("a", "green", "red", repeats=True), when("a", "!=", **GREEN), ["red"], ["red", "green"]),
        (choice("a", "green", "red"), when("a", "exists", answerBoolean=True), "red", None),
        (choice("a", "green", "red"), when("a", "exists", answerBoolean=False), None, "red"),
        (text("a", type="decimal"), when("a", ">", answerDecimal=2.5), 3, 2.5),
        (text("a", type="decimal"), when("a", "<=", answerDecimal=2.5), 2.5, 3),
        (text("a", type="date"), when("a", "<", answerDate="2027-01-01"), "2026-12-31", "2027-01-01"),
        (text("a", type="boolean"), when("a", answerBoolean=True), True, False),
        (text("a", type="boolean"), when("a", answerBoolean=False), False, None),
        (text("a"), when("a", answerString="x"), "x", "y"),
    ],
)
def test_each_operator_means_what_fhir_says(
    first: dict[str, Any], condition: dict[str, Any], opens: Any, shuts: Any
) -> None:
    flow = flow_of(first, text("b", **condition))
    assert ["a", "b"] == enabled_questions(flow, {"a": opens})
    assert ["a"] == enabled_questions(flow, {"a": shuts})
    gate = flow.step("if_b")
    assert isinstance(gate, Noop)
    said = compile_condition(gate.next[0].condition)
    assert (True, False) == (said({"a": opens}), said({"a": shuts}))


def test_a_condition_on_a_group_holds_for_everything_in_it() -> None:
    inner = {"linkId": "g2", "type": "group", "item": [text("c", **when("b", answerString="y")), text("d")]}
    group = {"linkId": "g", "type": "group", "item": [text("b"), inner], **when("a", answerString="x")}
    flow = flow_of(text("a"), group, text("e"))
    assert ["a", "e"] == enabled_questions(flow, {"b": "y"})
    assert ["a", "b", "d", "e"] == enabled_questions(flow, {"a": "x"})
    assert ["a", "b", "c", "d", "e"] == enabled_questions(flow, {"a": "x", "b": "y"})


def voiced(link: str, en: str, es: str, **more: Any) -> dict[str, Any]:
    spoken = [{"url": "en", "valueString": en}, {"url": "es", "valueString": es}]
    return text(link, extension=[{"url": f"{OURS}/voice-text", "extension": spoken}], **more)


def test_a_question_with_a_wording_for_calls_says_it_before_the_general_one_and_offers_the_same() -> None:
    asked = {**choice("a", "green", "red"), "extension": voiced("a", "Say it.", "Dígalo.")["extension"]}
    responses = compile_questionnaire(form(asked, text("b")), "small.json")[1]
    heard, read = responses["utter_ask_a"]
    assert ("twilio_voice", {"en": "Say it.", "es": "Dígalo."}) == (heard.channel, heard.text)
    assert ("", {"en": "a"}) == (read.channel, read.text)
    assert ((), ["green", "red"]) == (heard.buttons, [button.value for button in read.buttons])
    assert [""] == [wording.channel for wording in responses["utter_ask_b"]]


def test_a_display_without_a_wording_for_calls_is_heard_as_it_reads() -> None:
    first, second = voiced("d1", "Say skip.", "Diga saltar.", type="display"), text("d2", type="display")
    responses = compile_questionnaire(form(first, second, text("a")), "small.json")[1]
    heard, read = responses["utter_d2"]
    assert ("twilio_voice", "Say skip.\nD2") == (heard.channel, heard.text["en"])
    assert ("", "D1\nD2") == (read.channel, read.text["en"])


def test_displays_lead_only_the_questions_after_them_in_their_group() -> None:
    first, second = text("d1", type="display"), text("d2", type="display")
    group = {"linkId": "g", "type": "group", "item": [text("a"), first, text("b"), second, text("c")]}
    flow, responses, _ = compile_questionnaire(form(group, text("e")), "small.json")
    assert ["", "utter_d1", "utter_d2", ""] == [step.lead for step in flow.steps if isinstance(step, Collect)]
    assert {"en": "D1\nD2"} == responses["utter_d2"][0].text


def test_an_option_prefix_is_its_key_and_takes_no_number_from_the_others() -> None:
    prefix = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionPrefix", "valueString": "0"}
    item = choice("a", "red", answerOption=[option("red"), option("none", extension=[prefix]), option("green")])
    step = flow_of(item).step("a")
    assert isinstance(step, Collect)
    assert [("red", "1"), ("none", "0"), ("green", "2")] == [(o.value, o.key) for o in step.options]


# --- refusals

HIDDEN = [{"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "valueBoolean": True}]
EXPRESSION = [{"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"}]
TWO = [*when("a", answerString="x")["enableWhen"], *when("a", answerString="y")["enableWhen"]]

REFUSED = {
    "no Questionnaire": (form(text("a"), resourceType="Patient"), "not a FHIR Questionnaire"),
    "no version": (form(text("a"), version=""), "lacks version"),
    "no items": (form(), "lacks item"),
    "bad name": (form(text("a"), name="my form"), "cannot be the name of a flow"),
    "unknown status": (form(text("a"), status="weird"), "status 'weird'"),
    "retired": (form(text("a"), status="retired"), "status 'retired'"),
    "unknown type": (form(text("a", type="banana")), "type 'banana'"),
    "open choice": (form(text("a", type="open-choice")), "type 'open-choice'"),
    "no linkId": (form({"text": "x", "type": "string"}), "no usable linkId"),
    "same linkId": (form(text("a"), text("a")), "linkId 'a' is there twice"),
    "same slot": (form(text("a-b"), text("a_b")), "linkId 'a_b' is there twice (as 'a-b')"),
    "no text": (form(text("a", text="")), "has no text"),
    "repeating text": (form(text("a", repeats=True)), "repeats, which only a choice can"),
    "visible integer": (form(text("a", type="integer")), "is an integer"),
    "nested question": (form(text("a", item=[text("b")])), "items under it"),
    "empty group": (form({"linkId": "g", "type": "group", "item": []}), "group 'g' is empty"),
    "display last": (form(text("a"), text("d", type="display")), "it would never be said"),
    "display with condition": (form(text("a"), text("d", type="display", **when("a")), text("b")), "put it on a group"),
    "hidden": (form(text("a", extension=HIDDEN)), "only person-sex and person-age"),
    "read only": (form(text("a", readOnly=True)), "readOnly"),
    "value set": (form(text("a", type="choice", answerValueSet="urn:v")), "answerValueSet"),
    "expression": (form(text("a", extension=EXPRESSION)), "calculatedExpression"),
    "no options": (form(text("a", type="choice")), "a choice needs answerOption"),
    "options of a text": (form(text("a", answerOption=[option("x")])), "nothing else can have it"),
    "plain option": (form(text("a", type="choice", answerOption=[{"valueString": "x"}])), "not a plain valueCoding"),
    "initial option": (
        form(text("a", type="choice", answerOption=[option("x", initialSelected=True)])),
        "not a plain valueCoding",
    ),
    "no code": (form(text("a", type="choice", answerOption=[{"valueCoding": {"display": "x"}}])), "without code"),
    "same answer": (form(choice("a", "x", "x")), "two options with the same answer"),
    "points nowhere": (form(text("b", **when("a", answerString="x"))), "'a', which is no question before it"),
    "points later": (form(text("b", **when("a", answerString="x")), text("a")), "'a', which is no question before it"),
    "points to itself": (form(text("a", **when("a", answerString="x"))), "'a', which is no question before it"),
    "points to a display": (
        form(text("d", type="display"), text("b", **when("d", answerString="x"))),
        "'d', which is no question before it",
    ),
    "bad operator": (form(text("a"), text("b", **when("a", "~", answerString="x"))), "operator '~'"),
    "no order": (form(choice("a", "green"), text("b", **when("a", ">", **GREEN))), "operator '>'"),
    "wrong answer type": (form(text("a"), text("b", **when("a", answerInteger=1))), "needs answerString"),
    "unknown answer": (
        form(choice("a", "red"), text("b", **when("a", **GREEN))),
        "an answer that 'a' does not offer: 'green'",
    ),
    "no behavior": (form(text("a"), text("b", enableWhen=TWO)), "enableBehavior"),
    "bad behavior": (form(text("a"), text("b", enableWhen=TWO, enableBehavior="most")), "enableBehavior"),
    "not an object": (form(text("a"), item=["a"]), "not shaped like a FHIR Questionnaire"),
}


@pytest.mark.parametrize(("doc", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_form_that_cannot_be_run_is_refused_with_file_and_reason(doc: dict[str, Any], reason: str) -> None:
    with pytest.raises(QuestionnaireRefused) as refusal:
        compile_questionnaire(doc, "forms/small.json")
    assert "forms/small.json" == refusal.value.file
    assert reason in refusal.value.reason
    assert str(refusal.value).startswith("forms/small.json: ")


def test_two_conditions_that_say_how_they_combine_are_run() -> None:
    both = form(text("a"), text("b", enableWhen=TWO, enableBehavior="any"))
    assert ["a", "b"] == enabled_questions(compile_questionnaire(both, "small.json")[0], {"a": "y"})


def _rename(doc: dict[str, Any]) -> None:
    doc["item"][0]["linkId"] = "person-gender"


def _unlink(doc: dict[str, Any]) -> None:
    doc["item"][2]["item"].pop(4)  # a-cond, which a-cond-other needs


@pytest.mark.parametrize("damage", [_rename, _unlink])
def test_the_shipped_form_is_refused_once_damaged(
    forms: Mapping[str, dict[str, Any]], damage: Callable[[dict[str, Any]], None]
) -> None:
    doc = copy.deepcopy(forms["adult"])
    damage(doc)
    with pytest.raises(QuestionnaireRefused):
        compile_questionnaire(doc, "hns-adult.json")
