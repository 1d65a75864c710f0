"""`--since TIME` of the commands that take it."""

from __future__ import annotations

import click

from bot.records.export import parse_since


class Since(click.ParamType[float]):
    """An ISO date or time, as UTC seconds."""

    name = "TIME"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return parse_since(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
