"""Providers by a name as members write it: misspelled, by ear, in any order, with "Dr."."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, exists, select

from bot.directory.names import keys_of, likeness, words_of
from bot.records.tables import name_keys, name_pairs, provider_names
from bot.records.tables import provider_sites as sites

_MOST = 5_000  # providers scored for one name
_WORDS_USED = 5
_ALTERNATIVES = 20  # directory words taken for one word asked for
_ALIKE = 0.78  # below this two words are two names: "Ruiz" and "Ruth"
_FAMILY_ALIKE = 0.9
_BEHIND_BEST = 0.12  # who is less like than the likest by more is not worth offering

Alternatives = Mapping[str, float]  # word in the directory -> how like the word asked for


@dataclass(frozen=True, slots=True)
class Where:
    """What a provider's site has to meet, and by what those equally like are ordered: the least over their sites."""

    condition: ColumnElement[bool]
    distance: ColumnElement[float]


def likest(conn: Connection, name: str, where: Where, most: int) -> list[str]:
    """Ids of the providers with a name like this one and a site that will do: likest first, then nearest, then by id.

    All words must be found, an initial at the beginning of one; where nobody has them all, whoever has the family name
    will do."""
    words = words_of(name)[:_WORDS_USED]
    initials = [word for word in words if len(word) == 1] if any(len(word) > 1 for word in words) else []
    wanted = [_alternatives(conn, word) for word in words if word not in initials]
    if not any(wanted):
        return []
    if len(wanted) > 1:
        found = _with_every_word(conn, wanted, initials, where, most)
    else:
        found = _with_word(conn, wanted[0], where, most, and_(True, *map(_has_initial, initials)))
    return found or (_with_family_name(conn, wanted, where, most) if len(words) > 1 else [])


def _alternatives(conn: Connection, word: str) -> Alternatives:
    """The directory's words that may be meant."""
    filed = name_keys.c.key.in_(sorted(keys_of(word)))
    scored = {other: likeness(word, other) for other in conn.scalars(select(name_keys.c.word).where(filed).distinct())}
    likest_first = sorted(scored, key=lambda other: (-scored[other], other))
    return {other: scored[other] for other in likest_first[:_ALTERNATIVES] if scored[other] >= _ALIKE}


def _has_initial(initial: str) -> ColumnElement[bool]:
    other = provider_names.alias()
    begins = (other.c.word >= initial) & (other.c.word < chr(ord(initial) + 1))
    return exists().where(other.c.provider == provider_names.c.provider, begins)


# --- one word: its likeness is the provider's, so that SQL can count out the nearest of the likest -------------------


def _with_word(conn: Connection, alike: Alternatives, where: Where, most: int, also: ColumnElement[bool]) -> list[str]:
    groups: defaultdict[float, list[str]] = defaultdict(list)
    for word, score in alike.items():
        groups[round(score, 2)].append(word)
    found: list[str] = []
    least = 0.0
    for score in sorted(groups, reverse=True):
        if score < least or len(found) >= most:
            break
        found += _nearest_with(conn, sorted(groups[score]), where, also, found, most - len(found))
        least = least or (score - _BEHIND_BEST if found else 0.0)
    return found


def _nearest_with(
    conn: Connection,
    words: Sequence[str],
    where: Where,
    also: ColumnElement[bool],
    without: Sequence[str],
    most: int,
) -> Sequence[str]:
    n = provider_names.c
    nearest = (
        select(sites.c.provider)
        .where(sites.c.provider.in_(select(n.provider).where(n.word.in_(words), also)))
        .where(sites.c.provider.not_in(without), where.condition)
        .group_by(sites.c.provider)
        .order_by(where.distance, sites.c.provider)
        .limit(most)
    )
    return conn.scalars(nearest).all()


def _with_family_name(conn: Connection, wanted: Sequence[Alternatives], where: Where, most: int) -> list[str]:
    alike = {word: score for words in wanted for word, score in words.items() if score >= _FAMILY_ALIKE}
    return _with_word(conn, alike, where, most, provider_names.c.family.is_(True))


# --- several words ---------------------------------------------------------------------------------------------------


def _with_every_word(
    conn: Connection, wanted: Sequence[Alternatives], initials: Sequence[str], where: Where, most: int
) -> list[str]:
    """Those who have a word for each asked for; of more than two, else those with two of them, the family name too."""
    candidates = _with_two(conn, {word for words in wanted for word in words}, where)
    names = _names(conn, candidates)
    scores = {who: _likeness(words, wanted, initials) for who, words in names.items()}
    whole = {who: score for who, score in scores.items() if score} or (
        _with_two_of_more(names, wanted) if len(wanted) > 2 else {}
    )
    least = max(whole.values(), default=0.0) - _BEHIND_BEST
    good = [who for who, score in whole.items() if score >= least]
    return sorted(good, key=lambda who: (-round(whole[who], 2), candidates[who], who))[:most]


def _with_two(conn: Connection, words: Collection[str], where: Where) -> dict[str, float]:
    """Providers with any two of these words, and how far away they are."""
    p, among = name_pairs.c, sorted(words)
    rows = conn.execute(
        select(sites.c.provider, where.distance)
        .where(sites.c.provider.in_(select(p.provider).where(p.one.in_(among), p.two.in_(among))))
        .where(where.condition)
        .group_by(sites.c.provider)
        .order_by(where.distance, sites.c.provider)
        .limit(_MOST)
    )
    return {row[0]: row[1] for row in rows}


def _names(conn: Connection, ids: Collection[str]) -> dict[str, dict[str, bool]]:
    """Provider -> the words of the name, and whether each belongs to the family name."""
    found: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for row in conn.execute(select(provider_names).where(provider_names.c.provider.in_(sorted(ids)))):
        found[row.provider][row.word] = row.family
    return found


def _likeness(words: Iterable[str], wanted: Sequence[Alternatives], initials: Sequence[str]) -> float:
    """The mean, over the words asked for, of the likest word of this name; 0 where there is none for one of them."""
    scores = [max(alike.get(word, 0.0) for word in words) for alike in wanted]
    scores += [max(likeness(initial, word) for word in words) for initial in initials]
    return sum(scores) / len(scores) if all(scores) else 0.0


def _with_two_of_more(names: Mapping[str, Mapping[str, bool]], wanted: Sequence[Alternatives]) -> dict[str, float]:
    alike = {word for words in wanted for word, score in words.items() if score >= _FAMILY_ALIKE}
    return {
        who: sum(max(each.get(word, 0.0) for word in words) for each in wanted) / len(wanted)
        for who, words in names.items()
        if any(family and word in alike for word, family in words.items())
    }
