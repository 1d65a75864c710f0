"""Rules: every sentence is there in both languages, fits its texts, and can be read with six years of school."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.check.reading import Reading, reading
from bot.content.draft import Draft
from bot.content.references import every_variation, responses_used, variables
from bot.content.rule import Finding
from bot.content.vocabulary import LANGUAGES
from bot.flow import Source, Variation
from bot.render import VARIABLE
from bot.segments import segments

_DEFAULT_BUDGET = {"en": 1, "es": 2}
_MAX_GRADE = 6.0


def missing_translation(draft: Draft) -> Iterator[Finding]:
    for name, variation in every_variation(draft.content):
        for language in LANGUAGES:
            if not variation.text.get(language, "").strip():
                yield variation.source, f"{name} has no text in {language!r}"
            for button in variation.buttons:
                if not button.titles.get(language, "").strip():
                    yield variation.source, f"the option {button.value!r} of {name} has no title in {language!r}"
    for flow in draft.content.flows.values():
        if flow.name and not flow.name.keys() >= set(LANGUAGES):
            yield flow.source, f"flow {flow.id} has no name in every language"


def missing_sample(draft: Draft) -> Iterator[Finding]:
    for name, variation in every_variation(draft.content):
        for variable in sorted(variables(variation) - draft.samples.keys()):
            yield variation.source, f"{name} speaks {{{variable}}}, of which check.yml has no sample"


def segment_budget(draft: Draft) -> Iterator[Finding]:
    for name, variation in every_variation(draft.content):
        if variation.channel == "twilio_voice":
            continue
        budgets = _DEFAULT_BUDGET | variation.metadata.get("segments", {})
        for language in variation.text:
            text = sms_text(variation, language, draft)
            taken = segments(text)
            if taken > budgets[language]:
                measured = f"{taken} segments ({len(text)} characters) in {language!r}"
                yield variation.source, f"{name} takes {measured}, its budget is {budgets[language]}"


def sms_text(variation: Variation, language: str, draft: Draft) -> str:
    """The variation as texted: variables at their longest, options numbered one a line."""
    lines = [variation.text[language]]
    for number, button in enumerate(variation.buttons, start=1):
        lines.append(f"{button.key or number} {button.titles.get(language, '')}")
    return filled("\n".join(lines), language, draft)


def filled(text: str, language: str, draft: Draft) -> str:
    """A text with every variable at its longest."""
    return VARIABLE.sub(lambda found: draft.samples.get(found[1], {}).get(language, found[0]), text)


def reading_grade(draft: Draft) -> Iterator[Finding]:
    for (file, language, channel), texts in _graded_texts(draft).items():
        readings = {source: reading(text, language) for source, text in texts}
        grade = sum(readings.values(), Reading()).grade(language)
        if grade > _MAX_GRADE:
            hardest = max(readings, key=lambda source: readings[source].grade(language))
            what = f"what {file} says on a call" if channel == "twilio_voice" else file
            message = f"{what} reads at grade {grade:.1f} in {language!r}, over {_MAX_GRADE:g}"
            yield hardest, f"{message}; this text is its hardest, at {readings[hardest].grade(language):.1f}"


def _graded_texts(draft: Draft) -> Mapping[tuple[str, str, str], list[tuple[Source, str]]]:
    """The texts of each file, language and channel, options left out; prescribed wording says so and is exempt."""
    grouped: dict[tuple[str, str, str], list[tuple[Source, str]]] = {}
    for _, variation in every_variation(draft.content):
        if "grade_exempt" not in variation.metadata:
            for language, text in variation.text.items():
                said = filled(text, language, draft)
                grouped.setdefault((variation.source.file, language, variation.channel), []).append(
                    (variation.source, said)
                )
    return grouped


def unused_question(draft: Draft) -> Iterator[Finding]:
    used = {name for _, name in responses_used(draft.content)}
    for name, variations in draft.content.responses.items():
        if name.startswith("utter_ask_") and name not in used:
            yield variations[0].source, f"no step asks {name}"
