"""What an import did: counts, and every record that had to be repaired or passed over. Ids only, never a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["repaired", "skipped", "warned"]

# rule -> (what became of the record, what was done)
RULES: dict[str, tuple[Outcome, str]] = {
    "unreadable_line": ("skipped", "this is not JSON; passed over"),
    "unreadable_file": ("skipped", "the file could not be read; passed over"),
    "too_large": ("skipped", "a JSON file over 1 GB that is not NDJSON; passed over"),
    "not_a_resource": ("skipped", "JSON without a resourceType; passed over"),
    "bad_row": ("skipped", "the row has not the cells of the header, or its quotes do not fit; passed over"),
    "npi_missing": ("skipped", "no NPI (ten digits that begin with 1 or 2); passed over"),
    "no_id": ("skipped", "a resource without an id; passed over"),
    "no_name": ("skipped", "no name to show; passed over"),
    "no_place": ("skipped", "neither a known ZIP code nor a believable position; passed over"),
    "no_location": ("skipped", "the role names no location that could be found; passed over"),
    "no_network": ("skipped", "the role is in no network; passed over"),
    "missing_practitioner": ("skipped", "the practitioner referred to is not there; passed over"),
    "missing_location": ("repaired", "a location referred to is not there or not usable; the rest was used"),
    "missing_organization": (
        "repaired",
        "the organization referred to is not there; the name in the reference was used",
    ),
    "missing_network": (
        "repaired",
        "the network referred to is not there; its id and the name in the reference were used",
    ),
    "missing_service": ("repaired", "a healthcare service referred to is not there; done without"),
    "bad_encoding": ("repaired", "not UTF-8; read as Windows-1252"),
    "numeric_identifier": ("repaired", "an identifier written as a number; read as text"),
    "duplicate_id": ("repaired", "the same id twice; the one updated last was used"),
    "same_npi": ("repaired", "several practitioners with one NPI; taken as one person"),
    "npi_shape": ("repaired", "the NPI is not ten digits; the resource id was used instead"),
    "npi_check_digit": ("warned", "the NPI's check digit is wrong; used as it is"),
    "zip_nine_digits": ("repaired", "a ZIP+4 without its hyphen; the first five digits were used"),
    "zip_lost_zero": ("repaired", "a ZIP code that had lost its leading zero; put back"),
    "zip_from_text": ("repaired", "no postal code; the ZIP code in the address text was used"),
    "zip_unreadable": ("warned", "no readable ZIP code; the position was used"),
    "zip_unknown": ("warned", "no such ZIP code is known; the position was used"),
    "no_position": ("repaired", "no position; the middle of the ZIP code was used"),
    "position_far": ("repaired", "the position is over 25 miles from the ZIP code; its middle was used"),
    "phone_unreadable": ("repaired", "a phone number that is none; left out"),
    "specialty_missing": ("repaired", "the role has no specialty; the practitioner's qualifications were used"),
    "accepting_unknown": ("repaired", "an unknown word for accepting patients; taken as not accepting"),
    "accepting_contradiction": ("warned", "two different words for accepting patients; the more cautious was used"),
}

UNKNOWN = ("unreadable_line", "unreadable_file", "too_large", "bad_row", "npi_missing", "not_a_resource", "no_id")

_KEPT_PER_RULE = 200  # a feed with a million wrong check digits must not fill the memory


@dataclass(frozen=True, slots=True)
class Where:
    """Where a resource stood: file, line (entry of a Bundle), and "Type/id" as far as known."""

    file: str
    line: int
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one resource, and what was done about it."""

    file: str
    line: int
    resource: str
    rule: str

    @property
    def outcome(self) -> Outcome:
        return RULES[self.rule][0]

    @property
    def done(self) -> str:
        """What was done, in words."""
        return RULES[self.rule][1]


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one table: new, changed, found as they were, and taken away."""

    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    read: resources by type. providers, sites: rows written. problems: at most 200 for each rule; rules: all of them
    counted. passed_over: roles that are in order but not for a member choosing a primary provider, by reason.
    networks: id -> name of each network that was loaded for."""

    read: Mapping[str, int]
    providers: Counts
    sites: Counts
    problems: tuple[Problem, ...]
    rules: Mapping[str, int]
    passed_over: Mapping[str, int]
    networks: Mapping[str, str]
    older: int = 0  # records passed over because what is there was changed later
    notices: int = 0  # members noted for staff, because their provider is lost to them
    kept_open: int = 0  # records that could not be read, for which a full file has closed nobody
    dry_run: bool = False

    @property
    def skipped(self) -> int:
        """How many resources were broken and so not loaded."""
        return sum(n for rule, n in self.rules.items() if RULES[rule][0] == "skipped")


@dataclass(slots=True)
class Ledger:
    """Collects what an import finds while it runs."""

    read: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    on_skip: Callable[[Where, str], object] | None = None  # told of each record that is not loaded
    on_unreadable: Callable[[bytes], object] | None = None  # and of each line that is no JSON

    @property
    def skipped(self) -> int:
        """How many records were broken and so not loaded."""
        return sum(n for rule, n in self.rules.items() if RULES[rule][0] == "skipped")

    @property
    def unknown(self) -> int:
        """Records that could not be read at all, so that nobody knows whom they spoke of."""
        return sum(self.rules[rule] for rule in UNKNOWN)

    def note(self, rule: str, where: Where) -> None:
        """Write down that this rule met this resource. What was read before was noted then."""
        outcome, _ = RULES[rule]  # a rule without its words is a mistake of ours
        if not where.file:
            return
        if outcome == "skipped" and self.on_skip:
            self.on_skip(where, rule)
        self.rules[rule] += 1
        if self.rules[rule] <= _KEPT_PER_RULE:
            self.problems.append(Problem(where.file, where.line, where.resource, rule))
