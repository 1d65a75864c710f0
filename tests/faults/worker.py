"""The product's worker, quicker, in a process that kills itself at the seams of a turn."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from bot.outbound import Simulator
from bot.worker import run_worker, work_once
from tests.faults import seams
from tests.faults.service import SENDING_S
from webhooks.process_tree import end_with_parent
from webhooks.startup import ready_settings


def with_a_beat(round_: Callable[..., None], beat: Path) -> Callable[..., None]:
    """Rounds after the first of which there is a file."""

    def beating(*args: Any) -> None:
        round_(*args)
        beat.touch()

    return beating


if __name__ == "__main__":
    end_with_parent(os.getppid())
    seams.break_here()
    with (
        mock.patch("bot.worker.EVERY_S", 0.2),
        mock.patch("bot.worker.work_once", with_a_beat(work_once, Path(os.environ["FAULT_BEAT"]))),
        mock.patch("bot.worker.TwilioRest", lambda _settings: Simulator()),  # the phones of these tests read SQL
        mock.patch("bot.worker.SENDING_S", SENDING_S),
        mock.patch("bot.worker.UNANSWERED_AFTER_S", float(os.environ["FAULT_UNANSWERED_AFTER"])),
    ):
        run_worker(ready_settings())
