"""Which of the options shown a text mentions: by number, title, synonym, part of a title, slip of the finger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from nlu.answers.number_words import cardinal, ordinal
from nlu.answers.small_words import FILLER, NEGATION
from nlu.answers.yes_no import NO, YES
from nlu.reading import fold
from nlu.understanding import Option
from nlu.vocabulary import phrases, vocabulary

Values = frozenset[str]

_STEM = 6  # letters that two forms of one word have in common

# What means the exclusive option: anywhere in a list...
NONE_WORDS = phrases(
    """
    none|ningun|none of these|ningunos|ningunas|none of them|none of the above|neither|nothing|nada|ninguno|ninguna
    ninguno de estos
    ninguna de estas|ninguno de esos|no tengo ninguno|no tengo ninguna
    """
)
# ...and only as the whole text, because "no diabetes" denies one thing.
NO_TO_ALL = phrases(
    """
    healthy|im healthy|i am healthy|he is healthy|hes healthy|she is healthy|shes healthy
    estoy sano|estoy sana|soy sano|soy sana|esta sano|esta sana|no conditions|no health problems|no health conditions
    no problems|no to all|no medicine|no medicines|no medicinas|i dont take any|dont take any|i take none
    i dont have any of these
    i dont have any of them|i dont have any of those|i do not have any|i do not have any of these|none of em
    no tomo nada|no tomo ninguna|no tomo medicinas|no tomo ninguno|no tengo enfermedades|sin enfermedades
    no|nope|nah|na|n a
    i dont have any|dont have any|no tengo|no tengo nada|nel|thumbsdown
    """
)
UNSURE_WORDS = phrases(
    """
    idk|dont know|i dont know|not sure|im not sure|unsure|dunno|no idea|no se|no lo se|no estoy seguro|no estoy segura
    quien sabe|maybe|tal vez|quizas
    """
)

_GLUE = vocabulary(
    """
    a an the i my of to or and need necesito in on is it have has do did for from with at by be me you your that el la
    los las de
    del en un una unos unas y o e u mi su se lo le con por para que al es
    """
)
_PRONOUN_BEFORE_ONE = vocabulary(
    """
    that this which the other last middle medio bottom top any each either another every some one
    """
)
_FIRST = vocabulary("top arriba")
_MIDDLE = vocabulary("middle medio enmedio")
_LAST = vocabulary("last ultimo ultima bottom abajo")
_AFTER_PLACE = vocabulary("one option opcion choice doctor doctora please por")
_BEFORE_KEY = vocabulary("option opcion number numero num choice answer")
_INTENSE = vocabulary("very muy")
# Letters that sound alike in Spanish: "vuena" is "buena".
_ALIKE = ({"b", "v"}, {"s", "c", "z"}, {"k", "c", "q"}, {"y", "l"}, {"g", "j"})


@dataclass(frozen=True, slots=True)
class _Label:
    value: str
    words: int
    negative: bool  # "I do not have...": only a text that says no as well may mean it by a part


@dataclass(frozen=True, slots=True)
class OptionIndex:
    """The options of one question, prepared for look-up."""

    by_key: dict[str, str]
    in_order: tuple[str, ...]  # values as shown
    titles: dict[str, Values]  # a whole label -> values
    whole_only: dict[str, Values]  # what names an option only as the whole text: "no" for none, "everyday"
    labels: tuple[_Label, ...]
    parts: dict[str, frozenset[int]]  # a telling word -> the labels (their place) that hold it
    longest: int  # words in the longest label
    exclusive: Values

    def whole(self, plain: str) -> Values | None:
        """The options that the text names with nothing else in it."""
        return self.titles.get(plain) or self.whole_only.get(plain)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a text names, in order, and which of its words name nothing."""

    named: tuple[Values, ...]
    unknown: tuple[str, ...]
    denied: bool  # a "not" stands outside every label
    out_of_range: bool
    longest: int  # words of the longest whole label
    parts: int  # words that are only a part of a label, or another spelling of one
    respelt: int  # those of them that stand for a whole label

    @property
    def exact(self) -> bool:
        """Whole labels and keys only."""
        return not self.parts


@lru_cache(maxsize=512)
def index(options: tuple[Option, ...]) -> OptionIndex:
    """Prepare options; cached, because every member sees the same ones."""
    folded = [(option, [label for label in map(fold, option.labels) if label]) for option in options]
    labels = tuple(
        _Label(option.value, len(label.split()), not NEGATION.isdisjoint(label.split()))
        for option, group in folded
        for label in group
    )
    words = [label.split() for _, group in folded for label in group]
    parts: dict[str, set[int]] = {}
    for place, label in enumerate(words):
        for word in label:
            if word not in _GLUE and word not in NEGATION:
                parts.setdefault(word, set()).add(place)
    return OptionIndex(
        by_key={option.key: option.value for option in options},
        in_order=tuple(option.value for option in options),
        titles=_titles(folded),
        whole_only=_whole_only(folded),
        labels=labels,
        parts={word: frozenset(places) for word, places in parts.items()},
        longest=max(map(len, words), default=1),
        exclusive=frozenset(option.value for option in options if option.exclusive),
    )


def _titles(folded: Sequence[tuple[Option, list[str]]]) -> dict[str, Values]:
    titles: dict[str, Values] = {}
    for option, labels in folded:
        for label in labels:
            titles[label] = titles.get(label, frozenset()) | {option.value}
    given = set(titles)
    for option, labels in folded:
        for word in _implied(option, set(labels)):
            if word not in given:
                titles[word] = titles.get(word, frozenset()) | {option.value}
    return titles


def _whole_only(folded: Sequence[tuple[Option, list[str]]]) -> dict[str, Values]:
    names: dict[str, Values] = {}
    for option, labels in folded:
        glued = {label.replace(" ", "") for label in labels if " " in label}
        for word in glued.union(NO_TO_ALL if option.exclusive else ()):
            names[word] = names.get(word, frozenset()) | {option.value}
    return names


def _implied(option: Option, labels: set[str]) -> Iterable[str]:
    if labels & {"yes", "si"}:
        yield from YES
    if labels & {"no"}:
        yield from NO - {"not", "dont", "never", "nunca", "jamas"}
    if labels & {"not sure", "no se", "unsure"}:
        yield from UNSURE_WORDS
    if option.exclusive:
        yield from NONE_WORDS


def number_named(word: str, words: Sequence[str], place: int) -> int | None:
    """The number this word says as a key: 2, two, second, 2nd, dos, segunda; "one" in "that one" says none."""
    if (
        word in {"one", "ones", "uno", "una", "un"}
        and place
        and (words[place - 1] in _PRONOUN_BEFORE_ONE or ordinal(words[place - 1 : place]) is not None)
    ):
        return None
    if word in {"un", "una"} and len(words) > 1:
        return None
    found = cardinal((word,))
    return found if found is not None else ordinal((word,))


def scan(words: Sequence[str], options: OptionIndex, *, says_no: bool) -> Mentions:
    """Read the words left to right, longest label first."""
    named: list[Values] = []
    unknown: list[str] = []
    denied = out_of_range = False
    parts = respelt = place = longest = 0
    while place < len(words):
        if (hit := _whole_label(words, place, options)) is not None:
            values, used = hit
            named.append(values)
            longest = max(longest, used)
        elif _is_pronoun(words, place):
            used = 1
        elif (key := _key(words, place, options)) is not None:
            out_of_range |= not key
            named.extend([key] if key else [])
            used = 1
        elif (run := _partial_label(words, place, options, says_no=says_no)) is not None:
            values, used, is_part = run
            named.append(values)
            parts += used
            respelt += used * (not is_part)
        else:
            used = 1
            denied |= words[place] in NEGATION
            if words[place] not in FILLER and words[place] not in NEGATION and words[place] not in _INTENSE:
                unknown.append(words[place])
        place += used
    return Mentions(tuple(named), tuple(unknown), denied, out_of_range, longest, parts, respelt)


def _whole_label(words: Sequence[str], place: int, options: OptionIndex) -> tuple[Values, int] | None:
    for length in range(min(options.longest, len(words) - place), 0, -1):
        phrase = " ".join(words[place : place + length])
        if phrase in options.titles:
            return options.titles[phrase], length
    return None


def _key(words: Sequence[str], place: int, options: OptionIndex) -> Values | None:
    """The option this number names (nothing in it when there is no such option), or None when it is not a number."""
    word = words[place]
    if (at := _place_named(words, place, len(options.in_order))) is not None:
        return frozenset({options.in_order[at]})
    if word in {"one", "ones"} and place == len(words) - 1 and place and words[place - 1] in options.parts:
        return None  # "the family one"
    number = number_named(word, words, place)
    if number is None:
        return None
    keyed = options.by_key.get(str(number))
    told = frozenset() if keyed is None else frozenset({keyed})
    if word.isdigit() or word not in options.parts or words[max(place - 1, 0)] in _BEFORE_KEY:
        return told
    # "three" beside the option "One to three": it may be either.
    return told | {options.labels[label].value for label in options.parts[word]}


def _is_pronoun(words: Sequence[str], place: int) -> bool:
    """ "one" in "the last one" and "the third one" is no number."""
    before = words[max(place - 1, 0) : place]
    if words[place] not in {"one", "ones"} or not before:
        return False
    return before[0] in _PRONOUN_BEFORE_ONE - {"some", "every"} or ordinal(before) is not None


def _place_named(words: Sequence[str], place: int, count: int) -> int | None:
    """Where "the last one", "the top one" or "the middle one" stands."""
    if place + 1 < len(words) and words[place + 1] not in _AFTER_PLACE:
        return None
    if words[place] in _MIDDLE and count % 2:
        return count // 2
    return count - 1 if words[place] in _LAST else 0 if words[place] in _FIRST else None


def _partial_label(
    words: Sequence[str], place: int, options: OptionIndex, *, says_no: bool
) -> tuple[Values, int, bool] | None:
    """The options whose labels hold the words here, how many words, and whether they are only a part of a label."""
    shared = _labels_with(words[place], options, says_no=says_no)
    if not shared or (
        words[place] in _INTENSE and words[place + 1 : place + 2] and _is_whole(words[place + 1], options)
    ):
        return None
    used = 1
    for ahead in range(place + 1, len(words)):
        if words[ahead] not in options.parts and words[ahead] in FILLER:
            continue
        narrower = shared & _labels_with(words[ahead], options, says_no=says_no)
        if not narrower:
            break
        shared, used = narrower, ahead - place + 1
    is_part = any(options.labels[label].words > 1 for label in shared)
    return frozenset(options.labels[label].value for label in shared), used, is_part


def _is_whole(word: str, options: OptionIndex) -> bool:
    """ "muy mala" is only more of "mala"."""
    return word in options.titles


def _labels_with(word: str, options: OptionIndex, *, says_no: bool) -> frozenset[int]:
    """The labels that hold the word, of those that say no like the text or yes like it."""
    labels = options.parts.get(word) or _slip(word, options)
    return frozenset(label for label in labels if options.labels[label].negative is says_no)


def _slip(word: str, options: OptionIndex) -> frozenset[int]:
    """The labels of the option words that this word is a slip of the finger away from."""
    if len(word) < 4 or word in FILLER or word in NEGATION or word.isdigit():
        return frozenset()
    near = (labels for part, labels in options.parts.items() if len(part) >= 4 and _is_slip(word, part))
    return frozenset[int]().union(*near)


def _is_slip(word: str, meant: str) -> bool:
    if _is_another_form(word, meant):
        return True
    if word[:_STEM] == meant[:_STEM] and len(word) - _STEM <= 4 and len(meant) >= _STEM:
        return True  # "diabetic" for "diabetes"
    allowed = 2 if len(meant) >= 8 else 1
    if abs(len(word) - len(meant)) > allowed or not _begins_alike(word, meant):
        return False
    if OSA.distance(word, meant, score_cutoff=allowed) > allowed:
        return False
    # In short words one changed letter makes another word ("test", "text").
    return len(meant) > 4 or len(word) != len(meant) or sorted(word) == sorted(meant)


def _is_another_form(word: str, meant: str) -> bool:
    """Gender and number: "otro" for "otra", "rinones" for "rinon"."""
    return word in (f"{meant}s", f"{meant}es") or (word[:-1] == meant[:-1] and word[-1] in "oa" and meant[-1] in "oa")


def _begins_alike(word: str, meant: str) -> bool:
    first = {word[0], meant[0]}
    return len(first) == 1 or word[:2] == meant[1::-1] or any(first <= alike for alike in _ALIKE)
