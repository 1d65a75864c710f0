"""The one place that picks the collaborators and puts them together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.action_calls import ActionRunner, InProcess, OnServer
from bot.config import Settings, open_vault
from bot.content import ContentFolder
from bot.directory.zips import place
from bot.handovers import Handovers
from bot.lookups import Lookups
from bot.records.database import Database, open_database
from bot.session_store import SessionStore
from bot.vault import Vault
from bot.wake import Waker
from nlu.classifier import Classifier, load_classifier
from nlu.understand import understand


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything a turn needs."""

    settings: Settings
    content: ContentFolder
    vault: Vault
    records: Database
    sessions: SessionStore
    classifier: Classifier | None
    run_action: ActionRunner
    handovers: Handovers
    waker: Waker
    clock: Callable[[], float]  # UTC seconds

    def close(self) -> None:
        """Finish what is under way and let everything go."""
        self.waker.close()
        self.handovers.close()
        self.run_action.close()
        self.records.dispose()

    @property
    def twilio_connected(self) -> bool:
        return bool(self.settings.twilio_auth_token)


@dataclass(frozen=True, slots=True)
class Records:
    """What imports and exports need: SQL, the keys and the plans."""

    engine: Database
    vault: Vault
    content: ContentFolder


def open_records(settings: Settings, seconds: float | None = None) -> Records:
    """`seconds` bound a statement, otherwise as long as a turn may take."""
    return Records(
        open_database(settings, seconds), open_vault(settings), ContentFolder(settings.flows, plans=settings.plans)
    )


def build_bot(settings: Settings, clock: Callable[[], float] = time.time) -> Bot:
    """Put a bot together. `settings.redis_url` must be set: `carestart run` starts the embedded server and sets it."""
    records = open_records(settings)
    sessions = open_sessions(settings)
    lookups = Lookups(settings, records.engine, records.vault, records.content, clock)
    return Bot(
        settings=settings,
        content=records.content,
        vault=records.vault,
        records=records.engine,
        sessions=sessions,
        classifier=open_classifier(settings.model),
        run_action=action_runner(settings, lookups),
        handovers=Handovers(records.engine, sessions, clock),
        waker=Waker(settings.queue_at.reveal()),
        clock=clock,
    )


def open_sessions(settings: Settings) -> SessionStore:
    return SessionStore(
        settings.redis_url.reveal(),
        lease_ms=int(settings.lease_seconds * 1000),
        session_ms=settings.session_days * 86_400_000,
        cluster=settings.redis_cluster,
    )


def open_classifier(model: Path) -> Classifier | None:
    """The trained classifier; without one the parsers and word lists still understand."""
    return load_classifier(model) if model.exists() else None


def action_runner(settings: Settings, lookups: Lookups) -> ActionRunner:
    if settings.action_endpoint_url:
        return OnServer(settings.action_endpoint_url, timeout=settings.turn_seconds)
    return InProcess(lookups)


def warm_up() -> None:
    """Load what the first member would wait for: the word lists and the ZIP codes."""
    understand("", None, "en")
    place("46204")


@contextmanager
def open_bot(settings: Settings, clock: Callable[[], float] = time.time) -> Iterator[Bot]:
    """A bot for a terminal: everything closed at the end."""
    bot = build_bot(settings, clock)
    try:
        yield bot
    finally:
        bot.close()
