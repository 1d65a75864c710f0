"""The names the engine and the content share: what content must have, what it may use, what it must leave alone."""

from __future__ import annotations

LANGUAGES = ("en", "es")

# What the engine says on its own, at any question.
SYSTEM_RESPONSES = (
    "utter_welcome",
    "utter_help",
    "utter_opted_out",
    "utter_opted_in",
    "utter_crisis_self_harm",
    "utter_crisis_medical",
    "utter_crisis_violence",
    "utter_crisis_overdose",
    "utter_crisis_labor",
    "utter_perhaps_danger",
    "utter_not_understood_1",
    "utter_not_understood_2",
    "utter_not_understood_3",
    "utter_which_one",
    "utter_language_changed",
    "utter_back_at_start",
    "utter_cannot_skip",
    "utter_why_default",
    "utter_progress",
    "utter_resumed",
    "utter_set_aside",
    "utter_wrong_number",
    "utter_wrong_number_check",
    "utter_opt_out",
    "utter_handoff",
    "utter_later",
    "utter_trouble",
    "utter_media_only",
    "utter_answer_taken_late",
    "utter_paused",
    "utter_voice_stub",
    "utter_done_for_now",
    "utter_back_to",
    "utter_changed",
    "utter_changing",
    "utter_reminder",
    "utter_set_down",
    "utter_repeat_2",
    "utter_repeat_3",
    "utter_explain",
    "utter_out_of_scope",
    "utter_callback_cancelled",
    "utter_moved_to_text",
    "utter_text_from_call",
    "utter_no_text_number",
    "utter_no_text_opted_out",
)

# Steps that the engine runs itself: each becomes an event.
RECORD_STEPS = frozenset(
    {
        "record_verification",
        "record_verification_failure",
        "record_person",
        "record_place",
        "record_preference",
        "record_consent",
        "record_pmp",
        "record_screening",
        "record_handoff",
        "record_change",
        "record_reminder",
        "record_rest",
        "record_callback",
        "record_set_aside",
    }
)

# Slots that the engine sets before every turn; a flow reads them and never sets them.
ENGINE_SLOTS = frozenset(
    {
        "plan",
        "language",
        "channel",
        "relay",
        "caller_known",
        "uses_relay",
        "today",
        "phone_index",
        "verified",
        "person",
        "name",
        "person_age",
        "person_sex",
        "for_self",
        "guardian",
        "drinks",
        "alerts_on",
        "set_aside",
        "skippable",
        "answer_kind",
        "open_hours",
        "answered_count",
        "declined_count",
    }
)

# Variables of responses that are no slots; every key of a plan's facts is one too, as plan_<key>.
ENGINE_VARIABLES = frozenset(
    {
        "plan_name",
        "plan_phone",
        "plan_tty",
        "plan_hours",
        "reward_name",
        "reward_most",
        "member_id_hint",
        "question_number",
        "question_total",
        "question_label",
        "choices",
        "option_title",
        "option_key",
        "heard",
        "spelled",
        "whisper_who",
        "whisper_task",
        "whisper_language",
    }
)
