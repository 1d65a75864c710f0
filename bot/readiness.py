"""Can we serve now? Booleans only: what is behind them is in the log."""

from __future__ import annotations

from bot.bootstrap import Bot
from bot.records.database import answers


def readiness(bot: Bot) -> dict[str, bool]:
    """Each store and the content. Redis away alone does not stop turns: they go on in SQL."""
    return {"redis": bot.sessions.ping(), "sql": answers(bot.records), "content": bool(bot.content.current.flows)}
