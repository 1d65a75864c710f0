"""What a word is about, whatever the word or its language. The groups are nlu/data/concepts.yml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from nlu.phrases import phrase_file


@dataclass(frozen=True, slots=True)
class _Groups:
    words: dict[str, str]
    beginnings: dict[str, str]
    shortest: int  # letters of the shortest beginning


def concepts(words: Iterable[str]) -> tuple[str, ...]:
    """The groups that the folded words belong to, each once, in order of appearance."""
    return tuple(dict.fromkeys(group for word in words if (group := _group(word)) is not None))


def _group(word: str) -> str | None:
    """The group of the word itself, else of its longest beginning."""
    groups = _groups()
    if (group := groups.words.get(word)) is not None:
        return group
    for length in range(len(word), groups.shortest - 1, -1):
        if (group := groups.beginnings.get(word[:length])) is not None:
            return group
    return None


@cache
def _groups() -> _Groups:
    """Raises ValueError where a word stands in two groups."""
    words: dict[str, str] = {}
    for group, members in phrase_file("concepts.yml").items():
        for word in members:
            if words.setdefault(word, group) != group:
                raise ValueError(f"concepts.yml: {word!r} stands under {words[word]} and {group}")
    beginnings = {word[:-1]: group for word, group in words.items() if word.endswith("*")}
    whole = {word: group for word, group in words.items() if not word.endswith("*")}
    return _Groups(whole, beginnings, min(map(len, beginnings)))
