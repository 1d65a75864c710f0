"""The application of one measured web process, `webhooks.bench.wsgi:app`: the product's own and the floor beside it."""

import os

from bot.bootstrap import build_bot
from webhooks.app import create_app
from webhooks.bench.floor import beside, floor_app
from webhooks.process_tree import end_with_parent
from webhooks.startup import ready_settings

_bot = build_bot(ready_settings())
app = beside(create_app(_bot), floor_app(_bot))
end_with_parent(os.getppid())
