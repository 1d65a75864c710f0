"""The product's worker, in a process that kills itself between the steps of a delivery."""

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
        mock.patch("bot.delivery.SENDING_S", 1.5),  # a successor need not wait two minutes
        mock.patch("bot.delivery.FIRST_REST_S", 0.1),
        mock.patch("bot.delivery.LONGEST_REST_S", 0.5),
        mock.patch("bot.records.dispatches.FIRST_PAUSE_S", 0.2),
        mock.patch("bot.records.dispatches.LONGEST_PAUSE_S", 2.0),
        mock.patch("bot.sinks.http.ANSWER_S", 0.5),
        mock.patch("bot.worker.EVERY_S", 0.2),
    ):
        run_worker(ready_settings())
