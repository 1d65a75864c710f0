"""What a conversation is made of, once loaded and checked: flows of steps, responses, slots, plans. Pure records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from nlu.understanding import AnswerKind

Slots = Mapping[str, Any]
Condition = Callable[[Slots], bool]  # total: never raises (bot.conditions)

END = "END"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a piece of content stands, for error messages."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Branch:
    """One way on from a step: taken when `when` holds (None: always)."""

    then: str  # step id in the same flow, or END
    when: Condition | None = None
    condition: str = ""  # as written, for check and docs


def way_on(branches: tuple[Branch, ...], slots: Slots) -> str:
    """The id of the step that follows; END where no branch is taken."""
    for branch in branches:  # plain, as it is asked at every step of every walk
        if branch.when is None or branch.when(slots):
            return branch.then
    return END


@dataclass(frozen=True, slots=True)
class Rejection:
    """A value that is refused, and what is said."""

    when: Condition
    utter: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a question: what is recorded, what is shown per language, extra words that mean it."""

    value: str
    titles: Mapping[str, str]  # {"en": "Mail", "es": "Correo"}
    key: str = ""  # "0" for none-of-these; empty: numbered 1, 2, 3
    exclusive: bool = False
    synonyms: tuple[str, ...] = ()
    coding: Mapping[str, Any] | None = None  # FHIR Coding, where it comes from a Questionnaire


@dataclass(frozen=True, slots=True)
class Collect:
    """Ask for a slot until it is filled. `key` names the question in the answer log."""

    id: str
    slot: str
    utter: str
    kind: AnswerKind
    next: tuple[Branch, ...]
    options: tuple[Choice, ...] = ()
    options_from: str = ""  # a list slot of {"value", "title"}: what an action offered
    ask_before_filling: bool = False
    rejections: tuple[Rejection, ...] = ()
    skippable: bool = False
    why: str = ""  # response that says why this is asked
    lead: str = ""  # response said before the question unless the question before had the same (a group's stem)
    progress: bool = False  # counts as a question of the screening
    sensitive: bool = False
    label: Mapping[str, str] = field(default_factory=dict)  # what the question is called, per language: "Last checkup"
    verbatim: bool = False  # prescribed wording: said whole every time
    among: str = ""  # a list slot of values: the buttons offered, of all there are
    source: Source = Source("")


@dataclass(frozen=True, slots=True)
class Act:
    """`utter_*` (say it), `action_*` (run it in bot.actions) or `record_*` (the engine's own: becomes an event)."""

    id: str
    action: str
    next: tuple[Branch, ...]
    source: Source = Source("")


@dataclass(frozen=True, slots=True)
class SetSlots:
    id: str
    values: tuple[tuple[str, Any], ...]
    next: tuple[Branch, ...]
    source: Source = Source("")


@dataclass(frozen=True, slots=True)
class Call:
    """Run another flow here, then go on."""

    id: str
    flow: str
    next: tuple[Branch, ...]
    source: Source = Source("")


@dataclass(frozen=True, slots=True)
class Link:
    """End this flow and start another."""

    id: str
    flow: str
    source: Source = Source("")


@dataclass(frozen=True, slots=True)
class Noop:
    id: str
    next: tuple[Branch, ...]
    source: Source = Source("")


Step = Collect | Act | SetSlots | Call | Link | Noop


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    description: str
    steps: tuple[Step, ...]  # run in order; the first is the start
    name: Mapping[str, str] = field(default_factory=dict)  # per language, spoken label
    guard: Condition | None = None
    guard_text: str = ""
    triggers: tuple[str, ...] = ()  # intents
    persisted: tuple[str, ...] = ()
    about_member: bool = False  # its answers belong to the person, not to the conversation
    questionnaire: str = ""  # canonical|version, where it is compiled from FHIR
    source: Source = Source("")
    _by_id: Mapping[str, Step] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {step.id: step for step in self.steps})

    def step(self, step_id: str) -> Step | None:
        return self._by_id.get(step_id)


@dataclass(frozen=True, slots=True)
class Variation:
    """One wording of a response."""

    text: Mapping[str, str]  # per language
    channel: str = ""  # Rasa's names: twilio, twilio_voice; empty: any
    when: Condition | None = None
    condition: str = ""
    buttons: tuple[Choice, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source: Source = Source("")


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    type: str  # text | bool | categorical | float | any | list
    initial: Any = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RewardWindow:
    """From `start_day` to `end_day` after benefits begin (None: no limit) the reward is `cents`."""

    cents: int
    start_day: int = 0
    end_day: int | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening times of Member Services in `zone` (an IANA name): weekday 0=Monday -> intervals; closed on holidays."""

    zone: str
    week: Mapping[int, tuple[tuple[time, time], ...]]
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """How X12 834 files name the plan and its members. `member_id`: qualifiers of REF that may hold the plan's own ID,
    asked in order. `dependents_follow`: a dependent belongs to the subscriber above it though REF*0F is its own."""

    payer_ids: tuple[str, ...] = ()  # N104 of N1*IN
    sender_ids: tuple[str, ...] = ()  # GS02 or ISA06, where the payer's tells nothing
    member_id: tuple[str, ...] = ("0F", "23", "17", "ZZ")
    dependents_follow: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What differs by plan."""

    id: str
    names: Mapping[str, str]  # per language
    phone: str  # Member Services, as spoken to members: 1-844-607-2829
    tty: str
    hours: Hours
    hours_text: Mapping[str, str]
    numbers: tuple[str, ...]  # E.164 numbers that are ours and mean this plan
    member_id_pattern: str
    member_id_hint: Mapping[str, str]
    identity_keys: tuple[str, ...]  # slots asked in order: member_id, birth_date, zip
    networks: tuple[str, ...]  # network ids in the provider directory
    pmp_kinds: tuple[str, ...]
    reward_name: Mapping[str, str]
    reward_windows: tuple[RewardWindow, ...]
    languages: tuple[str, ...]
    questionnaires: Mapping[str, str]  # adult, child -> flow id
    claim_minutes: int = 10  # in which Member Services answers a text, in its hours; 0: it does not answer texts
    facts: Mapping[str, str] = field(
        default_factory=dict
    )  # extra {plan_*} variables for responses (nurse line, site...)
    approval: Mapping[str, Any] = field(default_factory=dict)
    roster: Roster = Roster()
    member_id_system: str = ""  # the FHIR identifier system of the plan's member IDs; "": one of ours
    source: Source = Source("")


@dataclass(frozen=True, slots=True)
class Content:
    """Everything under flows/, loaded. `digest` changes when any file does."""

    flows: Mapping[str, Flow]
    responses: Mapping[str, tuple[Variation, ...]]
    slots: Mapping[str, Slot]
    actions: frozenset[str]
    plans: Mapping[str, Plan]
    rules: tuple[Any, ...]  # bot.scoring.Rule
    questionnaires: Mapping[str, Any]  # flow id -> bot.form.Form
    digest: str
    initial_slots: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        initial = {name: slot.initial for name, slot in self.slots.items() if slot.initial is not None}
        object.__setattr__(self, "initial_slots", initial)
