"""The report on understanding as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from webhooks.bench.understanding_report import Figure, Measure, UnderstandingReport

_WORST = 25  # pairs of intents shown


def show_understanding(report: UnderstandingReport, console: Console) -> None:
    lines = ", ".join(f"{count:,} of {kind}" for kind, count in report.lines.items()) or "none"
    console.print(f"\nLines: {lines}. Python {report.python}, {report.processors} processors.")
    console.print(_overall(report))
    console.print(_by_slice(report))
    console.print(_confusions(report), highlight=False, markup=False)
    console.print(_costs(report))


def errors(report: UnderstandingReport) -> Iterator[str]:
    """One line for each text that went wrong, apart by tabs."""
    for wrong in report.wrong:
        yield f"{wrong.about}\t{wrong.lang}\t{wrong.channel}\t{wrong.meant} -> {wrong.taken_for}\t{wrong.text}"


def _overall(report: UnderstandingReport) -> Table:
    table = Table(title="All lines, percent", title_justify="left")
    table.add_column("")
    for heading in ("lines", "ours", "baseline", "aim", "met", "Spanish - English"):
        table.add_column(heading, justify="right")
    for measure in report.measures:
        if (ours := measure.ours.get("all")) is not None:
            table.add_row(measure.name, f"{ours.of:,}", *_row(measure, ours))
    return table


def _row(measure: Measure, ours: Figure) -> list[str]:
    met = {True: "yes", False: "no", None: ""}[measure.met]
    aim = "" if measure.aim is None else f"{'<=' if measure.less_is_better else '>='} {_percent(measure.aim)}"
    gap = measure.spanish_minus_english
    baseline = measure.baseline.get("all")
    against = "" if baseline is None else _percent(baseline.value)
    return [_percent(ours.value), against, aim, met, "" if gap is None else f"{gap * 100:+.1f}"]


def _by_slice(report: UnderstandingReport) -> Table:
    table = Table(title="By language and channel, percent", title_justify="left")
    table.add_column("")
    table.add_column("")
    for heading in ("lines", "ours", "baseline"):
        table.add_column(heading, justify="right")
    for measure in report.measures:
        slices = [name for name in measure.ours if name != "all"]
        for name in slices:
            ours, plain = measure.ours[name], measure.baseline.get(name)
            figures = (f"{ours.of:,}", _percent(ours.value), "" if plain is None else _percent(plain.value))
            title = measure.name if name == slices[0] else ""
            table.add_row(title, name, *figures, end_section=name == slices[-1])
    return table


def _confusions(report: UnderstandingReport) -> str:
    if not report.confusions:
        return "No intent was taken for another."
    worst = [f"{each.times:>4}  {each.meant} taken for {each.taken_for}" for each in report.confusions[:_WORST]]
    left = len(report.confusions) - len(worst)
    return "\n".join(["Taken for another, the worst:", *worst, *([f"      and {left} pairs more"] if left else [])])


def _costs(report: UnderstandingReport) -> str:
    model, pace, plain = report.model, report.pace, report.baseline_pace
    return (
        f"\nOne understanding: p50 {pace.p50_us:,.0f} us, p99 {pace.p99_us:,.0f} us (aim: p99 under 2,000); "
        f"baseline p50 {plain.p50_us:,.0f} us, p99 {plain.p99_us:,.0f} us.\n"
        f"Model: {model.bytes / 1e6:.2f} MB (aim: under 5), {model.features:,} features, {model.intents} intents, "
        f"trained on {model.texts:,} texts in {model.train_seconds:.1f} s; "
        f"{_percent(model.accuracy)} % of unseen training texts right, threshold {model.threshold:.3f}."
    )


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"
