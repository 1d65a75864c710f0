"""One pure parser per kind of answer. The table is the whole of the routing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from nlu.answers import (
    address,
    birth_date,
    boolean,
    choice,
    choices,
    day,
    email,
    free_text,
    member_id,
    number,
    person_name,
    phone,
    provider_search,
    zip_code,
)
from nlu.reading import Reading
from nlu.understanding import FREE_WORDS, Answer, AnswerKind, Expecting, NotAnAnswer

Parser = Callable[[Reading, Expecting], Answer]

PARSERS: Mapping[AnswerKind, Parser] = {
    "bool": boolean.parse,
    "choice": choice.parse,
    "choices": choices.parse,
    "number": number.parse,
    "date": day.parse,
    "birth_date": birth_date.parse,
    "zip": zip_code.parse,
    "name": person_name.parse,
    "member_id": member_id.parse,
    "phone": phone.parse,
    "email": email.parse,
    "address": address.parse,
    "text": free_text.parse,
    "provider_search": provider_search.parse,
}


def parser_of(expecting: Expecting) -> Parser:
    """The parser for this question; where it offers options beside its own kind ("I don't have it" for an ID), they can
    be chosen too."""
    parse = PARSERS[expecting.kind]
    chooses = expecting.kind in ("bool", "choice", "choices") or expecting.kind in FREE_WORDS
    return parse if chooses or not expecting.options else partial(_or_option, parse)


def _or_option(parse: Parser, reading: Reading, expecting: Expecting) -> Answer:
    answer = parse(reading, expecting)
    return choice.parse(reading, expecting) if isinstance(answer, NotAnAnswer) else answer
