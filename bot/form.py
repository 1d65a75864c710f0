"""Reading a FHIR R4 Questionnaire: its questions in order, each with what enables it. Refuses what cannot be run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final, Never

from bot.enable_when import Gate, ItemType, Json, Question, enable_when
from bot.flow import Choice

OURS: Final = "https://carestart.example/fhir/StructureDefinition"
SYNONYM: Final = f"{OURS}/answer-synonym"
HL7: Final = "http://hl7.org/fhir/StructureDefinition"

# Facts of the member's record that a form may branch on: hidden items, filled in and never asked.
PREFILLED: Final = frozenset({"person_sex", "person_age"})

# What would change which questions are asked or which answers are taken, and cannot be run yet.
_UNSUPPORTED_KEYS = ("answerValueSet", "initial", "maxLength", "modifierExtension")
_UNSUPPORTED_EXTENSIONS = frozenset(
    {
        "sdc-questionnaire-answerExpression",
        "sdc-questionnaire-calculatedExpression",
        "sdc-questionnaire-candidateExpression",
        "sdc-questionnaire-enableWhenExpression",
        "sdc-questionnaire-initialExpression",
        "questionnaire-constraint",
        "questionnaire-maxOccurs",
        "questionnaire-minOccurs",
        "maxValue",
        "minValue",
        "regex",
    }
)


class QuestionnaireRefused(ValueError):
    """A form that cannot be run as written. `file` is where it stands, `reason` says which item and why."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


_ORDERED = ("exists", "=", "!=", ">", "<", ">=", "<=")
_TYPES: Mapping[str, ItemType] = {
    "boolean": ItemType("bool", "bool", "Boolean"),
    "choice": ItemType("choice", "categorical", "Coding"),
    "date": ItemType("date", "text", "Date", _ORDERED),
    "decimal": ItemType("number", "float", "Decimal", _ORDERED),
    "integer": ItemType("number", "float", "Integer", _ORDERED),
    "string": ItemType("text", "text", "String"),
    "text": ItemType("text", "text", "String"),
}
_SEVERAL = ItemType("choices", "list", "Coding")
_GROUPING = ("group", "display")


def slot_name(link_id: str) -> str:
    """The slot of an item: `a-phq1` -> `a_phq1`; anything else that is not a letter or digit becomes `_` too."""
    name = re.sub(r"[^a-z0-9]+", "_", link_id.lower()).strip("_")
    return f"q_{name}" if name[:1].isdigit() else name


def texts(element: Json, key: str, language: str) -> dict[str, str]:
    """An element's string by language: `text` in the form's own language, and the translations beside it."""
    said = {language: str(element.get(key, ""))}
    for extension in element.get(f"_{key}", {}).get("extension", ()):
        if extension.get("url") == f"{HL7}/translation":
            said[extension_value(extension, "lang", "valueCode")] = extension_value(extension, "content", "valueString")
    return said


def extension_value(element: Json, url: str, key: str) -> Any:
    """The value of the first extension with this url; None without one."""
    return next(_extension_values(element, url, key), None)


def _extension_values(element: Json, url: str, key: str) -> Iterator[Any]:
    return (extension.get(key) for extension in element.get("extension", ()) if extension.get("url") == url)


@dataclass(frozen=True, slots=True)
class Form:
    """A Questionnaire as read once, for building responses: the document and its questions by linkId."""

    doc: Json
    questions: Mapping[str, Question]
    wording: Mapping[str, Mapping[str, str]]  # linkId of every item -> its text by language

    @property
    def canonical(self) -> str:
        """How a response names its form: url|version."""
        return f"{self.doc['url']}|{self.doc['version']}"


def open_form(doc: Json, file: str) -> Form:
    """Raises QuestionnaireRefused."""
    questions = {question.item["linkId"]: question for question in read_form(doc, file)}
    return Form(doc, questions, dict(_wording(doc["item"], doc.get("language", "en"))))


def _wording(items: Iterable[Json], language: str) -> Iterator[tuple[str, dict[str, str]]]:
    for item in items:
        yield item["linkId"], texts(item, "text", language)
        yield from _wording(item.get("item", ()), language)


def read_form(doc: Json, file: str) -> tuple[Question, ...]:
    """Every question of the form, hidden person items too, in the order they are asked. Raises QuestionnaireRefused."""
    reading = _Reading(file, doc.get("language", "en"))
    try:
        reading.check_head(doc)
        reading.read(doc["item"], _Around())
    except (AttributeError, KeyError, TypeError) as problem:  # a list where FHIR has an object, a Coding without code
        raise QuestionnaireRefused(file, f"this is not shaped like a FHIR Questionnaire: {problem!r}") from problem
    return tuple(reading.questions.values())


@dataclass(frozen=True, slots=True)
class _Around:
    """What an item takes over from the groups around it."""

    gates: tuple[Gate, ...] = ()
    displays: tuple[Json, ...] = ()
    sensitive: bool = False
    why: str = ""


@dataclass(slots=True)
class _Reading:
    """One pass over the items. `questions` and `seen` grow as it goes on, so that enableWhen can only look back."""

    file: str
    language: str
    questions: dict[str, Question] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)  # slot name -> linkId

    def refuse(self, reason: str) -> Never:
        raise QuestionnaireRefused(self.file, reason)

    def check_head(self, doc: Json) -> None:
        if doc.get("resourceType") != "Questionnaire":
            self.refuse("this is not a FHIR Questionnaire (resourceType)")
        missing = [key for key in ("url", "version", "name", "title", "item") if not doc.get(key)]
        if missing:
            self.refuse(f"the Questionnaire lacks {', '.join(missing)}")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", doc["name"]):
            self.refuse(f"name {doc['name']!r} cannot be the name of a flow: letters, digits and _ only")
        if doc.get("status") not in ("draft", "active"):
            self.refuse(f"status {doc.get('status')!r} is not one that is run: draft or active")
        self.check_supported(doc, "the Questionnaire")

    def check_supported(self, element: Json, where: str) -> None:
        unsupported = [key for key in _UNSUPPORTED_KEYS if key in element]
        urls = [extension.get("url", "") for extension in element.get("extension", ())]
        unsupported += [url for url in urls if url.rsplit("/", 1)[-1] in _UNSUPPORTED_EXTENSIONS]
        if unsupported:
            self.refuse(f"{where} has {', '.join(unsupported)}, which cannot be run yet")

    def read(self, items: Iterable[Json], around: _Around) -> None:
        unsaid: Json | None = None
        for item in items:
            link = self.claim(item)
            if item.get("type") == "display":
                around, unsaid = self.with_display(item, around), item
            elif item.get("type") == "group":
                before = len(self.questions)
                self.read(self.members_of(item), self.inside(item, around))
                unsaid = unsaid if len(self.questions) == before else None
            else:
                self.questions[link] = self.question(item, around)
                unsaid = None
        if unsaid:
            self.refuse(f"display {unsaid['linkId']!r} has no question after it in its group: it would never be said")

    def claim(self, item: Json) -> str:
        link, kind = item.get("linkId"), item.get("type")
        if not isinstance(link, str) or not slot_name(link):
            self.refuse(f"an item has no usable linkId ({link!r})")
        if (earlier := self.seen.get(slot_name(link))) is not None:
            self.refuse(f"linkId {link!r} is there twice" + ("" if earlier == link else f" (as {earlier!r})"))
        if kind not in (*_TYPES, *_GROUPING):
            self.refuse(f"item {link!r} has type {kind!r}, which cannot be asked")
        if item.get("repeats") and kind != "choice":
            self.refuse(f"item {link!r} repeats, which only a choice can")
        self.check_supported(item, f"item {link!r}")
        self.seen[slot_name(link)] = link
        return link

    def with_display(self, item: Json, around: _Around) -> _Around:
        if "enableWhen" in item:
            self.refuse(f"display {item['linkId']!r} has an enableWhen, which cannot be run yet: put it on a group")
        return replace(around, displays=(*around.displays, item))

    def members_of(self, group: Json) -> Sequence[Json]:
        members: Sequence[Json] = group.get("item", ())
        if not members:
            self.refuse(f"group {group['linkId']!r} is empty")
        return members

    def inside(self, item: Json, around: _Around) -> _Around:
        return replace(
            around,
            gates=(*around.gates, *self.gates(item)),
            sensitive=around.sensitive or bool(extension_value(item, f"{OURS}/sensitive", "valueBoolean")),
            why=extension_value(item, f"{OURS}/why", "valueCode") or around.why,
        )

    def question(self, item: Json, around: _Around) -> Question:
        link = item["linkId"]
        hidden = bool(extension_value(item, f"{HL7}/questionnaire-hidden", "valueBoolean"))
        if hidden and slot_name(link) not in PREFILLED:
            self.refuse(f"item {link!r} is hidden, but only person-sex and person-age are filled in")
        if item.get("readOnly") and not hidden:
            self.refuse(f"item {link!r} is readOnly, so it could not be answered")
        if item["type"] == "integer" and not hidden:
            self.refuse(f"item {link!r} is an integer, which is not checked for yet: ask for a decimal or a choice")
        if not item.get("text"):
            self.refuse(f"item {link!r} has no text")
        if item.get("item"):
            self.refuse(f"item {link!r} is a question with items under it, which cannot be run yet: use a group")
        within = self.inside(item, around)
        return Question(
            item=item,
            slot=slot_name(link),
            type=_SEVERAL if item.get("repeats") else _TYPES[item["type"]],
            options=self.options(item),
            gates=within.gates,
            displays=within.displays,
            sensitive=within.sensitive,
            hidden=hidden,
            why=within.why,
        )

    def options(self, item: Json) -> tuple[Choice, ...]:
        options = item.get("answerOption", ())
        if (item["type"] == "choice") != bool(options):
            self.refuse(f"item {item['linkId']!r}: a choice needs answerOption, and nothing else can have it")
        if any("valueCoding" not in option or option.get("initialSelected") for option in options):
            self.refuse(f"item {item['linkId']!r} has an option that is not a plain valueCoding")
        if not all(option["valueCoding"].get("code") and option["valueCoding"].get("display") for option in options):
            self.refuse(f"item {item['linkId']!r} has an option without code or display")
        numbers = (str(number) for number in count(1))
        choices = tuple(_choice(option, numbers, self.language) for option in options)
        for what, values in (("answer", {c.value for c in choices}), ("key", {c.key for c in choices})):
            if len(values) < len(choices):
                self.refuse(f"item {item['linkId']!r} has two options with the same {what}")
        return choices

    def gates(self, item: Json) -> tuple[Gate, ...]:
        try:
            gate = enable_when(item, self.questions)
        except ValueError as problem:
            self.refuse(f"enableWhen of {item['linkId']!r}: {problem}")
        return (gate,) if gate else ()


def _choice(option: Json, numbers: Iterator[str], language: str) -> Choice:
    coding = option["valueCoding"]
    return Choice(
        value=extension_value(coding, f"{OURS}/answer-value", "valueCode") or coding["code"],
        titles=texts(coding, "display", language),
        key=extension_value(option, f"{HL7}/questionnaire-optionPrefix", "valueString") or next(numbers),
        exclusive=bool(extension_value(option, f"{HL7}/questionnaire-optionExclusive", "valueBoolean")),
        synonyms=tuple(e["valueString"] for e in coding.get("extension", ()) if e.get("url") == SYNONYM),
        coding=coding,
    )
