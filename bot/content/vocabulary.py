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
    "utter_person_here",
    "utter_back_with_bot",
    "utter_case_done",
    "utter_agent_gone",
    "utter_nobody_free",
    "utter_invited",
    "utter_later",
    "utter_trouble",
    "utter_media_only",
    "utter_answer_taken_late",
    "utter_paused",
    "utter_call_without_records",
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

# What it says on calls only.
CALL_RESPONSES = (
    "utter_call_welcome",
    "utter_call_other_language",
    "utter_call_resumed",
    "utter_call_welcome_relay_operator",
    "utter_voice_keys",
    "utter_voice_option",
    "utter_relay_option",
    "utter_voice_yes_no",
    "utter_voice_instead",
    "utter_voice_more",
    "utter_relay_more",
    "utter_voice_more_of_them",
    "utter_voice_several",
    "utter_relay_several",
    "utter_voice_rest",
    "utter_spell",
    "utter_silence_1",
    "utter_silence_2",
    "utter_silence_3",
    "utter_silence_goodbye",
    "utter_go_ahead",
    "utter_relay_check_in",
    "utter_relay_goodbye",
    "utter_anything_else",
    "utter_dialing_person",
    "utter_person_busy",
    "utter_closed_voice",
    "utter_goodbye_voice",
    "utter_whisper",
    "utter_whisper_verified",
    "utter_whisper_verified_guardian",
    "utter_whisper_not_verified",
    "utter_whisper_no_task",
    "utter_whisper_how_far",
    "utter_whisper_english",
    "utter_whisper_spanish",
    "utter_whisper_relay",
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
        "line",
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
        "text_desk",
        "in_line",
        "answered_count",
        "declined_count",
    }
)

# Variables that a plan's file fills; every key of its facts is one too, as plan_<key>.
PLAN_VARIABLES = frozenset(
    {
        "plan_name",
        "plan_phone",
        "plan_tty",
        "plan_hours",
        "reward_name",
        "reward_most",
        "reward_until",
        "member_id_hint",
        "claim_minutes",
    }
)

# Variables of responses that are no slots.
ENGINE_VARIABLES = PLAN_VARIABLES | frozenset(
    {
        "agent_name",
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
