"""A finished or half-finished screening is a valid FHIR R4 QuestionnaireResponse of its form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from bot.form import open_form
from bot.questionnaire import DECLINED, questionnaire_response

PERSON = {"person-sex": "F", "person-age": 30.0}
PREGNANT = PERSON | {
    "a-health": "fair",
    "a-cond": ("asthma", "other"),
    "a-cond-other": "migraine",
    "a-preg": "pregnant",
    "p-due": "2027-05-20",
    "p-past": ["none"],
    "a-phq1": "several_days",
    "a-phq2": DECLINED,
    "a-alcohol": "never",
    "a-cm": "no",
}
CHILD = {
    "person-age": 3.0,
    "c-health": "good",
    "c-cond": ("seizures",),
    "c-grow": "yes",
    "c-mood": "yes",
    "c-cm": "yes",
}

Forms = Mapping[str, dict[str, Any]]


def respond(doc: Mapping[str, Any], answers: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    facts = {
        "run": "run1",
        "member": "m1",
        "source": "member:m1",
        "language": "en",
        "authored": "2026-11-22T15:04:05Z",
        "status": "completed",
        "spoken": {"drinks": "4"},
    }
    return questionnaire_response(open_form(doc, "form.json"), answers, **(facts | more))


def items(element: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in element.get("item", ()):
        yield item
        yield from items(item)


def by_link(response: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {item["linkId"]: item for item in items(response)}


@pytest.mark.parametrize("form", ["adult", "child"])
def test_the_form_survives_the_fhir_library_unchanged(forms: Forms, form: str) -> None:
    assert forms[form] == json.loads(Questionnaire.model_validate(forms[form]).model_dump_json())


@pytest.mark.parametrize(
    ("form", "answers"),
    [("adult", PREGNANT), ("adult", PERSON), ("child", CHILD), ("adult", dict(PREGNANT, **{"a-er": "x"}))],
)
@pytest.mark.parametrize("status", ["in-progress", "completed"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_response_is_valid_fhir(
    forms: Forms, form: str, answers: Mapping[str, Any], status: str, language: str
) -> None:
    response = respond(forms[form], answers, status=status, language=language)
    assert response == json.loads(QuestionnaireResponse.model_validate(response).model_dump_json())


def test_a_response_says_which_form_whose_answers_who_said_them_and_when(forms: Forms) -> None:
    response = respond(forms["child"], CHILD, member="leo", source="guardian:ana", language="es")
    assert "https://carestart.example/fhir/Questionnaire/hns-child|0.1.0" == response["questionnaire"]
    assert {"reference": "Patient/leo"} == response["subject"]
    assert {"reference": "RelatedPerson/ana"} == response["source"]
    assert ("run1", "completed", "es", "2026-11-22T15:04:05Z") == tuple(
        response[key] for key in ("id", "status", "language", "authored")
    )


def test_a_member_and_an_agent_can_be_the_source_but_a_conversation_cannot(forms: Forms) -> None:
    assert {"reference": "Patient/m1"} == respond(forms["adult"], PERSON)["source"]
    assert {"reference": "Practitioner/7"} == respond(forms["adult"], PERSON, source="agent:7")["source"]
    with pytest.raises(ValueError, match="source of a screening"):
        respond(forms["adult"], PERSON, source="conversation")


def test_an_answer_carries_the_coding_of_the_form(forms: Forms) -> None:
    found = by_link(respond(forms["adult"], PREGNANT))
    [answer] = found["a-phq1"]["answer"]
    assert ("http://loinc.org", "LA6569-3") == (answer["valueCoding"]["system"], answer["valueCoding"]["code"])
    asked = {item["linkId"]: item for item in items(forms["adult"])}
    [offered] = [
        option["valueCoding"]
        for option in asked["a-phq1"]["answerOption"]
        if option["valueCoding"]["code"] == answer["valueCoding"]["code"]
    ]
    understood_by = [each for each in offered["extension"] if each["url"].endswith("/answer-synonym")]
    said = [each for each in offered["extension"] if each not in understood_by]
    assert understood_by and said
    assert offered | {"extension": said} == answer["valueCoding"]  # its score, but no words that nobody said
    assert ["asthma", "other"] == [answer["valueCoding"]["code"] for answer in found["a-cond"]["answer"]]
    assert [{"valueString": "migraine"}] == found["a-cond-other"]["answer"]
    assert [{"valueDate": "2027-05-20"}] == found["p-due"]["answer"]


def test_a_declined_question_is_there_without_an_answer_and_says_so(forms: Forms) -> None:
    declined = by_link(respond(forms["adult"], PREGNANT))["a-phq2"]
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    assert [{"url": url, "valueCode": "asked-declined"}] == declined["extension"]
    assert "answer" not in declined


def test_a_value_the_form_no_longer_offers_is_marked_and_not_dropped(forms: Forms) -> None:
    item = by_link(respond(forms["adult"], PERSON | {"a-er": "nine_times"}))["a-er"]
    assert "error" == item["extension"][0]["valueCode"]
    assert "answer" not in item


def test_items_nest_as_in_the_form_and_empty_groups_are_left_out(forms: Forms) -> None:
    response = respond(forms["adult"], PERSON | {"a-health": "good", "a-drugs": "never", "a-cm": "no"})
    assert ["g-health", "g-habits", "a-cm"] == [item["linkId"] for item in response["item"]]
    [substances] = response["item"][1]["item"]
    assert ("g-substances", ["a-drugs"]) == (substances["linkId"], [item["linkId"] for item in substances["item"]])


def test_unanswered_questions_and_person_items_are_absent(forms: Forms) -> None:
    found = by_link(respond(forms["adult"], PREGNANT))
    assert not {"person-sex", "person-age", "a-er", "p-visit", "a-private-mood", "a-mood"} & found.keys()


def test_questions_that_are_not_enabled_are_absent_whatever_was_answered_before(forms: Forms) -> None:
    man = by_link(respond(forms["adult"], PREGNANT | {"person-sex": "M"}))
    assert not {"a-preg", "p-due", "p-past"} & man.keys()
    changed = by_link(respond(forms["adult"], PREGNANT | {"a-cond": ("none",), "a-preg": "had_baby"}))
    assert not {"a-cond-other", "p-due", "p-past"} & changed.keys()
    assert "c-mood" not in by_link(respond(forms["child"], CHILD))  # three years old


def test_declining_the_question_a_branch_hangs_on_closes_the_branch(forms: Forms) -> None:
    assert "p-due" not in by_link(respond(forms["adult"], PREGNANT | {"a-preg": DECLINED}))


def test_the_texts_are_in_the_language_of_the_interview(forms: Forms) -> None:
    assert (
        "En general, ¿cómo es su salud?"
        == by_link(respond(forms["adult"], PREGNANT, language="es"))["a-health"]["text"]
    )
    assert (
        "Would you say that in general your health is:"
        == by_link(respond(forms["adult"], PREGNANT))["a-health"]["text"]
    )


def test_an_answer_to_a_question_the_form_does_not_have_is_left_out(forms: Forms) -> None:
    assert "z-old" not in by_link(respond(forms["adult"], PREGNANT | {"z-old": "yes"}))


def test_a_response_without_answers_has_no_items(forms: Forms) -> None:
    assert "item" not in respond(forms["adult"], PERSON)


def test_without_the_facts_that_decide_branches_there_is_no_response(forms: Forms) -> None:
    with pytest.raises(ValueError, match="person-sex"):
        respond(forms["adult"], {"person-age": 30.0, "a-preg": "pregnant"})


def test_a_question_is_kept_as_it_was_asked(forms: Forms) -> None:
    response = respond(forms["adult"], {"person-age": 40, "person-sex": "F", "a-alcohol": "never"})
    [asked] = [item["text"] for item in items(response) if item["linkId"] == "a-alcohol"]
    assert "have 4 or more drinks" in asked
