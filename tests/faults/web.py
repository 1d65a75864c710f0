"""The product's web server, serving tests.faults.wsgi; what takes long to import is there before it forks."""

import os
from unittest import mock

import rasa_sdk.executor  # noqa: F401
from granian import Granian

import bot.actions  # noqa: F401
import webhooks.app  # noqa: F401
from webhooks.process_tree import end_with_parent
from webhooks.serve import serve
from webhooks.startup import ready_settings


class _Faulty:
    def __new__(cls, _target: str, **options: object) -> Granian:  # type: ignore[misc]
        return Granian("tests.faults.wsgi:app", **options)  # type: ignore[arg-type]


if __name__ == "__main__":
    end_with_parent(os.getppid())
    with mock.patch("webhooks.serve.Granian", _Faulty):
        serve(ready_settings())
