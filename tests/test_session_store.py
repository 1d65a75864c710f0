"""The session store: one message one turn, in order of arrival, across holders; on a Cluster too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.embedded_redis import EmbeddedRedis
from bot.session_store import Answered, Lease, SessionStore, StoreAway, Wait


@pytest.fixture(scope="module", params=["single", "cluster"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SessionStore]:
    clustered = request.param == "cluster"
    with EmbeddedRedis(tmp_path_factory.mktemp(request.param), cluster=clustered) as url:
        yield SessionStore(url, lease_ms=15_000, session_ms=60_000, cluster=clustered)


@pytest.fixture
def conversation() -> str:
    return uuid4().hex


def held(claimed: object) -> Lease:
    assert isinstance(claimed, Lease)
    return claimed


def test_a_claim_gives_the_lease_and_the_message(store: SessionStore, conversation: str) -> None:
    lease = held(store.claim(conversation, "SM1", b"hi", 100.0))
    assert (("SM1", b"hi"),) == lease.waiting
    assert (b"", 0, False) == (lease.session, lease.version, lease.orphaned)


def test_a_second_message_waits_and_is_taken_by_the_next_holder_in_order(
    store: SessionStore, conversation: str
) -> None:
    lease = held(store.claim(conversation, "SM1", b"one", 100.0))
    assert isinstance(store.claim(conversation, "SM2", b"two", 100.1), Wait)
    assert isinstance(store.claim(conversation, "SM3", b"three", 100.2), Wait)
    store.commit(conversation, "SM1", b"r1", lease, b"s1", 1, keep=False, now=100.0)
    later = held(store.claim(conversation, "SM3", b"three", 100.3))
    assert (("SM2", b"two"), ("SM3", b"three")) == later.waiting
    assert (b"s1", 1) == (later.session, later.version)


def test_a_delivery_again_gets_the_stored_reply(store: SessionStore, conversation: str) -> None:
    lease = held(store.claim(conversation, "SM1", b"one", 100.0))
    store.commit(conversation, "SM1", b"r1", lease, b"s1", 1, keep=False, now=100.0)
    assert Answered(b"r1") == store.claim(conversation, "SM1", b"one", 101.0)


def test_a_message_delivered_twice_joins_the_inbox_once(store: SessionStore, conversation: str) -> None:
    store.claim(conversation, "SM1", b"one", 100.0)
    store.claim(conversation, "SM2", b"two", 100.0)
    store.claim(conversation, "SM2", b"two", 100.0)
    successor = held(store.claim(conversation, "", b"", 200.0))
    assert ["SM1", "SM2"] == [message_id for message_id, _ in successor.waiting]


def test_a_lease_that_ran_out_tells_its_successor_that_the_holder_died(store: SessionStore, conversation: str) -> None:
    store.claim(conversation, "SM1", b"one", 100.0)
    assert isinstance(store.claim(conversation, "SM1", b"one", 114.9), Wait)
    assert held(store.claim(conversation, "SM1", b"one", 115.1)).orphaned


def test_a_holder_that_lost_its_lease_does_not_release_the_successors(store: SessionStore, conversation: str) -> None:
    dead = held(store.claim(conversation, "SM1", b"one", 100.0))
    held(store.claim(conversation, "SM1", b"one", 116.0))
    store.commit(conversation, "SM1", b"r1", dead, b"s1", 1, keep=False, now=100.0)
    assert isinstance(store.claim(conversation, "SM2", b"two", 116.1), Wait)


def test_an_older_session_never_replaces_a_newer_one(store: SessionStore, conversation: str) -> None:
    lease = held(store.claim(conversation, "SM1", b"one", 100.0))
    store.commit(conversation, "SM1", b"r", lease, b"new", 5, keep=False, now=100.0)
    lease = held(store.claim(conversation, "SM2", b"two", 101.0))
    store.commit(conversation, "SM2", b"r", lease, b"old", 4, keep=False, now=100.0)
    assert b"new" == held(store.claim(conversation, "SM3", b"three", 102.0)).session


def test_the_sweep_finds_what_waits_and_only_that(store: SessionStore, conversation: str) -> None:
    lease = held(store.claim(conversation, "SM1", b"one", 100.0))
    assert conversation in list(store.waiting(before=101.0))
    assert conversation not in list(store.waiting(before=99.0))
    store.commit(conversation, "SM1", b"r", lease, b"s", 1, keep=False, now=100.0)
    assert conversation not in list(store.waiting(before=200.0))


def test_a_reply_that_went_another_way_is_not_replayed(store: SessionStore, conversation: str) -> None:
    lease = held(store.claim(conversation, "SM1", b"one", 100.0))
    store.commit(conversation, "SM1", b"r1", lease, b"s", 1, keep=False, now=100.0)
    store.forget_reply(conversation, "SM1", b"empty")
    assert Answered(b"empty") == store.claim(conversation, "SM1", b"one", 101.0)


def test_a_released_lease_is_free_and_the_message_still_waits(store: SessionStore, conversation: str) -> None:
    lease = held(store.claim(conversation, "SM1", b"one", 100.0))
    store.release(conversation, lease)
    again = held(store.claim(conversation, "SM1", b"one", 100.1))
    assert not again.orphaned and ("SM1", b"one") in again.waiting


def test_redis_away_is_said_and_soon(tmp_path: Path) -> None:
    away = SessionStore(f"unix://{tmp_path}/none.sock", lease_ms=15_000, session_ms=60_000)
    with pytest.raises(StoreAway):
        away.claim("c", "SM1", b"", 1.0)
    assert not away.ping()
