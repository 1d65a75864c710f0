"""Conditions of flows, in the language Rasa uses. The only file that knows pypred.

pypred's grammar reads a condition; its tree becomes Python closures, which are ten times faster than pypred's own
evaluation and, unlike it, total: see `compile_condition`.
"""

from __future__ import annotations

import operator
import re
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

with warnings.catch_warnings():  # both packages are older than Python's warnings about their regular expressions
    warnings.simplefilter("ignore")
    from ply import lex, yacc
    from pypred import ast
    from pypred import parser as grammar

from bot.flow import Condition, Slots

_Read = Callable[[Slots], object]

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "is": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SLOT = re.compile(r"slots\.([A-Za-z_][A-Za-z0-9_]*)")


class ConditionError(ValueError):
    """A condition cannot be run; the message says why, in one clause."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`slots.<slot> <relation> <literal>`, for checks of types and values. `literal` is a str, float, bool or None."""

    slot: str
    relation: str  # a sign of _COMPARE, or "contains"
    literal: object


@dataclass(frozen=True, slots=True)
class _Compiled:
    holds: Condition
    slots: frozenset[str]
    comparisons: tuple[Comparison, ...]


def compile_condition(text: str) -> Condition:
    """A function of the slots that never raises. Raises ConditionError when the text is not a condition.

    A slot that is missing is null; a comparison of unlike types (null with a number) makes the whole condition False,
    as in Rasa. pypred's traps are refused: words without quotes, `undefined` (a slot is never undefined, only null),
    `context.`, and `and` mixed with `or` without parentheses (pypred reads `a and b or c` as `a and (b or c)`).
    """
    return _compiled(text).holds


def condition_slots(text: str) -> frozenset[str]:
    """The slots a condition reads. Raises ConditionError."""
    return _compiled(text).slots


def condition_comparisons(text: str) -> tuple[Comparison, ...]:
    """Every comparison of a slot with a literal in a condition. Raises ConditionError."""
    return _compiled(text).comparisons


@lru_cache(maxsize=4096)
def _compiled(text: str) -> _Compiled:
    tree = _parse(text)
    _refuse_mixed_and_or(text)
    return _Compiled(_total(_compile(tree)), frozenset(_slots_of(tree)), tuple(_comparisons_of(tree)))


def _total(read: _Read) -> Condition:
    def holds(slots: Slots) -> bool:
        try:
            return bool(read(slots))
        except TypeError:  # null < 5, "18" > 10, a list looked for in a set
            return False

    return holds


# --- reading, by pypred's grammar


class _Grammar:
    """pypred's lexer and parser, built once: pypred builds both for every condition, and writes tables to disk."""

    def __init__(self) -> None:
        quiet = yacc.NullLogger()
        self.lexer = lex.lex(module=grammar, errorlog=quiet)
        self.parser = yacc.yacc(module=grammar, debug=False, write_tables=False, errorlog=quiet)
        self.lock = threading.Lock()  # ply keeps its stacks on the parser


@lru_cache(maxsize=1)
def _grammar() -> _Grammar:
    return _Grammar()


def _parse(text: str) -> ast.Node:
    if not text.strip():
        raise ConditionError("the condition is empty")
    tree, wrong = _run_grammar(text)
    if wrong:
        raise ConditionError(wrong[0])
    if tree is None:
        raise ConditionError("the condition ends too early")
    valid, info = tree.validate()
    if not valid:
        raise ConditionError(_semantic_reason(info))
    return tree


def _run_grammar(text: str) -> tuple[ast.Node | None, list[str]]:
    tools = _grammar()
    with tools.lock:
        lexer = tools.lexer.clone()
        lexer.errors, lexer.parser, tools.parser.errors, lexer.lineno = [], tools.parser, [], 1
        try:
            tree = tools.parser.parse(text, lexer=lexer)
            wrong = [f"{error[2]!r} is not expected there" for error in tools.parser.errors]
        except SyntaxError:
            tree, wrong = None, ["the condition ends too early: something is missing, or a parenthesis is not closed"]
        return tree, [f"{piece[:20]!r} cannot be read" for piece, _, _ in lexer.errors] + wrong


def _semantic_reason(info: Mapping[str, Mapping[str, str]]) -> str:
    for pattern, reason in info["regex"].items():
        return f"{pattern!r} is not a regular expression: {reason}"
    return 'on the right of "contains" stands one slot or value; a set such as {"a" "b"} stands on its left'


def _refuse_mixed_and_or(text: str) -> None:
    """pypred gives `and` and `or` the same rank, so their order would decide; parentheses must."""
    seen: list[set[str]] = [set()]
    lexer = _grammar().lexer.clone()
    lexer.errors = []
    lexer.input(text)
    for token in iter(lexer.token, None):
        if token.type == "LPAREN":
            seen.append(set())
        elif token.type == "RPAREN":
            seen.pop()
        elif token.type in ("AND", "OR"):
            seen[-1].add(token.type)
            if len(seen[-1]) == 2:
                raise ConditionError('"and" is mixed with "or": put parentheses around one of them')


# --- compiling the tree


def _compile(node: ast.Node) -> _Read:
    match node:
        case ast.LogicalOperator():
            return _logical(node)
        case ast.NegateOperator():
            inner = _compile(node.left)
            return lambda slots: not inner(slots)
        case ast.CompareOperator():
            left, right, compare = _compile(node.left), _compile(node.right), _COMPARE[node.type]
            return _comparison(left, right, compare, constant=not isinstance(node.right, (ast.Literal, ast.Empty)))
        case ast.ContainsOperator():
            return _contains(_compile(node.left), _compile(node.right))
        case ast.MatchOperator():
            return _matches(_compile(node.left), _pattern(node.right))
        case _:
            return _operand(node)


def _logical(node: ast.LogicalOperator) -> _Read:
    left, right = _compile(node.left), _compile(node.right)
    if node.type == "and":
        return lambda slots: bool(left(slots)) and bool(right(slots))
    return lambda slots: bool(left(slots)) or bool(right(slots))


def _comparison(left: _Read, right: _Read, compare: Callable[[object, object], bool], *, constant: bool) -> _Read:
    if constant:  # the common case: a slot against a literal
        value = right({})
        return lambda slots: compare(left(slots), value)
    return lambda slots: compare(left(slots), right(slots))


def _contains(left: _Read, right: _Read) -> _Read:
    def holds(slots: Slots) -> object:
        whole = left(slots)
        return right(slots) in whole if isinstance(whole, (str, list, tuple, set, frozenset, dict)) else False

    return holds


def _matches(left: _Read, pattern: re.Pattern[str]) -> _Read:
    def holds(slots: Slots) -> object:
        text = left(slots)
        return isinstance(text, str) and pattern.search(text) is not None

    return holds


def _pattern(node: ast.Regex) -> re.Pattern[str]:
    if node.value.startswith("slots."):
        raise ConditionError('on the right of "matches" stands a regular expression in quotes')
    return re.compile(node.value)


def _operand(node: ast.Node) -> _Read:
    match node:
        case ast.Number() | ast.Constant():
            value: object = node.value
            return lambda slots: value
        case ast.Literal():
            return _slot_or_text(node.value)
        case ast.LiteralSet():
            members = [_compile(item) for item in node.value]
            return lambda slots: frozenset(member(slots) for member in members)
        case ast.Empty():
            return lambda slots: _EMPTY
        case _:
            raise ConditionError('"undefined" never holds, because every slot exists: use null')


def _slot_or_text(word: str) -> _Read:
    if word[0] in "\"'":
        text = word[1:-1]
        return lambda slots: text
    name = _slot_name(word)
    return lambda slots: slots.get(name)


def _slot_name(word: str) -> str:
    if word.startswith("context."):
        raise ConditionError(f"{word}: conditions on the context are not supported, only on slots")
    found = _SLOT.fullmatch(word)
    if not found:
        raise ConditionError(f"{word!r} is neither a slot (slots.name) nor a text in quotes")
    return found[1]


class _Empty:
    """`empty`: equal to whatever has a length of nought."""

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (str, list, tuple, set, frozenset, dict)) and not other


_EMPTY = _Empty()


# --- what checks need to know


def _walk(node: ast.Node) -> list[ast.Node]:
    below = [child for side in ("left", "right") if (child := getattr(node, side, None)) is not None]
    below += list(node.value) if isinstance(node, ast.LiteralSet) else []
    return [node, *(found for child in below for found in _walk(child))]


def _slots_of(tree: ast.Node) -> list[str]:
    words = [node.value for node in _walk(tree) if isinstance(node, ast.Literal)]
    return [_slot_name(word) for word in words if word[0] not in "\"'"]


def _comparisons_of(tree: ast.Node) -> list[Comparison]:
    found: list[Comparison] = []
    for node in _walk(tree):
        if isinstance(node, ast.CompareOperator):
            found += _against_literal(node.left, node.type, node.right)
            found += _against_literal(node.right, ast.CompareOperator.OP_REVERSE[node.type], node.left)
        elif isinstance(node, ast.ContainsOperator):
            found += _against_literal(node.left, "contains", node.right)
            if isinstance(node.left, ast.LiteralSet):
                found += [each for item in node.left.value for each in _against_literal(node.right, "=", item)]
    return found


def _against_literal(slot: ast.Node, relation: str, value: ast.Node) -> list[Comparison]:
    if not (isinstance(slot, ast.Literal) and slot.value.startswith("slots.")):
        return []
    if isinstance(value, (ast.Number, ast.Constant)):
        return [Comparison(_slot_name(slot.value), relation, value.value)]
    if isinstance(value, ast.Literal) and value.value[0] in "\"'":
        return [Comparison(_slot_name(slot.value), relation, value.value[1:-1])]
    return []
