"""The WSGI application of one web process, built from the settings: `webhooks.wsgi:app`."""

import os

from bot.bootstrap import build_bot, warm_up
from webhooks.app import create_app
from webhooks.process_tree import end_with_parent
from webhooks.startup import ready_settings

app = create_app(build_bot(ready_settings()))
warm_up()
end_with_parent(os.getppid())
