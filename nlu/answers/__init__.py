"""One pure parser per kind of answer. The table is the whole of the routing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
from nlu.understanding import Answer, AnswerKind, Expecting

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
