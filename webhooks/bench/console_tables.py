"""The report on the console as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from webhooks.bench.console_report import ConsoleReport
from webhooks.bench.report import spread
from webhooks.bench.tables import figure_of, spread_of

_TIMES = (
    ("queue refresh", "refresh"),
    ("  while a member writes", "refresh_beside"),
    ("open conversation, unchanged", "poll"),
    ("  while a member writes", "poll_beside"),
    ("floor: signed in, refused", "floor"),
    ("member's turn, consoles closed", "member_alone"),
    ("member's turn, consoles open", "member_beside"),
)


def show_console(report: ConsoleReport, console: Console) -> None:
    hours = "open" if report.open_now else "closed"
    console.print(
        f"\n{report.database}, {report.web_workers} web processes, {report.processors} processors shared with the "
        f"load; Python {report.python}; load {report.load:.1f} before.\n{report.waiting} conversations wait, "
        f"{report.consoles} consoles refresh the queue every 5 s, {report.polling} of them an open conversation every "
        f"3 s; Member Services is {hours}.\nMedians of {len(report.rounds)} rounds, three stretches of "
        f"{report.seconds:g} s each, with the least and the most."
    )
    console.print(_times(report))
    console.print(_full(report))
    console.print(_ratios(report))
    console.print(f"A refresh has {report.refresh_bytes:,} bytes, the floor {report.floor_bytes:,}.")


def _times(report: ConsoleReport) -> Table:
    table = Table(title="Milliseconds", title_justify="left")
    table.add_column("")
    for heading in ("in a round", "p50", "p95", "p99"):
        table.add_column(heading, justify="right")
    for title, name in _TIMES:
        rows = [getattr(one, name) for one in report.rounds]
        shown = (spread_of(spread([getattr(row, what) for row in rows])) for what in ("p50_ms", "p95_ms", "p99_ms"))
        table.add_row(title, figure_of(spread([row.count for row in rows]).median), *shown)
    return table


def _full(report: ConsoleReport) -> Table:
    table = Table(title="Back to back", title_justify="left")
    table.add_column("")
    table.add_column("per second", justify="right")
    table.add_column("CPU ms", justify="right")
    for title, rate, cpu in (
        ("queue refresh", "refreshes_per_second", "refresh_cpu_ms"),
        ("open conversation, unchanged", "polls_per_second", "poll_cpu_ms"),
        ("floor", "floors_per_second", "floor_cpu_ms"),
    ):
        table.add_row(title, *(_spread([getattr(one, name) for one in report.full]) for name in (rate, cpu)))
    return table


def _ratios(report: ConsoleReport) -> Table:
    table = Table(title="Ratios, each within a round", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    of = report.compared
    for title, ratio in (
        ("queue refresh / floor, p50", of.refresh_p50),
        ("queue refresh / floor, p95", of.refresh_p95),
        ("queue refresh / floor, CPU", of.refresh_cpu),
        ("queue refresh / floor, per second back to back", of.refreshes_per_second),
        ("unchanged conversation / floor, p95", of.poll_p95),
        ("unchanged conversation / floor, CPU", of.poll_cpu),
        ("member's turn, consoles open / closed, p50", of.member_p50),
        ("member's turn, consoles open / closed, p95", of.member_p95),
        ("member's turns in a stretch, consoles open / closed", of.member_turns),
    ):
        table.add_row(title, spread_of(ratio))
    return table


def _spread(values: Sequence[float]) -> str:
    return spread_of(spread(values))
