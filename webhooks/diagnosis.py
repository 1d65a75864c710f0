"""What `carestart doctor` looks at: one function per part says what it found and, where it is wrong, what to do."""

from __future__ import annotations

import re
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from bot.bootstrap import open_sessions
from bot.config import KEYS_FILE, Settings
from bot.content import ContentRefused, load_content
from bot.embedded_redis import EmbeddedRedisFailed, redis_for
from bot.records.counts import count_members, count_providers
from bot.records.database import Away, open_database
from bot.records.dispatches import Problem
from bot.records.migrate import is_current
from bot.session_store import StoreAway
from bot.sinks.fhir import FhirServer
from bot.sinks.tokens import public_jwks
from bot.wake import QueueAway, workers_at
from webhooks.startup import model_is_current

_SLOW_MILLISECONDS = 5.0
_REACH_SECONDS = 5.0
_PINGS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found; `remedy` says what to do about it, and is empty where all is well."""

    part: str
    found: str
    remedy: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def check_keys(settings: Settings) -> Iterator[Finding]:
    file = settings.data / KEYS_FILE
    if not file.exists():
        yield Finding("keys", "given in the environment")
    elif stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Finding("keys", f"others on this computer may read {file}", f"chmod 600 '{file}'")
    else:
        yield Finding("keys", f"in {file}, for you only; keep a copy, without it sealed data cannot be read")


def check_redis(settings: Settings) -> Iterator[Finding]:
    kind = "Redis" if settings.redis_url else "embedded Redis"
    try:
        with redis_for(settings) as ready:
            sessions = open_sessions(ready)
            milliseconds = min(_timed(sessions.ping) for _ in range(_PINGS))
            policy = sessions.policy()
    except EmbeddedRedisFailed as failed:
        yield Finding("redis", "the embedded Redis does not start", str(failed))
        return
    except StoreAway:
        yield Finding("redis", f"{kind} does not answer", "Check REDIS_URL, its password and the network to it")
        return
    slow = "" if milliseconds < _SLOW_MILLISECONDS else "Move it nearer: every turn makes two trips to it"
    yield Finding("redis", f"{kind} answers in {milliseconds:.2f} ms", slow)
    if policy != "noeviction":
        remedy = "Set maxmemory-policy to noeviction, or it may drop messages that wait for their turn"
        yield Finding("redis", f"evicts keys when memory is full ({policy or 'unknown policy'})", remedy)


def check_queue(settings: Settings) -> Iterator[Finding]:
    with suppress(EmbeddedRedisFailed), redis_for(settings) as ready:  # said with redis
        try:
            found = f"{workers_at(ready.queue_at.reveal())} of `carestart worker` wait to be woken"
            yield Finding("queue", found)
        except QueueAway:
            remedy = "Check QUEUE_URL; meanwhile what staff write leaves up to a second later"
            yield Finding("queue", "its Redis does not answer", remedy)


def check_database(settings: Settings) -> Iterator[Finding]:
    database = open_database(settings)
    try:
        if not is_current(database):
            yield Finding("sql", "the schema is not the newest", "Run `carestart migrate`")
            return
        yield Finding("sql", f"{database.dialect.name} answers, the schema is the newest")
        people, providers = count_members(database), count_providers(database)
    except Away:
        yield Finding("sql", "the database does not answer", "Check DATABASE_URL, its password and the network to it")
        return
    finally:
        database.dispose()
    remedy = "`carestart run` loads sample people" if settings.sample_data else "Run `carestart import members FILE`"
    yield Finding("members", f"{people:,} on file", "" if people else remedy)
    remedy = "`carestart run` loads a sample" if settings.sample_data else "Run `carestart import providers PATH`"
    yield Finding("providers", f"{providers:,} in the directory", "" if providers else remedy)


def check_content(settings: Settings) -> Iterator[Finding]:
    try:
        content = load_content(settings.flows)
    except ContentRefused as refused:
        yield Finding("content", f"{len(refused.problems)} problems keep it from running", "Run `carestart check`")
        return
    yield Finding("content", f"{len(content.flows)} flows, {len(content.responses)} responses")
    for missing in sorted(set(settings.plans) - set(content.plans)):
        known = ", ".join(sorted(content.plans))
        yield Finding("content", f"PLANS names {missing}, which is no plan", f"Known plans: {known}")


def check_model(settings: Settings) -> Iterator[Finding]:
    if model_is_current(settings):
        yield Finding("classifier", "trained from the data that is there now")
    else:
        yield Finding("classifier", "missing, or older than its training data", "Run `carestart train`")


def check_twilio(settings: Settings) -> Iterator[Finding]:
    token = settings.twilio_auth_token.reveal()
    if not token:
        serves = "the simulator serves" if settings.simulator else "nothing can be received"
        yield Finding("twilio", f"not connected: {serves}, unsigned webhooks are refused")
    elif not re.fullmatch(r"[0-9a-f]{32}", token):
        remedy = "Copy the Auth Token from Twilio's console: 32 digits or letters a to f"
        yield Finding("twilio", "TWILIO_AUTH_TOKEN does not look like one", remedy)
    else:
        yield Finding("twilio", f"connected, opt-out mode {settings.twilio_opt_out}")


def check_texts(settings: Settings) -> Iterator[Finding]:
    """Where texts of the outbox go, as bot.worker chooses."""
    if settings.twilio_auth_token:
        service = settings.twilio_messaging_service_sid
        by = f", by the Messaging Service {service}" if service else ""
        yield Finding("texts", f"go out through Twilio, from the number a member wrote to{by}")
    elif settings.simulator:
        yield Finding("texts", "go to the simulator's phone, and nowhere else")
    else:
        remedy = "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or SIMULATOR to yes"
        yield Finding("texts", "go nowhere: reminders and what staff write reach nobody", remedy)


def check_delivery(settings: Settings) -> Iterator[Finding]:
    """Where records go as they are written; no more is asked of a receiver than whether it is one."""
    if not settings.deliver_to:
        yield Finding("delivery", "off: records leave by `carestart export` alone")
    if "webhook" in settings.deliver_to:
        yield Finding("delivery", f"to the webhook of {_host(settings.delivery_webhook_url.reveal())}, signed")
    if "fhir" in settings.deliver_to:
        host, problem = _host(settings.delivery_fhir_url.reveal()), FhirServer(settings).look()
        yield Finding("delivery", f"to the FHIR server of {host}", _REMEDIES[problem] if problem else "")
    if settings.delivery_fhir_client_key:
        jwks = public_jwks(settings.delivery_fhir_client_key.reveal())
        yield Finding("delivery", f"this public key is to be registered at the FHIR server: {jwks}")


_REMEDIES: dict[Problem | Literal["no_r4"], str] = {
    "unreachable": "It cannot be reached: check DELIVERY_FHIR_URL, DNS, certificate and firewall",
    "timeout": "It does not answer in time: check DELIVERY_FHIR_URL and the network to it",
    "unwell": "It is not well: ask whoever runs it",
    "not_let_in": "It does not let us in: check DELIVERY_FHIR_TOKEN, or how CareStart is registered there",
    "refused": "It does not say what it is at DELIVERY_FHIR_URL/metadata: is that its base address?",
    "nonsense": "What answers at DELIVERY_FHIR_URL/metadata is no FHIR server: is that its base address?",
    "no_r4": "It speaks another version of FHIR than R4 (4.0): give the address of one that does",
}


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def check_public_address(settings: Settings) -> Iterator[Finding]:
    if not settings.public_base_url:
        return
    address = f"{settings.public_base_url}/healthz"
    try:
        with urllib.request.urlopen(address, timeout=_REACH_SECONDS) as answer:
            reached = answer.status == 200
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        reached = False
    remedy = "Start CareStart, and check DNS, certificate, proxy and firewall; Twilio must reach it too"
    yield Finding("address", f"{address} {'answers' if reached else 'does not answer'}", "" if reached else remedy)


CHECKS: tuple[Check, ...] = (
    check_keys,
    check_redis,
    check_queue,
    check_database,
    check_content,
    check_model,
    check_twilio,
    check_texts,
    check_delivery,
    check_public_address,
)


def _timed(action: Callable[[], bool]) -> float:
    """Milliseconds of one call. Raises StoreAway where it says no."""
    began = time.perf_counter()
    if not action():
        raise StoreAway
    return (time.perf_counter() - began) * 1000
