"""A phone in the browser, for authors and newcomers: made-up people only, and only on this computer."""

from __future__ import annotations

from webhooks.simulator.pages import mount_simulator

__all__ = ["mount_simulator"]
