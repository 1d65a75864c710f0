"""The product's worker, in a process of its own, with an outlet that writes a line to a file for each text.

WAITING_EVERY: seconds between rounds nobody asked for. WAITING_FOLDER: where `sent` is written, and where a file named
`hang` makes the next send hang until it is gone. WAITING_REPEATABLE: a text sent twice would arrive once."""

from __future__ import annotations

import os
import time
from pathlib import Path
from unittest import mock

from bot.outbound import Accepted, Outcome
from bot.records.outbox import Due
from bot.worker import run_worker
from webhooks.logs import log_json_lines
from webhooks.process_tree import end_with_parent
from webhooks.startup import ready_settings

FOLDER = Path(os.environ["WAITING_FOLDER"])


class File:
    """Leaves a line at each text: when (monotonic, the same clock for all processes), by whom, which text."""

    repeatable = "WAITING_REPEATABLE" in os.environ

    def send(self, text: Due) -> Outcome:
        if (FOLDER / "hang").exists():
            (FOLDER / "hanging").touch()
            while (FOLDER / "hang").exists():
                time.sleep(0.005)
        with (FOLDER / "sent").open("a") as file:
            file.write(f"{time.monotonic()}\t{os.getpid()}\t{text.text}\n")
        return Accepted()


if __name__ == "__main__":
    log_json_lines()
    end_with_parent(os.getppid())
    with (
        mock.patch("bot.worker.EVERY_S", float(os.environ["WAITING_EVERY"])),
        mock.patch("bot.worker.SENDING_S", 1.0),
        mock.patch("bot.rounds.ROUND_S", int(os.environ.get("WAITING_ROUND", "120"))),
        mock.patch("bot.wake.ROUND_S", int(os.environ.get("WAITING_ROUND", "120"))),
        mock.patch("bot.worker.Simulator", File),
    ):
        run_worker(ready_settings())
