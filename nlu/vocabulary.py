"""Word lists as people read them: words apart by spaces, phrases apart by bars, over as many lines as they need."""

from __future__ import annotations


def vocabulary(words: str) -> frozenset[str]:
    """The set of the words."""
    return frozenset(words.split())


def phrases(text: str) -> tuple[str, ...]:
    """The bar-separated phrases, whatever the line breaks between them."""
    parts = (part for line in text.splitlines() for part in line.strip().split("|"))
    return tuple(part for part in parts if part)


def either(text: str) -> str:
    """The bar-separated phrases as one group of a regular expression; bars inside a group stay as they are."""
    return f"(?:{'|'.join(phrases(text))})"
