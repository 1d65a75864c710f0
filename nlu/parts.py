"""Two things said in one text: the answer to the open question, and what else follows it.

"text, and I want Dr Lee" answers and asks; "999900000013 July 30 1998 46208" answers three questions. The answer is
the shortest or longest beginning of the text that is one; the rest counts only when it says something else.
Where no beginning answers, the end may: "my zip is 46204 and text is fine".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from nlu.answers.option_words import index, scan
from nlu.answers.small_words import DOUBT, NEGATION
from nlu.commands import command
from nlu.reading import Reading, fold, read
from nlu.understanding import Answer, AnswerKind, Expecting, NotAnAnswer, Value
from nlu.vocabulary import either, vocabulary

Parser = Callable[[Reading, Expecting], Answer]

# Kinds told by their form. A spoken year goes on as long as it can; an ID ends where it is complete.
_KEYED: Mapping[AnswerKind, bool] = {
    "member_id": False, "zip": False, "phone": False, "email": False, "number": True, "birth_date": True, "date": True,
}  # fmt: skip
_TITLED: frozenset[AnswerKind] = frozenset({"bool", "choice"})
# A date or a yes after a story belongs to the story.
_AFTER_STATEMENTS: frozenset[AnswerKind] = frozenset({"member_id", "zip", "phone", "email"})
_ZIP_FORM = re.compile(r"(?<!\d)\d{5}(?!\d)")
_MOST_WORDS = 24  # of a keyed answer with the words around it: twelve digits said one by one and "my member id is"
_MOST_CLAUSES = 3
_MOST_CHARACTERS = 160

_WORD_END = re.compile(r"(?<=\S)(?:[\s,;]+)(?=\S)")
_CLAUSE_END = re.compile(
    r"\s*[,;.!\n]+\s*(?=\S)|\s+(?=(?:and|but|also|plus|then|y|e|pero|tambi[eé]n|adem[aá]s)\s)", re.IGNORECASE
)
_JOINING = re.compile(
    r"^[\s,;.!:-]*(?:(?:and|but|also|plus|then|so|y|e|pero|tambi[eé]n|adem[aá]s|oh|um|ok|pues|bueno)\b[\s,]*)*",
    re.IGNORECASE,
)
_EXPLAINING = re.compile(
    r"\b(?:because|bc|cuz|coz|cause|since|so that|porque|por que|pq|ya que|as[ií])\b", re.IGNORECASE
)
_CONTRARY = re.compile(
    r"^(?:no+|not|wait|actually|sorry|i mean|i meant|or|maybe|espere|perd[oó]n|digo|mejor|o|quise|m[aá]s bien)\b",
    re.IGNORECASE,
)
_WANTING = re.compile(
    either(
        r"""
        i (?:really )?(?:want|need|would like|have a question|have to|cant|cannot|dont know how|dont understand)
        id like|can|could|may i|please (?:call|send|tell|help)|what|whats|how|when|where|who|why|which
        do (?:you|i|they)|does|is (?:it|there|this|that)|are (?:you|there)|will|should|tell me|help me|send me|call me
        change my|my (?:zip|birthday|dob|birth date|phone|number|email|id|member id|address|date of birth)
        quiero|quisiera|necesito|puede|pueden|puedo|podria|me puede|que|como|cuando|donde|quien|por que|cual|cuanto
        ayudeme|digame|mandeme|llameme|tengo (?:una|unas) preguntas?|me gustaria
        mi (?:codigo|zip|fecha|cumpleanos|telefono|numero|correo|direccion)
        """
    )
    + r"\b.*\w"
)
# Where a second thing begins without a comma: after a choice a wish or a key, after a yes a question or a key.
_KEY_AT = (
    r"my (?:zip|id|birthday|phone|number|email)\b|mi (?:zip|c[oó]digo|fecha|n[uú]mero|correo)\b"
    r"|\S{1,64}@|\(?\d{3}[\d\s().-]{2}"
)
_AFTER_CHOICE = re.compile(
    r"(?<!\bno)(?<!\bnot)\s+(?:to\s+|at\s+|al?\s+)?"
    rf"(?=(?:i want|i need|i would like|i'd like|quiero|necesito|quisiera)\s+\S+\s|{_KEY_AT})",
    re.IGNORECASE,
)
_AFTER_YES = re.compile(
    r"(?:(?<=^yes)|(?<=^yep)|(?<=^yup)|(?<=^yeah)|(?<=^sí))\s+"
    r"(?=what|how|why|when|where|who|can (?:you|i)\b|do you|qu[eé]\s|c[oó]mo|cu[aá]n|d[oó]nde|por qu[eé]|puede"
    rf"|{_KEY_AT})",
    re.IGNORECASE,
)
_KEYED_FORM = re.compile(
    r"\d{5}|(?:\d[\s.()-]{0,2}){7}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}|@|\b(?:at|arroba)\b.*\b(?:dot|punto)\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]*\.?\s+\w"
    r"|\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)"
    r"(?:\s+(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho"
    r"|nueve)\b){4}",
    re.IGNORECASE,
)
# "ok, what is it?" agrees to nothing.
_HEARING = vocabulary(
    "ok okay okey k kk right alright fine well bueno va vale um uh oh sure perfect perfecto orale dale"
)


def parted(reading: Reading, expecting: Expecting, whole: Answer, parse: Parser) -> tuple[Answer, str]:
    """The answer and the rest of the text; `whole` and "" where the text says one thing only."""
    if len(reading.words) < 2:
        return whole, ""
    for beginning, rest in _cuts(reading.text, expecting.kind):
        answer = parse(read(beginning), expecting)
        if not isinstance(answer, Value) or not _agrees(answer, whole) or _only_hears(beginning, expecting):
            continue
        if says_something_else(rest, expecting, parse):
            return answer, _longest_rest(reading.text, rest, answer, expecting, parse)
    return (whole, "") if isinstance(whole, Value) else _at_the_end(reading, expecting, whole, parse)


def _at_the_end(reading: Reading, expecting: Expecting, whole: Answer, parse: Parser) -> tuple[Answer, str]:
    """The answer in the last clauses, where the clauses before it leave it alone; they are then the rest."""
    if expecting.kind not in _KEYED and expecting.kind not in _TITLED:
        return whole, ""
    for start, end in _ends(_CLAUSE_END, reading.text, _MOST_CLAUSES):
        before, last = reading.text[:start], _JOINING.sub("", reading.text[end:], count=1).strip()
        answer = parse(read(last), expecting)
        if isinstance(answer, Value) and not _only_hears(last, expecting) and _leaves_alone(before, expecting, parse):
            return answer, before if says_something_else(before, expecting, parse) else ""
    return whole, ""


def _leaves_alone(before: str, expecting: Expecting, parse: Parser) -> bool:
    """A key to another question; and before an option or a key of its own form, a plain statement, too."""
    reading = read(before)
    if reading.question or _EXPLAINING.search(before) or _CONTRARY.match(reading.plain):
        return False
    if not DOUBT.isdisjoint(reading.words) or not NEGATION.isdisjoint(reading.words):
        return False
    if not isinstance(parse(reading, expecting), NotAnAnswer) or _names_an_option(reading, expecting):
        return False
    if _KEYED_FORM.search(before):
        return expecting.kind != "zip" or _ZIP_FORM.search(before) is None
    return expecting.kind in _AFTER_STATEMENTS and not any(map(str.isdigit, before))


def _names_an_option(reading: Reading, expecting: Expecting) -> bool:
    """ "I like mail, text": which of them is not said. "Código postal" names no "Correo postal" beside a ZIP."""
    if not expecting.options:
        return False
    mentions = scan(reading.words, index(expecting.options), says_no=False)
    return bool(mentions.named) and (mentions.exact or _KEYED_FORM.search(reading.text) is None)


def _longest_rest(text: str, rest: str, answer: Value, expecting: Expecting, parse: Parser) -> str:
    """With the "is" of "7/30/98 is that all?", which a date may have after it but does not need."""
    if not _KEYED.get(expecting.kind, False):
        return rest
    for beginning, longer in _cuts(text, expecting.kind):
        if len(longer) > len(rest):
            if parse(read(beginning), expecting) != answer:
                break
            rest = longer
    return rest


def _cuts(text: str, kind: AnswerKind) -> Iterator[tuple[str, str]]:
    """Where the answer may end, the likeliest first."""
    if kind in _KEYED:
        ends = _ends(_WORD_END, text, _MOST_WORDS)
        ends = ends[::-1] if _KEYED[kind] else ends
    elif kind in _TITLED:
        ends = _ends(_CLAUSE_END, text, _MOST_CLAUSES)
        if not _EXPLAINING.search(text[:_MOST_CHARACTERS]):
            ends += _ends(_AFTER_CHOICE if kind == "choice" else _AFTER_YES, text, 1)
    else:
        return
    for start, end in ends:
        yield text[:start], _JOINING.sub("", text[end:], count=1).strip()


def _ends(pattern: re.Pattern[str], text: str, most: int) -> list[tuple[int, int]]:
    found = []
    for match in pattern.finditer(text[: _MOST_CHARACTERS + 1]):
        found.append(match.span())
        if len(found) == most:
            break
    return found


def says_something_else(rest: str, expecting: Expecting, parse: Parser) -> bool:
    """A wish, a question, a reserved word or another key; not thanks, not a reason, not a second or contrary answer."""
    if not rest or _EXPLAINING.match(rest) or _CONTRARY.match(fold(rest)):
        return False
    reading = read(rest)
    if not (_WANTING.match(reading.plain) or reading.question or _KEYED_FORM.search(rest) or _commands(reading)):
        return False
    return isinstance(parse(replace(reading, question=False), expecting), NotAnAnswer)


def _commands(reading: Reading) -> bool:
    return command(reading, free_words=False) is not None


def _agrees(answer: Value, whole: Answer) -> bool:
    return not isinstance(whole, Value) or whole == answer


def _only_hears(beginning: str, expecting: Expecting) -> bool:
    return expecting.kind == "bool" and _HEARING.issuperset(fold(beginning).split())
