"""Who works in the console, and what each role may do there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["agent", "lead", "auditor", "admin"]
Permission = Literal[
    "read_queue",  # what waits for a person
    "read_conversation",
    "see_answers",  # of a screening
    "claim",
    "reply",
    "fill_answer",  # on a member's behalf
    "start_task",
    "record_step",  # done by phone
    "transfer",
    "take_over",  # from another agent
    "reveal",  # what is masked
    "search",
    "callbacks",
    "lost_providers",  # of members, who need another
    "deliveries",  # of records to the plan's other systems
    "read_funnel",
    "read_audit",
    "manage_users",
]

ROLES: tuple[Role, ...] = get_args(Role)
_AGENT: frozenset[Permission] = frozenset(
    {
        "read_queue",
        "read_conversation",
        "see_answers",
        "claim",
        "reply",
        "fill_answer",
        "start_task",
        "record_step",
        "transfer",
        "reveal",
        "search",
        "callbacks",
        "lost_providers",
    }
)
MAY: dict[Role, frozenset[Permission]] = {
    "agent": _AGENT,
    "lead": _AGENT | {"take_over", "deliveries", "read_funnel"},
    "auditor": frozenset({"read_audit", "read_funnel"}),
    "admin": frozenset(get_args(Permission)),
}

# Who works in the sample data, by sign-in name.
SAMPLE_STAFF: dict[str, Role] = {"ana": "agent", "luis": "agent", "mia": "lead", "omar": "auditor", "ada": "admin"}

_SIGN_IN = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,62}[a-z0-9])?")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who is signed in."""

    id: str  # 12 hex digits
    name: str
    role: Role

    @property
    def by(self) -> str:
        """As what they do is recorded: agent:<id>."""
        return f"agent:{self.id}"

    def may(self, permission: Permission) -> bool:
        return permission in MAY[self.role]


def sign_in_of(text: str) -> str:
    """A sign-in name as it is stored. Raises ValueError saying what one looks like."""
    name = text.strip().lower()
    if not _SIGN_IN.fullmatch(name):
        raise ValueError("a sign-in name has up to 64 letters a to z, digits and . _ @ + - between them")
    return name


def name_of(text: str) -> str:
    """A name as it is shown. Raises ValueError."""
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ValueError(f"a name has 1 to {_LONGEST_NAME} characters")
    return name


def role_of(text: str) -> Role:
    """Raises ValueError naming the roles."""
    for role in ROLES:
        if role == text:
            return role
    raise ValueError(f"a role is one of {', '.join(ROLES)}")
