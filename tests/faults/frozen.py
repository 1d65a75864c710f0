"""A process that takes one message and freezes itself at a seam, like a paused virtual machine. Prints its reply."""

import functools
import os
import signal
import sys
import time
from typing import Any
from unittest import mock

import msgspec

from bot.bootstrap import open_bot
from bot.inputs import MessageReceived
from bot.turn import take_turn
from tests.faults import seams
from webhooks.startup import ready_settings


def freeze_after(target: str) -> None:
    original = seams.resolve(target)

    @functools.wraps(original)
    def frozen(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGSTOP)
        return found

    mock.patch(target, frozen).start()


if __name__ == "__main__":
    freeze_after(seams.SEAMS[sys.argv[1]][0])
    message = msgspec.json.decode(sys.argv[2], type=MessageReceived)
    with open_bot(ready_settings(), time.time) as bot:
        print(take_turn(bot, message).text)  # noqa: T201
