"""Where Member Services works: the queue, conversations, call-backs; for staff who are signed in."""

from __future__ import annotations

from flask import Flask

from bot.bootstrap import Bot
from webhooks.console import (
    audit,
    cases,
    deliveries,
    funnel,
    guard,
    lost_providers,
    oidc,
    people,
    reveals,
    sign_in,
    times,
    to_do,
    users,
)
from webhooks.console.frame import mount

__all__ = ["mount_console"]

# Importing them puts their routes on the blueprint.
_PAGES = (
    audit,
    cases,
    deliveries,
    funnel,
    guard,
    lost_providers,
    oidc,
    people,
    reveals,
    sign_in,
    times,
    to_do,
    users,
)


def mount_console(app: Flask, bot: Bot) -> None:
    """Serve `/console/`. Raises webhooks.console.frame.Undeclared for a page that does not say who may open it."""
    assert _PAGES
    mount(app, bot)
