"""The intents by name, the reserved words that some of them are, and the one intent a text comes down to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nlu.understanding import Command, OptWord, Understanding, Urgency, Value

INTENTS: tuple[str, ...] = tuple(
    """
    affirm deny greet goodbye thanks help opt_out opt_in talk_to_person repeat go_back skip change_answer why_ask
    not_understood pause_later resume restart cancel_task menu check_progress speak_english speak_spanish wrong_number
    relay_operator callback_request chitchat complaint_grievance
    set_preference choose_pmp do_screening check_reward
    faq_id_card faq_handbook faq_network faq_online_account faq_mobile_app faq_drug_list faq_condition_support
    faq_planned_procedure faq_checkup faq_extra_benefits faq_hours_contact faq_what_is_pmp faq_what_is_screening
    faq_privacy faq_reward faq_cost faq_transportation faq_nurse_line faq_renewal faq_who_are_you
    emergency_medical crisis_self_harm safety_violence out_of_scope
    """.split()  # noqa: SIM905 a list as people read it
)
OUT_OF_SCOPE = "out_of_scope"

COMMAND_OF: Mapping[str, Command] = MappingProxyType(
    {
        "go_back": "back",
        "skip": "skip",
        "menu": "menu",
        "repeat": "repeat",
        "talk_to_person": "person",
        "why_ask": "why",
        "change_answer": "change",
        "restart": "restart",
        "resume": "resume",
        "pause_later": "later",
        "speak_english": "english",
        "speak_spanish": "spanish",
        "wrong_number": "wrong_number",
        "cancel_task": "cancel",
        "not_understood": "not_understood",
        "callback_request": "callback",
    }
)
INTENT_OF: Mapping[Command, str] = MappingProxyType({command: intent for intent, command in COMMAND_OF.items()})

URGENCY_OF: Mapping[str, Urgency] = MappingProxyType(
    {"crisis_self_harm": "self_harm", "safety_violence": "violence", "emergency_medical": "medical"}
)
_DANGER_OF: Mapping[Urgency, str] = MappingProxyType(
    {
        "self_harm": "crisis_self_harm",
        "violence": "safety_violence",
        "medical": "emergency_medical",
        "overdose": "emergency_medical",
        "labor": "emergency_medical",
    }
)
OPT_OF: Mapping[str, OptWord] = MappingProxyType({"opt_out": "out", "opt_in": "in", "help": "help"})
_NAME_OF_OPT: Mapping[OptWord, str] = MappingProxyType({word: intent for intent, word in OPT_OF.items()})


def one_intent(meaning: Understanding) -> str:
    """The one name of INTENTS that an understanding comes down to."""
    return one_intent_and_why(meaning)[0]


def one_intent_and_why(meaning: Understanding) -> tuple[str, str]:
    """The one intent, and why this one won. The order is the engine's: danger, receiving texts, reserved words, the
    answer to the open question, an intent. Where two or three are too near each other it is the likeliest; where the
    answer is no yes or no it is OUT_OF_SCOPE, for lack of a name."""
    if meaning.urgent is not None:
        return _DANGER_OF[meaning.urgent], "urgent beats everything"
    if meaning.opt is not None:
        return _NAME_OF_OPT[meaning.opt], "a word about receiving texts beats everything but danger"
    if meaning.command is not None and meaning.command in INTENT_OF:
        return INTENT_OF[meaning.command], "a reserved word beats an answer and an intent"
    if isinstance(meaning.answer, Value):
        return _yes_or_no(meaning.answer), "an answer to the open question beats an intent"
    if meaning.intent is not None:
        return meaning.intent, "the classifier is sure"
    if meaning.between:
        return meaning.between[0], "the likeliest of those too near each other to choose"
    return OUT_OF_SCOPE, "nothing is understood"


def _yes_or_no(answer: Value) -> str:
    if isinstance(answer.value, bool):
        return "affirm" if answer.value else "deny"
    return OUT_OF_SCOPE
