"""A screening, written as a FHIR R4 Questionnaire: compiled into a flow, and its answers into a QuestionnaireResponse.

What is recorded for an option is a readable value: the code of its Coding, or, where that is a LOINC answer code, the
`answer-value` extension of the Coding ("LA6568-5" -> "not_at_all"). The response carries the Coding as the form has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.enable_when import Json, Question, join
from bot.flow import END, Branch, Choice, Collect, Flow, Noop, Slot, Slots, Source, Step, Variation, way_on
from bot.form import HL7, OURS, SYNONYM, Form, QuestionnaireRefused, extension_value, read_form, slot_name, texts
from bot.render import fill

__all__ = [
    "DECLINED",
    "QuestionnaireRefused",
    "canonical",
    "compile_questionnaire",
    "enabled_questions",
    "questionnaire_response",
    "slot_name",
]

DECLINED: Final = "declined"

_SEGMENTS = {"en": 1, "es": 3}  # budget of one question with its options, in SMS segments


def compile_questionnaire(doc: Json, file: str) -> tuple[Flow, dict[str, tuple[Variation, ...]], dict[str, Slot]]:
    """The form as a flow (id: Questionnaire.name), its responses and its slots. Raises QuestionnaireRefused.

    A question with enableWhen stands behind a Noop `if_<slot>` that goes on to it or past it. Slots of the hidden
    person items are not among the result: they are the engine's.
    """
    questions = [question for question in read_form(doc, file) if not question.hidden]
    source = Source(file)
    flow = Flow(
        id=doc["name"],
        description=doc["title"],
        steps=tuple(_steps(questions, source)),
        about_member=True,
        questionnaire=canonical(doc),
        source=source,
    )
    responses: dict[str, tuple[Variation, ...]] = {}
    for question in questions:
        responses |= _responses(question, doc.get("language", "en"), source)
    slots = {q.slot: Slot(q.slot, q.type.slot, values=tuple(option.value for option in q.options)) for q in questions}
    return flow, responses, slots


def canonical(doc: Json) -> str:
    """How a response names its form: url|version."""
    return f"{doc['url']}|{doc['version']}"


def _steps(questions: Sequence[Question], source: Source) -> Iterator[Step]:
    entries = [f"if_{q.slot}" if q.gates else q.slot for q in questions] + [END]
    for question, following in zip(questions, entries[1:], strict=True):
        if question.gates:
            text = join([gate.text for gate in question.gates], "and")
            ways = (Branch(question.slot, question.enabled, text), Branch(following))
            yield Noop(f"if_{question.slot}", ways, source)
        yield _collect(question, following, source)


def _collect(question: Question, following: str, source: Source) -> Collect:
    return Collect(
        id=question.slot,
        slot=question.slot,
        utter=f"utter_ask_{question.slot}",
        kind=question.type.kind,
        next=(Branch(following),),
        options=question.options,
        skippable=not question.item.get("required", False),
        why=question.why,
        lead=_lead(question),
        progress=True,
        sensitive=question.sensitive,
        label=_label(question),
        verbatim=extension_value(question.item, f"{OURS}/wording-source", "valueString") is not None,
        source=source,
    )


def _label(question: Question) -> dict[str, str]:
    """What the question is called, per language: "Your last checkup"."""
    return _own_texts(question.item, "label")


def _own_texts(item: Json, name: str) -> dict[str, str]:
    """The texts of an extension of ours, per language; none where the item does not have it."""
    for extension in item.get("extension", ()):
        if extension.get("url") == f"{OURS}/{name}":
            return {each["url"]: each["valueString"] for each in extension["extension"]}
    return {}


def _lead(question: Question) -> str:
    return f"utter_{slot_name(question.displays[-1]['linkId'])}" if question.displays else ""


def _responses(question: Question, language: str, source: Source) -> dict[str, tuple[Variation, ...]]:
    asked = _wordings([question.item], language, source, question.options)
    responses: dict[str, tuple[Variation, ...]] = {f"utter_ask_{question.slot}": asked}
    if question.displays:
        responses[_lead(question)] = _wordings(question.displays, language, source)
    return responses


def _wordings(
    items: Sequence[Json], language: str, source: Source, buttons: tuple[Choice, ...] = ()
) -> tuple[Variation, ...]:
    """How these items are worded, a line each: for a call first, where one of them has a `voice-text`."""
    written = [texts(item, "text", language) for item in items]
    spoken = [_own_texts(item, "voice-text") for item in items]
    metadata = _metadata(items)
    general = Variation(text=_lines(written, language), buttons=buttons, metadata=metadata, source=source)
    if not any(spoken):
        return (general,)
    said = [{**text, **voice} for text, voice in zip(written, spoken, strict=True)]
    return Variation(_lines(said, language), channel="twilio_voice", metadata=metadata, source=source), general


def _lines(parts: Sequence[Mapping[str, str]], language: str) -> dict[str, str]:
    return {each: "\n".join(part.get(each, part[language]) for part in parts) for each in parts[-1]}


def _metadata(items: Iterable[Json]) -> dict[str, Any]:
    sources = [extension_value(item, f"{OURS}/wording-source", "valueString") for item in items]
    exempt = "; ".join(source for source in sources if source)
    return {"segments": _SEGMENTS} | ({"grade_exempt": exempt} if exempt else {})


# --- progress


def enabled_questions(flow: Flow, slots: Slots) -> list[str]:
    """The slots of the questions this flow asks, in order, as far as the answers so far tell ("10 of 22").

    Follows the branches from the start; an unanswered or declined question is null. Never longer than the flow.
    """
    asked: list[str] = []
    step: Step | None = flow.steps[0] if flow.steps else None
    for _ in flow.steps:
        if not isinstance(step, Collect | Noop):
            break
        if isinstance(step, Collect) and step.progress:
            asked.append(step.slot)
        step = flow.step(way_on(step.next, slots))
    return asked


# --- the response


def questionnaire_response(
    form: Form,
    answers: Mapping[str, Any],
    *,
    run: str,
    member: str,
    source: str,
    language: str,
    authored: str,
    status: str,
    spoken: Mapping[str, Any],
) -> dict[str, Any]:
    """The answers as a FHIR R4 QuestionnaireResponse.

    `answers`: linkId -> recorded value (choices: a sequence) or "declined"; and person-sex and person-age where the
    form has them: they decide branches and are left out of the response. Left out too are questions these answers do
    not enable and linkIds the form does not have (any more). A value that is no option (any more) is marked as an
    error, not dropped. `spoken` fills what questions leave open, such as {drinks}: what is kept is what was asked.
    `source` is who said it, as in the answer log: member:<id>, guardian:<id> or agent:<id>;
    `authored` an ISO time with zone; `status` in-progress or completed. Raises ValueError where a person item is
    missing or the source is none of these.
    """
    doc, questions = form.doc, form.questions
    missing = [link for link, question in questions.items() if question.hidden and link not in answers]
    if missing:
        raise ValueError(f"the answers lack {', '.join(missing)}")
    slots = {
        questions[link].slot: None if value == DECLINED else value
        for link, value in answers.items()
        if link in questions
    }
    given = {
        link: answers[link]
        for link, question in questions.items()
        if not question.hidden and answers.get(link) is not None and question.enabled(slots)
    }
    items = _answered(doc["item"], _Asked(form, language, spoken), given)
    return {
        "resourceType": "QuestionnaireResponse",
        "id": run,
        "language": language,
        "questionnaire": form.canonical,
        "status": status,
        "subject": {"reference": f"Patient/{member}"},
        "authored": authored,
        "author": {"type": "Device", "display": "CareStart"},
        "source": {"reference": reference_to(source)},
    } | ({"item": items} if items else {})


_WHO = {"member": "Patient", "guardian": "RelatedPerson", "agent": "Practitioner"}


def reference_to(said_by: str) -> str:
    """Who answered, as a stored response names them: "Patient/<our id>". Raises ValueError for nobody in particular."""
    kind, _, identity = said_by.partition(":")
    if kind not in _WHO or not identity:
        raise ValueError("the source of a screening is member:<id>, guardian:<id> or agent:<id>")
    return f"{_WHO[kind]}/{identity}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """How questions were put."""

    form: Form
    language: str
    spoken: Mapping[str, Any]

    def entry(self, link: str) -> dict[str, Any]:
        said = self.form.wording[link]
        text = said.get(self.language) or said[self.form.doc.get("language", "en")]
        return {"linkId": link, "text": fill(text, self.spoken, self.language)}


def _answered(items: Iterable[Json], asked: _Asked, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in items:
        link = item["linkId"]
        if item["type"] == "group":
            inner = _answered(item["item"], asked, given)
            found += [asked.entry(link) | {"item": inner}] if inner else []
        elif link in given:
            found.append(asked.entry(link) | _answer(asked.form.questions[link], given[link]))
    return found


def _answer(question: Question, value: Any) -> dict[str, Any]:
    if value == DECLINED:
        return _absent("asked-declined")
    key = f"value{question.type.suffix}"
    if not question.options:
        return {"answer": [{key: value}]}
    codings = {option.value: _as_answer(option.coding or {}) for option in question.options}
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not set(values) <= set(codings):
        return _absent("error")
    return {"answer": [{key: codings[one]} for one in values]}


def _as_answer(coding: Json) -> Json:
    """The Coding of the form without the words it is understood by: nobody said them, and they are most of it."""
    kept = [each for each in coding.get("extension", ()) if each["url"] != SYNONYM]
    return {key: value for key, value in coding.items() if key != "extension"} | ({"extension": kept} if kept else {})


def _absent(reason: str) -> dict[str, Any]:
    return {"extension": [{"url": f"{HL7}/data-absent-reason", "valueCode": reason}]}
