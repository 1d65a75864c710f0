"""`carestart bench`: how fast the product is, as a ratio to a floor of the same run, and how well it understands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from webhooks.bench.failure import BenchFailed
from webhooks.bench.tables import show_relay, show_report, show_roster
from webhooks.bench.turns import QUICK, Plan, measure_turns
from webhooks.startup import NLU_DATA

_PLAIN_WIDTH = 120  # of tables that go to a file
_JSON_HELP = "Write every figure here; - for standard output, and nothing else."

_EXAMPLES = """
\b
Examples:
  carestart bench turns                             about three minutes, on SQLite
  carestart bench turns --members 1,8 --seconds 10  longer stretches, fewer levels
  carestart bench turns --json turns.json           keep every round's figures
  carestart bench turns --quick                     whether it works; the figures mean little
  carestart bench turns --database-url postgresql://me@localhost/test

\b
Exit code: 0 measured, 1 an answer was not the expected one (nothing is reported then).
"""

_UNDERSTANDING_EXAMPLES = """
\b
Examples:
  carestart bench understanding                     the held-out files of this repository, half a minute
  carestart bench understanding mine.jsonl          other files of the same form
  carestart bench understanding --errors            also every line that went wrong
  carestart bench understanding --json -            for machines, on standard output

\b
A file is JSON Lines; what its lines say is told by their keys:
  {"text": "...", "lang": "en", "channel": "sms", "expecting": null, "intent": "faq_id_card", "also_ok": []}
  {"text": "...", "lang": "es", "urgent": "medical", "also_ok": []}      null: it only sounds so
  {"text": "...", "lang": "en", "opt": "out"}                            in, help or null
  {"text": "...", "lang": "en", "channel": "voice", "expecting": "choice", "today": "2026-11-22", "is": "value",
   "value": "text", "options": [{"value": "text", "key": "1", "labels": ["Text"], "exclusive": false}]}

\b
Exit code: 0 measured, whatever the figures; 1 a file could not be read.
"""


_RELAY_EXAMPLES = """
\b
Examples:
  carestart bench relay                             five calls, a few seconds
  carestart bench relay --json relay.json           keep the figures

\b
Exit code: 0 measured, 1 a call did not come to its end.
"""


_CONSOLE_EXAMPLES = """
\b
Examples:
  carestart bench console                           about four minutes, on SQLite
  carestart bench console --waiting 400             a longer queue (it shows 500 at most)
  carestart bench console --consoles 40 --rounds 2  more consoles, less certainty
  carestart bench console --json console.json       keep every round's figures
  carestart bench console --quick                   whether it works; the figures mean little
  carestart bench console --database-url postgresql://me@localhost/test

\b
Exit code: 0 measured, 1 an answer was not the expected one (nothing is reported then).
"""


_ROSTER_EXAMPLES = """
\b
Examples:
  carestart bench roster                            1,000, 10,000 and 100,000 members, some minutes
  carestart bench roster --members 10000
  carestart bench roster --postgres postgresql://me@localhost/test
  carestart bench roster --quick                    whether it works; the figures mean little

\b
Exit code: 0 measured, 1 a member was not loaded (nothing is reported then).
"""


_DIRECTORY_EXAMPLES = """
\b
Examples:
  carestart bench directory                         up to a million providers: half an hour, 4 GB in the temp folder
  carestart bench directory --most 100000           two minutes
  carestart bench directory --quick                 whether it works; the figures mean little
  carestart bench directory --postgres postgresql://me@localhost/test

\b
Exit code: 0 measured, 1 not everybody was loaded.
"""


class Members(click.ParamType[tuple[int, ...]]):
    """`1,8,32`"""

    name = "numbers"

    def convert(
        self, value: str | tuple[int, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            members = tuple(int(part) for part in value.split(","))
        except ValueError:
            members = ()
        if not members or not all(1 <= count <= 256 for count in members):
            self.fail(f"{value!r}: give numbers from 1 to 256, such as 1,8,32", param, ctx)
        return members


def _not_sqlite(_ctx: click.Context, _param: click.Parameter, url: str) -> str:
    """SQLite is measured in any case."""
    return "" if url.startswith("sqlite") else url


_postgres_too = click.option(
    "--postgres",
    default="",
    envvar="DATABASE_URL",
    callback=_not_sqlite,
    help="Measure PostgreSQL too, in a schema of its own.",
)


@click.group
def bench() -> None:
    """Measure, as ratios against a floor of the same run."""


@bench.command(epilog=_EXAMPLES)
@click.option("--members", type=Members(), help="How many members write at once.  [default: 1,8,32]")
@click.option("--seconds", type=click.FloatRange(0.1, 600), help="Each stretch of load.  [default: 4]")
@click.option("--rounds", type=click.IntRange(1, 50), help="Floor and product in turns, so many times.  [default: 3]")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Web processes.  [default: as `run`]")
@click.option("--database-url", default="", help="PostgreSQL to measure on: in a schema made for it.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write every figure here.")
@click.option("--quick", is_flag=True, help="A few seconds, to see that it works.")
def turns(
    members: tuple[int, ...] | None,
    seconds: float | None,
    rounds: int | None,
    workers: int | None,
    database_url: str,
    file: Path | None,
    quick: bool,
) -> None:
    """Turns per second of the full stack: signed request to TwiML, the real web server, Redis, SQL.

    Made-up members on a temporary data folder verify, answer the whole screening and send it; every answer is checked.
    The floor is a route of the same server processes that only checks the signature, asks Redis once and answers fixed
    TwiML; floor and product take turns. Prints also a conversation of 1,000 turns, where one turn's time goes, session
    bytes and memory."""
    given = {"members": members, "seconds": seconds, "rounds": rounds, "workers": workers}
    chosen = {name: value for name, value in given.items() if value is not None}
    plan = replace(QUICK if quick else Plan(), database_url=database_url, **chosen)  # type: ignore[arg-type]
    try:
        report = measure_turns(plan, Terminal(Console(stderr=True)))
    except BenchFailed as failed:
        click.echo(f"Error: {failed}", err=True)
        sys.exit(1)
    show_report(report, Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH))
    _keep(report, file)


@bench.command(epilog=_UNDERSTANDING_EXAMPLES)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--errors", "wrong", is_flag=True, help="Print every line that went wrong.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), help=_JSON_HELP)
@click.option(
    "--training",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=NLU_DATA,
    help="Train on the nlu_LANGUAGE.yml files of this folder.  [default: nlu/data]",
)
def understanding(files: tuple[Path, ...], wrong: bool, file: Path | None, training: Path) -> None:
    """How well texts are understood that were written apart from the training data, and how fast.

    The classifier is trained in the same run. Beside every figure stands that of a plain baseline: the intent of the
    nearest training text (rapidfuzz)."""
    from webhooks.bench.understanding import measure_understanding  # scikit-learn: only where it is needed
    from webhooks.bench.understanding_lines import held_out_files, read_lines
    from webhooks.bench.understanding_tables import errors, show_understanding

    terminal = Terminal(Console(stderr=True))
    try:
        lines = read_lines(files or held_out_files())
    except BenchFailed as failed:
        raise click.ClickException(str(failed)) from None
    terminal.say(f"Training, then reading {len(lines):,} texts")
    with terminal.stage("Understanding", len(lines)) as step:
        report = measure_understanding(lines, training, step)
    if file == Path("-"):
        click.echo(_json(report))
        return
    console = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    show_understanding(report, console)
    if wrong:
        click.echo("\n".join(errors(report)))
    _keep(report, file)


@bench.command(epilog=_RELAY_EXAMPLES)
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), help=_JSON_HELP)
def relay(file: Path | None) -> None:
    """The longest flow by telephone: spoken, by keys alone, and through a relay operator at 30 to 60 words a minute.

    The real documents are performed on a clock by hand. A time-out is a silence that the line took for nobody being
    there; the aim is none."""
    from webhooks.bench.relay import WAYS, measure_relay

    terminal = Terminal(Console(stderr=True))
    try:
        with terminal.stage("Calling", len(WAYS)) as step:
            report = measure_relay(terminal.say, step)
    except BenchFailed as failed:
        raise click.ClickException(str(failed)) from None
    if file == Path("-"):
        click.echo(_json(report))
        return
    show_relay(report, Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH))
    _keep(report, file)


@bench.command(epilog=_CONSOLE_EXAMPLES)
@click.option("--waiting", type=click.IntRange(1, 500), help="Conversations that wait for a person.  [default: 200]")
@click.option("--consoles", type=click.IntRange(1, 100), help="Consoles that are open.  [default: 20]")
@click.option("--seconds", type=click.FloatRange(0.1, 600), help="Each stretch of load.  [default: 12]")
@click.option("--rounds", type=click.IntRange(1, 50), help="Everything, so many times.  [default: 4]")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Web processes.  [default: as `run`]")
@click.option("--database-url", default="", help="PostgreSQL to measure on: in a schema made for it.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write every figure here.")
@click.option("--quick", is_flag=True, help="A few seconds, to see that it works.")
def console(
    waiting: int | None,
    consoles: int | None,
    seconds: float | None,
    rounds: int | None,
    workers: int | None,
    database_url: str,
    file: Path | None,
    quick: bool,
) -> None:
    """The open console: how fast its queue refreshes, and what open consoles cost members who write.

    Agents sign in to the real web server. Every console refreshes the queue as its page does, half of them also look
    for news in a conversation; every answer is checked. A member writes with the consoles closed and open, in turns.
    The floor is a page of the console that the agent may not open, asked by the same consoles between refreshes."""
    from webhooks.bench.console import QUICK_CONSOLE, ConsolePlan, measure_console
    from webhooks.bench.console_tables import show_console

    numbers = {"waiting": waiting, "consoles": consoles, "seconds": seconds, "rounds": rounds, "workers": workers}
    chosen = {name: value for name, value in numbers.items() if value is not None}
    plan = replace(QUICK_CONSOLE if quick else ConsolePlan(), database_url=database_url, **chosen)  # type: ignore[arg-type]
    try:
        report = measure_console(plan, Terminal(Console(stderr=True)))
    except BenchFailed as failed:
        raise click.ClickException(str(failed)) from None
    show_console(report, Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH))
    _keep(report, file)


@bench.command(epilog=_ROSTER_EXAMPLES)
@click.option("--members", "sizes", type=click.IntRange(1), multiple=True, help="Size of a file; may be repeated.")
@_postgres_too
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), help=_JSON_HELP)
@click.option("--quick", is_flag=True, help="A few seconds, to see that it works.")
def roster(sizes: tuple[int, ...], postgres: str, file: Path | None, quick: bool) -> None:
    """Members per second and memory of loading an enrolment file (X12 834), by its size.

    Made-up families, seeded; a file of each size is read, loaded as new members and loaded again, by a process of its
    own. Memory is the most it ever had."""
    from webhooks.bench.roster import QUICK as SMALL
    from webhooks.bench.roster import SIZES, measure_roster

    chosen = sizes or (SMALL if quick else SIZES)
    terminal = Terminal(Console(stderr=True))
    try:
        with terminal.stage("Loading", len(chosen) * (2 if postgres else 1)) as step:
            report = measure_roster(chosen, postgres, step)
    except BenchFailed as failed:
        click.echo(f"Error: {failed}", err=True)
        sys.exit(1)
    if file == Path("-"):
        click.echo(_json(report))
        return
    show_roster(report, Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH))
    _keep(report, file)


@bench.command(epilog=_DIRECTORY_EXAMPLES)
@click.option("--most", type=click.IntRange(100), help="No more providers than this.  [default: 1000000]")
@click.option("--quick", is_flag=True, help="300 providers only.")
@_postgres_too
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), help=_JSON_HELP)
def directory(most: int | None, quick: bool, postgres: str, file: Path | None) -> None:
    """A made-up provider directory of 10,000, 100,000 and 1,000,000 in one network of one State: loaded and searched.

    The same providers every time. Asked are "family doctor near 46204, speaks Spanish", the same near other ZIP codes,
    and misspelled names."""
    from webhooks.bench.directory import QUICK, SIZES, measure_directory
    from webhooks.bench.directory_tables import show_directory

    terminal = Terminal(Console(stderr=True))
    sizes = QUICK if quick else tuple(size for size in SIZES if not most or size <= most) or (most or 0,)
    try:
        report = measure_directory(sizes, postgres, terminal.say)
    except BenchFailed as failed:
        raise click.ClickException(str(failed)) from None
    if file == Path("-"):
        click.echo(_json(report))
        return
    show_directory(report, Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH))
    _keep(report, file)


def _keep(report: object, file: Path | None) -> None:
    """Every figure of a report in a file, where one is asked for."""
    if file is not None:
        file.write_text(_json(report, indent=1) + "\n", encoding="utf-8")


def _json(report: object, indent: int = 2) -> str:
    return msgspec.json.format(msgspec.json.encode(report), indent=indent).decode()


class Terminal:
    """Progress on standard error."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str) -> None:
        self._console.print(text)

    @contextmanager
    def stage(self, title: str, steps: int) -> Iterator[Callable[[], None]]:
        columns = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        # Redrawn only when something was done: the terminal's own thread would be in the figures.
        with Progress(*columns, console=self._console, auto_refresh=False) as progress:
            task = progress.add_task(title, total=steps)
            shown = max(1, steps // 50)

            def told() -> None:
                progress.advance(task)
                if progress.tasks[0].completed % shown == 0:
                    progress.refresh()

            yield told
            progress.refresh()
