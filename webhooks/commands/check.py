"""`carestart check`: tells authors what is wrong with the content, where, and what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.check import RULE_NAMES, check_content
from bot.content import Problem


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("flows"))
@click.option("--rules", is_flag=True, help="List the names of the rules instead.")
def check(folder: Path, rules: bool) -> None:
    """Lint the content of FOLDER (default: flows): flows, responses, questionnaires, rules, plans.

    Every problem is printed as FILE:LINE, rule, message and remedy. Exits with 1 when there is any.

    \b
    Examples:
      carestart check
      carestart check my-plan/flows
      carestart check --rules
    """
    if rules:
        click.echo("\n".join(RULE_NAMES))
        return
    problems = check_content(folder)
    for problem in problems:
        click.echo(str(problem))
    click.echo(f"{folder}: {_counted(problems)}.")
    sys.exit(1 if problems else 0)


def _counted(problems: list[Problem]) -> str:
    if not problems:
        return "no problems"
    files = len({problem.file for problem in problems})
    return f"{len(problems)} problem{'s' * (len(problems) > 1)} in {files} file{'s' * (files > 1)}"
