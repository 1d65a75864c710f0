"""Every rule of content, in the order they are applied."""

from __future__ import annotations

from bot.check import options, spoken, wording
from bot.content.findings import READING_RULES
from bot.content.rule import Rule
from bot.content.structure import STRUCTURE

# What content should keep although it could be run without.
LINT = (
    Rule(
        "missing-translation",
        "Write it under translation; a plan's members are owed every text in both languages.",
        wording.missing_translation,
    ),
    Rule("missing-sample", "Add the longest plausible value to check.yml.", wording.missing_sample),
    Rule(
        "segment-budget",
        "Shorten it, or raise the budget under metadata.segments if it is worth the price.",
        wording.segment_budget,
    ),
    Rule(
        "reading-grade",
        "Use shorter words and sentences; prescribed wording takes metadata.grade_exempt with the reason.",
        wording.reading_grade,
    ),
    Rule(
        "spoken-length",
        "Say less, or in shorter sentences; give it a variation with channel: twilio_voice where the text is worth it.",
        spoken.spoken_length,
    ),
    Rule(
        "spoken-command",
        "Give it a variation with channel: twilio_voice that names keys; metadata.texts_only where no caller hears it.",
        spoken.spoken_command,
    ),
    Rule(
        "relay-keys",
        "Give it a variation for relay calls (condition: slots.relay) that says what to say; metadata.keys_only where "
        "no operator hears it.",
        spoken.relay_keys,
    ),
    Rule("unused-question", "Ask it in a flow, or remove it.", wording.unused_question),
    Rule(
        "opt-out-word-option",
        "Use another word: texted alone, this one never reaches the question.",
        options.opt_out_word_option,
    ),
    Rule("ambiguous-options", "Give each option its own value, key, title and synonyms.", options.ambiguous_options),
    Rule("option-digits", "Spell the number out.", options.option_digits),
)

# Applied while files are read and compiled; then these, in order. A later stage waits until an earlier one is clean.
RULE_NAMES = (*READING_RULES, *(rule.name for rule in (*STRUCTURE, *LINT)))
