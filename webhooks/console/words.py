"""What the console calls things, for staff."""

from __future__ import annotations

from collections.abc import Mapping

from bot.desk import WhyNot
from bot.directory.chosen import Reason
from bot.ownership import NOBODY, QUEUE
from bot.records.dispatches import Problem, Sink

REASONS: Mapping[str, str] = {
    "asked": "Asked for a person",
    "misses": "Not understood three times",
    "verification": "Could not be verified",
    "no_member_id": "Has no member ID",
    "minor": "A minor who writes alone",
    "pmp": "Found no doctor",
    "finding": "Urgent answer in the screening",
    "staff": "Taken over by staff",
    "trouble": "Something failed on our side",
    "crisis_self_harm": "Danger: self-harm",
    "crisis_medical": "Danger: medical",
    "crisis_violence": "Danger: violence",
    "crisis_overdose": "Danger: overdose",
    "crisis_labor": "Danger: labor",
}

CHANNELS: Mapping[str, str] = {"sms": "Text", "voice": "Phone call", "relay": "Relay call", "agent": "Text"}
LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Spanish"}
STEPS: Mapping[str, str] = {"preference": "How to reach them", "pmp": "Doctor (PMP)", "screening": "Health screening"}
TASKS: Mapping[str, str] = {
    "set_preference": "how to reach them",
    "choose_pmp": "choosing a doctor",
    "do_screening": "the health screening",
}

MARKS: Mapping[str, str] = {
    "answered": "sent",
    "replied": "being sent",
    "due": "waiting to go out",
    "sending": "being sent",
    "sent": "sent",
    "delivered": "delivered",
    "undelivered": "not delivered",
    "failed": "failed",
    "dropped": "not sent",
    "unknown": "may not have arrived",
}

OWNER_CHANGES: Mapping[str, str] = {
    "claimed": "took the conversation",
    "taken_over": "took the conversation over",
    "transferred": "handed the conversation on",
    "returned": "gave the conversation back to CareStart",
    "task_started": "had CareStart start a task",
    "closed": "closed the conversation",
    "unanswered": "was taken off: the member waited too long for an answer",
    "wrote": "the member wrote again",
}

WHY_NOT: Mapping[WhyNot, str] = {
    "held": "{holder} has this conversation. Nothing was changed.",
    "not_yours": "You do not have this conversation. Who has it now: {holder}. Nothing was sent.",
    "a_call": "This is a phone call. Nobody can be texted in it.",
    "opted_out": "This member has opted out of texts. Nothing can be sent until they text START.",
    "moved_on": "Another question is open now. Look at it and answer that one.",
    "not_understood": "That is no answer to the open question. Choose one of its options, or write it as it is asked.",
    "not_allowed": "This cannot be filled in here: it is not accepted, or only the member may answer it.",
    "no_such_task": "There is no such task.",
}

CALLED: Mapping[str, str] = {"reached": "Reached", "no_answer": "No answer", "wrong_number": "Wrong number"}
ENDINGS: Mapping[str, str] = {
    "helped": "Helped",
    "not_reached": "Not reached",
    "declined": "They did not want it",
    "not_needed": "Not needed",
}
WHY_NO_REWARD: Mapping[str, str] = {
    "": "earned",
    "steps_left": "not yet: steps are open",
    "benefits_later": "not yet: benefits begin later",
    "benefits_ended": "none: benefits have ended",
    "no_benefits": "none: the roster says nothing of benefits",
    "window_over": "none: it is too late for it",
}

LOST: Mapping[Reason, str] = {
    "closed": "Has closed",
    "left_network": "Left the plan's network",
    "not_accepting": "Takes nobody new",
}

SINKS: Mapping[Sink, str] = {"webhook": "Webhook", "fhir": "FHIR server"}
RECORDS: Mapping[str, str] = {
    "preferences": "How to reach them",
    "consents": "Consent to texts",
    "pmp-choices": "Doctor (PMP)",
    "screenings": "Health screening",
    "referrals": "Referral",
    "rewards": "Reward",
}
PROBLEMS: Mapping[Problem, tuple[str, str]] = {  # what happened, and what to do next
    "unreachable": (
        "Could not be reached for three days.",
        "Is the address in the settings right, and is the receiver running? Then send it again.",
    ),
    "timeout": (
        "Did not answer in time for three days.",
        "Ask whoever runs the receiver whether it has too much to do. Then send it again.",
    ),
    "unwell": (
        "Said for three days that something fails on its side.",
        "Ask whoever runs the receiver. Once it is well, send it again.",
    ),
    "not_let_in": (
        "Did not let us in for three days.",
        "Check the token or the secret in the settings. Then send it again.",
    ),
    "refused": (
        "Refused: the receiver said that the record is wrong.",
        "Show whoever runs it the record's name. As it is, it will be refused again.",
    ),
    "nonsense": (
        "Answered for three days what cannot be made sense of.",
        "Is the address that of the receiver, and not of a sign-in page or a proxy before it?",
    ),
    "unreadable": (
        "We could not read the record ourselves, and sent nothing.",
        "Are all encryption keys in the settings? Then send it again.",
    ),
    "gone": (
        "The record is not on file any more.",
        "There is nothing to send.",
    ),
}

DONE: Mapping[str, str] = {
    "claim": "You have this conversation. CareStart is silent until you give it back.",
    "take_over": "You have this conversation now.",
    "write": "Your text is on its way.",
    "transfer": "The conversation was handed on.",
    "give_back": "CareStart goes on with the member.",
    "close": "The conversation is closed.",
    "start_task": "CareStart has started.",
    "fill_answer": "The answer is recorded as given through you.",
    "note": "Your note is kept.",
    "nothing": "Write something first.",
    "blanks": "There is still a blank to fill in. Nothing was sent.",
    "too_long": "That is too long for one text. Nothing was sent.",
}


def reason(code: str) -> str:
    """Why a person is wanted. What only sounded like danger is said to."""
    if code.startswith("perhaps_"):
        return f"Sounded like danger ({code.removeprefix('perhaps_').replace('_', ' ')})"
    return REASONS.get(code, code.replace("_", " ").capitalize())


def holder(owner: str, names: Mapping[str, str]) -> str:
    """Who has a conversation."""
    if owner == QUEUE:
        return "nobody yet"
    if owner == NOBODY:
        return "nobody: it is closed"
    return names.get(owner, "CareStart" if owner == "bot" else "somebody else")


def why_not(code: str, who: str) -> str:
    """Why an act was refused; `who` has the conversation. Nothing for a code there is none of."""
    told = next((text for why, text in WHY_NOT.items() if why == code), "")
    told = told.format(holder=who)
    return told[:1].upper() + told[1:]
