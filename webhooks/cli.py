"""The `carestart` command. Each subcommand is loaded when it is called, so that help is quick."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping

import click

from bot.config import SettingsRefused
from bot.embedded_redis import EmbeddedRedisFailed

Commands = Mapping[str, tuple[str, str]]  # name: (module:attribute, what it does)

COMMANDS: Commands = {
    "run": ("webhooks.commands.run:run", "Serve CareStart with everything it needs, in one process tree."),
    "chat": ("webhooks.commands.chat:chat", "Hold a conversation in the terminal."),
    "check": ("webhooks.commands.check:check", "Lint the content under flows/."),
    "train": ("webhooks.commands.train:train", "Train the classifier from nlu/data."),
    "parse": ("webhooks.commands.parse:parse", "Show what a text is understood to mean, as JSON."),
    "import": ("webhooks.cli:imports", "Load members, completed steps, providers or records."),
    "export": ("webhooks.commands.export:export", "Write records out as NDJSON (FHIR R4) or CSV."),
    "deliver": (
        "webhooks.commands.deliver:deliver",
        "Deliver records that were written before delivery was switched on.",
    ),
    "users": ("webhooks.commands.users:users", "Say who may sign in to the console."),
    "bench": ("webhooks.commands.bench:bench", "Measure, as ratios against a floor of the same run."),
    "doctor": ("webhooks.commands.doctor:doctor", "Check the installation and say what to do."),
    "web": ("webhooks.commands.web:web", "Serve the web application alone (Procfile)."),
    "worker": ("webhooks.commands.worker:worker", "Run the worker alone (Procfile)."),
    "actions": ("webhooks.commands.actions:actions", "Run the actions in Rasa's action server (Procfile)."),
    "migrate": ("webhooks.commands.migrate:migrate", "Bring the database to the newest schema (Procfile)."),
}
IMPORTS: Commands = {
    "members": ("webhooks.commands.import_members:import_members", "Members and guardians, from CSV or X12 834."),
    "completions": (
        "webhooks.commands.import_completions:import_completions",
        "Steps members finished in the online account or by calling, from a CSV file.",
    ),
    "providers": (
        "webhooks.commands.import_providers:import_providers",
        "Providers, from Plan-Net FHIR or NPPES files.",
    ),
    "records": (
        "webhooks.commands.import_records:import_records",
        "What another installation exported, from NDJSON files.",
    ),
}


class LazyGroup(click.Group):
    """A group whose commands stand in a table and are imported when used."""

    def __init__(self, *, table: Commands, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]  # click types each keyword
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in self.table.items()])


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="carestart")
def carestart() -> None:
    """CareStart: the phone and text line for a new member's first three steps."""


@click.group("import", cls=LazyGroup, table=IMPORTS)
def imports() -> None:
    """Load members, completed steps, providers or records."""


def main() -> None:
    """The console script: a refusal is a clear list on standard error, not a trace."""
    try:
        carestart(prog_name="carestart")
    except SettingsRefused as refused:
        click.echo("These settings need attention:", err=True)
        for problem in refused.problems:
            click.echo(f"  - {problem}", err=True)
        sys.exit(2)  # 1 would say of an import that some rows were rejected
    except EmbeddedRedisFailed as failed:
        click.echo(f"Error: {failed}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
