"""Providers by a name as members write it: misspelled, by ear, in any order, with "Dr."."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, exists, intersect, select, true

from bot.directory.names import keys_of, likeness, words_of
from bot.records.tables import name_keys, provider_names, providers
from bot.records.tables import provider_sites as sites

_MOST = 20_000  # SQLite takes 32,766 parameters in a statement
_WORDS_USED = 5
_ALTERNATIVES = 20  # directory words taken for one word asked for
_ALIKE = 0.78  # below this two words are two names: "Ruiz" and "Ruth"
_FAMILY_ALIKE = 0.9
_BEHIND_BEST = 0.12  # who is less like than the likest by more is not worth offering

Alternatives = Mapping[str, float]  # word in the directory -> how like the word asked for


def likest(conn: Connection, name: str, condition: ColumnElement[bool]) -> dict[str, float]:
    """Provider id -> likeness (0 to 1) of those with a site that meets the condition and a name like this one.

    All words must be found; where nobody has them all, whoever has the family name will do."""
    wanted = [_alternatives(conn, word) for word in words_of(name)[:_WORDS_USED]]
    if not any(wanted):
        return {}
    found = _with_every_word(conn, wanted, condition) or _with_family_name(conn, wanted, condition)
    best = max(found.values(), default=0.0)
    return {provider: score for provider, score in found.items() if score >= best - _BEHIND_BEST}


def _alternatives(conn: Connection, word: str) -> Alternatives:
    """The directory's words that may be meant; for an initial, every word that begins so is."""
    filed = name_keys.c.key.in_(sorted(keys_of(word))) if len(word) > 1 else _begins(word)
    scored = {other: likeness(word, other) for other in conn.scalars(select(name_keys.c.word).where(filed).distinct())}
    likest_first = sorted(scored, key=lambda other: (-scored[other], other))
    taken = likest_first[:_ALTERNATIVES] if len(word) > 1 else likest_first
    return {other: scored[other] for other in taken if scored[other] >= _ALIKE}


def _begins(initial: str) -> ColumnElement[bool]:
    column = name_keys.c.key
    return and_(column >= initial, column < chr(ord(initial) + 1), column == name_keys.c.word)


def _with_every_word(
    conn: Connection, wanted: Sequence[Alternatives], condition: ColumnElement[bool]
) -> dict[str, float]:
    if not all(wanted):
        return {}
    having = [select(provider_names.c.provider).where(provider_names.c.word.in_(sorted(words))) for words in wanted]
    all_of_them = provider_names.c.provider.in_(intersect(*having)) if len(having) > 1 else true()
    return _scored(conn, wanted, {word for words in wanted for word in words}, and_(all_of_them, _has_site(condition)))


def _with_family_name(
    conn: Connection, wanted: Sequence[Alternatives], condition: ColumnElement[bool]
) -> dict[str, float]:
    alike = {word for alternatives in wanted for word, score in alternatives.items() if score >= _FAMILY_ALIKE}
    scores = _scored(conn, wanted, alike, _has_site(condition))
    families = conn.execute(select(providers.c.id, providers.c.family).where(providers.c.id.in_(sorted(scores))))
    return {provider: scores[provider] for provider, family in families if not alike.isdisjoint(words_of(family))}


def _has_site(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(sites.c.provider == provider_names.c.provider, condition)


def _scored(
    conn: Connection, wanted: Sequence[Alternatives], among: Collection[str], condition: ColumnElement[bool]
) -> dict[str, float]:
    """The mean, over the words asked for, of the likest word of each provider with one of these words."""
    rows = select(provider_names).where(provider_names.c.word.in_(sorted(among)), condition).limit(_MOST)
    words: defaultdict[str, list[str]] = defaultdict(list)
    for provider, word in conn.execute(rows):
        words[provider].append(word)
    return {
        provider: _mean(max(alike.get(word, 0.0) for word in theirs) for alike in wanted)
        for provider, theirs in words.items()
    }


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)
