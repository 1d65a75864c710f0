"""The rules content must keep to be run at all; load_content refuses what breaks one."""

from __future__ import annotations

from bot.content import canned, graph, references, values
from bot.content.rule import Rule

STRUCTURE = (
    Rule("unknown-step", "Write the id of a step of this flow, or END.", references.unknown_step),
    Rule("unknown-flow", "Write the id of a flow, or of a questionnaire (its name).", references.unknown_flow),
    Rule("unknown-slot", "Declare the slot in domain.yml, or correct its name.", references.unknown_slot),
    Rule(
        "unknown-action",
        "Declare it in domain.yml and write it in bot/actions; record_ steps are the engine's.",
        references.unknown_action,
    ),
    Rule("unknown-response", "Write the response in responses/, or correct its name.", references.unknown_response),
    Rule("unknown-intent", "Declare the intent in domain.yml, or correct its name.", references.unknown_intent),
    Rule(
        "unknown-variable", "Correct the name; a variable is a slot or a fact of the plan.", references.unknown_variable
    ),
    Rule("missing-system-response", "Write it in responses/system.yml.", references.missing_system_response),
    Rule("read-only-slot", "Use a slot of your own.", references.read_only_slot),
    Rule("unreachable-step", "Lead a branch to it, or remove it.", graph.unreachable_step),
    Rule("dead-end", "Lead one of its branches to END or to a link.", graph.dead_end),
    Rule("loop-without-question", "Ask something in the circle, or lead it elsewhere.", graph.loop_without_question),
    Rule("call-cycle", "Use link for one of the two.", graph.call_cycle),
    Rule("self-link", "Jump to the id of the first step instead.", graph.self_link),
    Rule("link-inside-called-flow", "End the flow instead and let its caller link.", graph.link_inside_called_flow),
    Rule(
        "unset-persisted-slot",
        "Remove it from persisted_slots; what actions set stays anyway.",
        graph.unset_persisted_slot,
    ),
    Rule("condition-type", "Compare the slot with what it can hold.", values.condition_type),
    Rule("slot-value", "Set what the slot's type can hold, or change the type.", values.slot_value),
    Rule("option-value", "Offer what the slot's type can hold, or change the type.", values.option_value),
    Rule(
        "choice-without-options",
        "Give the question buttons, or options_from in its metadata.",
        values.choice_without_options,
    ),
    Rule(
        "stray-button",
        "Buttons are the options of a question: ask with this response, or remove them.",
        values.stray_button,
    ),
    Rule("stray-synonym", "Name the value of one of its buttons.", values.stray_synonym),
    Rule("canned-title", "Write what staff see in their list under metadata.canned.title.", canned.canned_title),
    Rule("canned-same-title", "Give one of the two another title.", canned.canned_same_title),
    Rule(
        "canned-variable",
        "Correct the name, or declare it under metadata.canned.blanks for staff to fill.",
        canned.canned_variable,
    ),
    Rule("canned-unused-blank", "Say it in every language, or remove the blank.", canned.canned_unused_blank),
    Rule("canned-blank-label", "Write for staff what belongs into the blank.", canned.canned_blank_label),
    Rule("canned-blank-name", "Give the blank a name of its own.", canned.canned_blank_name),
    Rule(
        "stray-canned", "Begin the response's name with utter_canned_, or remove metadata.canned.", canned.stray_canned
    ),
)
