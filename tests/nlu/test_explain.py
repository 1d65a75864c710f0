"""Why a text is understood as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nlu.explain import Candidate, Explanation, Source, explain
from nlu.hashed import BUCKETS, HashedModel
from nlu.understanding import Language, Value
from tests.nlu import questions as q
from tests.nlu.classifiers import believing

SURE = believing(talk_to_person=0.9, faq_cost=0.06, out_of_scope=0.04)


def explained(text: str, language: Language = "en") -> Explanation:
    return explain(text, None, language, SURE, q.expecting("text"))


def test_the_phrase_of_the_list_that_counted_is_named() -> None:
    danger = explained("yesterday the chest pain came back, worse")
    assert (danger.urgent, danger.one_intent) == (Source("list", "chest pain"), "emergency_medical")
    assert danger.because == "urgent beats everything"
    assert explained("please just go back to it").command == Source("list", "back")
    assert explained("unsubscribe please").opt == Source("list", "unsubscribe")


def test_a_command_that_only_the_classifier_heard_is_its_own() -> None:
    told = explained("is there anyone breathing over there")
    assert (told.command, told.meaning.command) == (Source("classifier"), "person")
    assert [each.intent for each in told.intents] == ["talk_to_person", "faq_cost", "out_of_scope"]
    assert told.belonging is not None and told.threshold is not None and told.belonging > told.threshold


def test_every_kind_of_answer_that_the_text_may_be_is_shown() -> None:
    assert Candidate("zip", Value("46204")) in explained("46204").candidates
    assert Candidate("bool", Value(True)) in explained("yes").candidates


def test_the_words_that_tell_the_language_are_shown() -> None:
    told = explained("necesito mi tarjeta")
    assert told.telling_words["es"] == ("necesito", "mi", "tarjeta")
    assert told.language_because == "strong signs of another"
    assert explained("ok").language_because == "no strong sign: the conversation keeps its language"


def test_without_a_classifier_the_lists_are_still_explained() -> None:
    told = explain("talk to a person", None, "en", None, q.expecting("text"))
    assert (told.intents, told.belonging, told.one_intent) == ((), None, "talk_to_person")


def test_what_the_opt_out_model_heard_is_its_own() -> None:
    nothing = np.zeros((BUCKETS, 1), dtype=np.float32)
    sure = replace(SURE, opt_out=HashedModel(nothing[:, 0], nothing, np.array([1.0], dtype=np.float32)))
    told = explain("something is off with the gate", None, "en", sure, q.expecting("text"))
    assert (told.opt, told.meaning.opt) == (Source("opt-out model"), "out")
    assert (told.opt_out.because, told.opt_out.listed, told.opt_out.score) == ("the model is sure", None, 1.0)
    assert explained("unsubscribe please").opt_out.because == "the lists alone count"
