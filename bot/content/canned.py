"""Rules: a canned reply has a title to be found by, and blanks that staff can fill and cannot miss."""

from __future__ import annotations

from collections.abc import Iterator

from bot.canned import CANNED, blanks_of, is_canned, title_of
from bot.content.draft import Draft
from bot.content.references import every_variation, plan_facts, variables
from bot.content.rule import Finding
from bot.content.vocabulary import ENGINE_VARIABLES, PLAN_VARIABLES
from bot.flow import Source, Variation
from bot.render import VARIABLE


def _every_canned(draft: Draft) -> Iterator[tuple[str, Variation]]:
    return ((name, variation) for name, variation in every_variation(draft.content) if is_canned(name))


def canned_title(draft: Draft) -> Iterator[Finding]:
    for name, variation in _every_canned(draft):
        if not title_of(variation):
            yield variation.source, f"{name} has no title, so staff would not find it"


def canned_same_title(draft: Draft) -> Iterator[Finding]:
    seen: dict[str, tuple[str, Source]] = {}
    for name, variation in _every_canned(draft):
        title = title_of(variation)
        first, source = seen.setdefault(title.casefold(), (name, variation.source))
        if title and first != name:
            yield variation.source, f"{name} is called {title!r}, and so is {first} at {source}"


def canned_variable(draft: Draft) -> Iterator[Finding]:
    filled = PLAN_VARIABLES | plan_facts(draft)
    for name, variation in _every_canned(draft):
        for variable in sorted(variables(variation) - filled - blanks_of(variation).keys()):
            yield variation.source, f"{name} speaks {{{variable}}}, which is nothing of the plan and no blank"


def canned_unused_blank(draft: Draft) -> Iterator[Finding]:
    for name, variation in _every_canned(draft):
        for language, text in variation.text.items():
            for blank in sorted(blanks_of(variation).keys() - set(VARIABLE.findall(text))):
                yield variation.source, f"{name} does not say its blank {{{blank}}} in {language!r}"


def canned_blank_label(draft: Draft) -> Iterator[Finding]:
    for name, variation in _every_canned(draft):
        for blank, label in blanks_of(variation).items():
            if not label:
                yield (
                    variation.source,
                    f"the blank {{{blank}}} of {name} has no label, so staff would not know what to fill in",
                )


def canned_blank_name(draft: Draft) -> Iterator[Finding]:
    taken = draft.content.slots.keys() | ENGINE_VARIABLES | plan_facts(draft)
    for name, variation in _every_canned(draft):
        for blank in sorted(blanks_of(variation).keys() & taken):
            yield variation.source, f"{name} calls a blank {{{blank}}}, which is a slot or a variable already"


def stray_canned(draft: Draft) -> Iterator[Finding]:
    for name, variation in every_variation(draft.content):
        if "canned" in variation.metadata and not is_canned(name):
            yield variation.source, f"{name} has a title for staff, but only {CANNED}* is offered to them"
