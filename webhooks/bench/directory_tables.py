"""What `carestart bench directory` measured, as a table for a terminal."""

from __future__ import annotations

import os

from rich.console import Console
from rich.table import Table

from webhooks.bench.directory import Asked, DirectoryReport, Measured


def show_directory(report: DirectoryReport, console: Console) -> None:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    console.print(f"\n{os.cpu_count()} processors; load of the last minutes: {load}.", highlight=False)
    table = Table(title="Milliseconds a question, one at a time", title_justify="left")
    for heading in ("", "providers", "records/s in", "question"):
        table.add_column(heading, justify="right" if heading in ("providers", "records/s in") else "left")
    for heading in ("p50", "p99", "CPU p50", "CPU p99", "found"):
        table.add_column(heading, justify="right")
    for measured in report.measured:
        for number, asked in enumerate(measured.questions):
            first, last = number == 0, number == len(measured.questions) - 1
            table.add_row(*(_of(measured) if first else ("", "", "")), *_cells(asked), end_section=last)
    console.print(table)
    rate = report.nppes_rows / report.nppes_seconds
    console.print(f"NPPES, rows of primary providers only: {rate:,.0f} a second, on SQLite.", highlight=False)
    for growth in _growths(report):
        console.print(growth, highlight=False)


def _of(measured: Measured) -> tuple[str, str, str]:
    return measured.database, f"{measured.providers:,}", f"{measured.per_second:,.0f}"


def _cells(asked: Asked) -> tuple[str, ...]:
    figures = (asked.p50_ms, asked.p99_ms, asked.cpu_p50_ms, asked.cpu_p99_ms)
    return asked.what, *(f"{one:,.1f}" for one in figures), f"{asked.found:.0%}"


def _growths(report: DirectoryReport) -> list[str]:
    """From the smallest directory to the largest, for each database."""
    lines = []
    for database in dict.fromkeys(measured.database for measured in report.measured):
        mine = [measured for measured in report.measured if measured.database == database]
        least, most = mine[0], mine[-1]
        if least is not most:
            grown = ", ".join(
                f"{before.what} x {after.p50_ms / before.p50_ms:.1f}"
                for before, after in zip(least.questions, most.questions, strict=True)
            )
            times = most.providers / least.providers
            slower = least.per_second / most.per_second
            lines.append(f"{database}, providers x {times:.0f}: p50 of {grown}; a record takes x {slower:.1f}.")
    return lines
