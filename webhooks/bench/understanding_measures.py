"""The figures that are drawn from how the lines were taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np

from nlu.intents import OUT_OF_SCOPE
from webhooks.bench.understanding_judged import Judged, Side, fits
from webhooks.bench.understanding_lines import DangerLine, IntentLine, OptLine
from webhooks.bench.understanding_report import Confusion, Figure, Measure

FALSE_REJECTION = 0.05  # of the in-scope texts, where out-of-scope recall is read


def measures(us: Side, plain: Side) -> Iterator[Measure]:
    """Every figure, in the order shown; without lines of its kind a figure has no slices."""

    def measure(
        name: str,
        aim: float | None,
        of: Callable[[Side], list[Judged]],
        figure: Callable[[list[Judged]], Figure | None],
        *,
        less_is_better: bool = False,
    ) -> Measure:
        ours, baseline = (_sliced(of(side), figure) for side in (us, plain))
        return Measure(name, aim, less_is_better, ours, baseline)

    yield measure("intent right", 0.92, lambda side: side.intents, _right)
    yield measure("macro-F1 of intents", None, lambda side: side.intents, _macro_f1)
    yield measure("in scope, taken for out of scope", 0.05, _inside, _taken_for_outside, less_is_better=True)
    yield measure("out of scope, refused", None, _outside, _right)
    yield measure("out of scope, refused at 5 % false rejection", 0.80, lambda side: side.intents, _refused_at_level)
    yield measure("asks which of two or three", None, _inside, _asking)
    yield measure("asks, and the right one is among them", None, _asked, _among)
    yield measure("danger seen", 0.98, _dangers, _right)
    yield measure(
        "danger seen as the right kind", None, lambda side: [j for j in side.danger if _named(j)], _right_kind
    )
    yield measure("false alarms", 0.01, _likenesses, _failed, less_is_better=True)
    for name, of in (("or a number to call", _is_helped), ("by the lists alone", _is_listed)):
        yield measure(f"danger seen, {name}", None, _dangers, partial(_having, of))
        yield measure(f"false alarms, {name}", None, _likenesses, partial(_having, of), less_is_better=True)
    yield measure("opt-out seen", 0.99, lambda side: [j for j in side.opt if _opt(j) == "out"], _right)
    yield measure("start and help seen", None, lambda side: [j for j in side.opt if _opt(j) in ("in", "help")], _right)
    yield measure(
        "taken for an opt-out by mistake",
        None,
        lambda side: [j for j in side.opt if _opt(j) != "out"],
        lambda judged: _share(judged, [each.taken_for == "out" for each in judged]),
        less_is_better=True,
    )
    yield measure("answer right", 0.97, lambda side: side.answers, _right)


def _sliced(judged: list[Judged], figure: Callable[[list[Judged]], Figure | None]) -> dict[str, Figure]:
    slices: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        for name in each.line.slices:
            slices[name].append(each)
    figures = {name: figure(group) for name, group in slices.items()}
    return {name: each for name, each in sorted(figures.items()) if each is not None}


def _share(judged: list[Judged], hits: Iterable[bool]) -> Figure | None:
    return Figure(sum(hits) / len(judged), len(judged)) if judged else None


def _right(judged: list[Judged]) -> Figure | None:
    return _share(judged, [each.right for each in judged])


def _failed(judged: list[Judged]) -> Figure | None:
    return _share(judged, [not each.right for each in judged])


def _inside(side: Side) -> list[Judged]:
    return [each for each in side.intents if not _is_outside(each)]


def _outside(side: Side) -> list[Judged]:
    return [each for each in side.intents if _is_outside(each)]


def _is_outside(judged: Judged) -> bool:
    return isinstance(judged.line, IntentLine) and judged.line.intent == OUT_OF_SCOPE


def _taken_for_outside(judged: list[Judged]) -> Figure | None:
    return _share(judged, [each.taken_for == OUT_OF_SCOPE and not each.right for each in judged])


def _asking(judged: list[Judged]) -> Figure | None:
    return _share(judged, [bool(each.asks) for each in judged])


def _asked(side: Side) -> list[Judged]:
    return [each for each in side.intents if each.asks]


def _among(judged: list[Judged]) -> Figure | None:
    return _share(judged, [isinstance(j.line, IntentLine) and not fits(j.line).isdisjoint(j.asks) for j in judged])


def _refused_at_level(judged: list[Judged]) -> Figure | None:
    """The out-of-scope texts that belong less than all but the set share of the in-scope texts."""
    inside = [each.belongs for each in judged if not _is_outside(each)]
    outside = [each for each in judged if _is_outside(each)]
    if not inside or not outside:
        return None
    level = float(np.quantile(inside, FALSE_REJECTION))
    return _share(outside, [each.belongs < level for each in outside])


def _macro_f1(judged: list[Judged]) -> Figure | None:
    """The mean of F1 over the intents that the lines have; what would do as well counts as meant."""
    meant, taken, both = Counter[str](), Counter[str](), Counter[str]()
    for each in judged:
        assert isinstance(each.line, IntentLine)
        intent = each.taken_for if each.right else each.line.intent
        meant[intent] += 1
        taken[each.taken_for] += 1
        both[intent] += each.right
    return Figure(sum(2 * both[name] / (meant[name] + taken[name]) for name in meant) / len(meant), len(judged))


def _dangerous(judged: Judged) -> bool:
    return isinstance(judged.line, DangerLine) and bool(judged.line.urgent)


def _dangers(side: Side) -> list[Judged]:
    return [each for each in side.danger if _dangerous(each)]


def _likenesses(side: Side) -> list[Judged]:
    return [each for each in side.danger if not _dangerous(each)]


def _having(of: Callable[[Judged], bool], judged: list[Judged]) -> Figure | None:
    return _share(judged, map(of, judged))


def _is_helped(judged: Judged) -> bool:
    return judged.helped


def _is_listed(judged: Judged) -> bool:
    return judged.listed


def _named(judged: Judged) -> bool:
    return isinstance(judged.line, DangerLine) and isinstance(judged.line.urgent, str)


def _right_kind(judged: list[Judged]) -> Figure | None:
    lines = [(each, each.line) for each in judged if isinstance(each.line, DangerLine)]
    return _share(judged, [each.taken_for in map(str, {line.urgent, *(line.also_ok or ())}) for each, line in lines])


def _opt(judged: Judged) -> str | None:
    return judged.line.opt if isinstance(judged.line, OptLine) else None


def confusions(judged: list[Judged]) -> Iterator[Confusion]:
    """The worst first."""
    pairs = Counter(
        (each.line.intent, each.taken_for) for each in judged if not each.right and isinstance(each.line, IntentLine)
    )
    for (meant, taken_for), times in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
        yield Confusion(meant, taken_for, times)
