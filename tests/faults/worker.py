"""The product's worker, quicker, in a process that kills itself at the seams of a turn."""

import os
from unittest import mock

from bot.worker import run_worker
from tests.faults import seams
from webhooks.process_tree import end_with_parent
from webhooks.startup import ready_settings

if __name__ == "__main__":
    end_with_parent(os.getppid())
    seams.break_here()
    with (
        mock.patch("bot.worker.EVERY_S", 0.2),
        mock.patch("bot.worker.UNANSWERED_AFTER_S", float(os.environ["FAULT_UNANSWERED_AFTER"])),
    ):
        run_worker(ready_settings())
