"""Serves the measured application as `carestart web` serves the product: `python -m webhooks.bench.server PARENT`."""

import sys

from webhooks.process_tree import end_with_parent
from webhooks.serve import serve
from webhooks.startup import ready_settings

if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    serve(ready_settings(), "webhooks.bench.wsgi:app")
