"""What is typed and shown in a terminal, or piped."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.segments import segments


class Screen:
    """Piped, only answers go to standard output; remarks go to standard error."""

    def __init__(self, *, interactive: bool) -> None:
        self.interactive = interactive
        self._console = Console(highlight=False)

    def lines(self) -> Iterator[str]:
        """What is typed or piped, until its end or Ctrl-C."""
        if not self.interactive:
            if isinstance(sys.stdin, io.TextIOWrapper):
                sys.stdin.reconfigure(errors="replace")
            yield from (line.rstrip("\r\n") for line in sys.stdin)
            return
        try:
            while True:
                yield self._console.input("[bold green]you ›[/] ")
        except (EOFError, KeyboardInterrupt):
            self._console.print()

    def answer(self, reply: str | None) -> None:
        """Show what a text was answered with; None is silence."""
        if not self.interactive:
            click.echo(reply or "")
        elif reply is None:
            self.remark("(no answer)")
        else:
            count = segments(reply)
            self._console.print(Padding(Text(reply), (0, 8, 0, 2)))
            self.remark(f"  {count} segment{'' if count == 1 else 's'}")

    def heard(self, words: str) -> None:
        """Show what a call's line said."""
        if self.interactive:
            self._console.print(Text(words))
        else:
            click.echo(words)

    def remark(self, words: str) -> None:
        if self.interactive:
            self._console.print(Text(words, style="dim"))
        else:
            click.echo(words, err=True)
