"""One file per `carestart` command."""
