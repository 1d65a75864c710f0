"""Can we serve now? Booleans only: what is behind them is in the log."""

from __future__ import annotations

from sqlalchemy import text

from bot.bootstrap import Bot
from bot.records.database import Away, reading


def readiness(bot: Bot) -> dict[str, bool]:
    """Each store and the content. Redis away alone does not stop turns: they go on in SQL."""
    return {"redis": bot.sessions.ping(), "sql": _sql_answers(bot), "content": bool(bot.content.current.flows)}


def _sql_answers(bot: Bot) -> bool:
    try:
        with reading(bot.records) as conn:
            return bool(conn.execute(text("SELECT 1")).scalar_one())
    except Away:
        return False
