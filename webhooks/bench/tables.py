"""The report as tables for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from webhooks.bench.relay import RelayReport
from webhooks.bench.report import Breakdown, Level, Spread, TurnsReport
from webhooks.bench.roster import Load, RosterReport

_AIM = 0.5


def show_report(report: TurnsReport, console: Console) -> None:
    console.print(
        f"\n{report.database}, {report.web_workers} web processes, {report.processors} processors shared with the "
        f"load; Python {report.python}.\nMedians of {len(report.levels[0].rounds)} rounds of {report.seconds:g} s, "
        "with the least and the most. The floor: signature, one Redis trip, fixed TwiML."
    )
    console.print(_levels(report))
    console.print(_verdicts(report))
    console.print(_parts(report.breakdown))
    console.print(_about(report.breakdown))
    console.print(_sizes(report))


def show_relay(report: RelayReport, console: Console) -> None:
    console.print(f"\nThe longest flow: {report.questions} questions, from the first word to the screening sent.")
    table = Table(title="One call each, on a clock by hand", title_justify="left")
    table.add_column("caller")
    for heading in ("turns", "time-outs", "not understood", "minutes", "line speaks, s", "longest at once, s"):
        table.add_column(heading, justify="right")
    for call in report.calls:
        figures = (call.turns, call.time_outs, call.not_understood)
        seconds = (call.minutes, call.spoken_seconds, call.longest_turn_seconds)
        table.add_row(call.way.name, *map(str, figures), *(f"{one:,.1f}" for one in seconds))
    console.print(table)
    least = min(call.spoken_seconds for call in report.calls if not call.way.typed_wpm)
    most = max(call.spoken_seconds for call in report.calls if call.way.typed_wpm)
    console.print(f"What is spoken on a relay call is x {most / least:.2f} of what is spoken otherwise.")


def show_roster(report: RosterReport, console: Console) -> None:
    console.print(
        f"\nOne process; SQLite with synchronous=full; {report.processors} processors, load {report.load_before:.1f}."
    )
    table = Table(title="Members per second (by processor time)", title_justify="left")
    table.add_column("")
    for heading in ("members", "file MB", "read only", "loaded as new", "loaded again", "memory MB", "at the start"):
        table.add_column(heading, justify="right")
    for size in report.sizes:
        rates = (_rate(size.read), _rate(size.new), _rate(size.again))
        memory = (f"{size.peak_mb:.0f}", f"{size.start_mb:.0f}")
        table.add_row(size.database, f"{size.members:,}", f"{size.file_mb:.1f}", *rates, *memory)
    console.print(table)


def _rate(load: Load) -> str:
    return f"{load.per_second:,.0f} ({load.cpu_per_second:,.0f})"


def _levels(report: TurnsReport) -> Table:
    table = Table(title="Turns, from signed request to TwiML", title_justify="left")
    table.add_column("members", justify="right")
    table.add_column("")
    for heading in ("per second", "p50 ms", "p99 ms", "CPU ms"):
        table.add_column(heading, justify="right")
    for level in report.levels:
        table.add_row(str(level.members), "floor", *_speeds(level, "floor"))
        table.add_row("", "product", *_speeds(level, "product"))
        if level.relaxed_gain is not None:
            table.add_row("", "synchronous=normal", *_speeds(level, "relaxed"), style="dim")
        ratios = (spread_of(level.ratio), "", "", spread_of(level.cpu_ratio))
        table.add_row("", "ratio to the floor", *ratios, style="bold", end_section=True)
    return table


def _speeds(level: Level, of: str) -> list[str]:
    return [spread_of(level.spread(of, what)) for what in ("per_second", "p50_ms", "p99_ms", "cpu_ms")]


def _verdicts(report: TurnsReport) -> str:
    met = all(level.ratio.median >= _AIM for level in report.levels)
    worst = min(report.levels, key=lambda level: level.ratio.median)
    long = report.long
    lines = [
        f"Aim, half the floor or better: {'met' if met else 'not met'}; "
        f"the least is {worst.ratio.median:.2f} at {worst.members} members.",
        f"One conversation of {long.turns:,} turns: p50 {long.first_p50_ms:.2f} ms at its beginning, "
        f"{long.last_p50_ms:.2f} ms at its end: x {long.ratio:.2f}; "
        f"x {long.beside:.2f} beside a young conversation at the same moment ({long.young_p50_ms:.2f} ms).",
    ]
    relaxed = [(level.members, level.relaxed_gain) for level in report.levels if level.relaxed_gain is not None]
    gains = ", ".join(f"x {gain.median:.2f} at {members}" for members, gain in relaxed)
    return "\n".join([*lines, *([f"For information, SQLITE_SYNCHRONOUS=normal: {gains} members."] if gains else [])])


def _parts(parts: Breakdown) -> Table:
    table = Table(title="Where one turn goes", title_justify="left")
    table.add_column("part, without the parts inside it")
    table.add_column("us", justify="right")
    table.add_column("share", justify="right")
    for seam in parts.seams:
        table.add_row(seam.name, f"{seam.us:,.0f}", f"{seam.share:.0%}")
    return table


def _about(parts: Breakdown) -> str:
    return (
        f"In process, without server and sockets: mean {parts.mean_us:,.0f} us, p50 {parts.p50_us:,.0f} us. "
        f"fsync of this disk: p50 {parts.fsync_p50_us:,.0f} us, p99 {parts.fsync_p99_us:,.0f} us."
    )


def _sizes(report: TurnsReport) -> str:
    memory = ", ".join(f"{worker.rss_mb:.0f} MB" for worker in report.workers)
    return (
        f"Session in Redis: p50 {report.session_bytes_p50:,} bytes, most {report.session_bytes_max:,} "
        f"({report.conversations} conversations). Memory of each web process: {memory}."
    )


def spread_of(of: Spread) -> str:
    """The median with the least and the most."""
    return f"{figure_of(of.median)} ({figure_of(of.least)}..{figure_of(of.most)})"


def figure_of(value: float) -> str:
    """Three digits are all that such a measurement has."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
