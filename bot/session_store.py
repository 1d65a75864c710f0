"""Sessions, inboxes, leases and replies in Redis: the hot copy. The only file that knows redis.

Every key of a conversation carries the same hash tag, one of 256 buckets, so that scripts run on a Cluster and the
sweep can find conversations that wait. Values are sealed; keys hold keyed hashes and Twilio's SIDs only."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

BUCKETS = 256
UNDER_WAY_MS = 1000  # between committing a reply and noting that it went out; longer means it never did

# KEYS: conversation, order, bodies, reply, waiting.
# ARGV: message id ("" for the sweep), body, token, now, lease, ttl, conversation,
# and how long a reply may be under way before it counts as never sent.
# Returns {"answered", reply} | {"wait"} | {"go", session, version, orphaned, unsent, id, body, id, body...}
_CLAIM = """
local id = ARGV[1]
local now = tonumber(ARGV[4])
if id ~= '' then
  local reply = redis.call('GET', KEYS[4])
  if reply then return {'answered', reply} end
  if redis.call('HSETNX', KEYS[3], id, ARGV[2]) == 1 then
    redis.call('ZADD', KEYS[2], redis.call('HINCRBY', KEYS[1], 'arrivals', 1), id)
    redis.call('ZADD', KEYS[5], 'NX', ARGV[4], ARGV[7])
    redis.call('PEXPIRE', KEYS[2], ARGV[6])
    redis.call('PEXPIRE', KEYS[3], ARGV[6])
  end
end
local state = redis.call('HMGET', KEYS[1], 'token', 'until', 'session', 'version', 'unsent', 'unsent_at')
local anothers = state[1] and state[1] ~= ARGV[3]
if anothers and tonumber(state[2]) > now then return {'wait'} end
local ids = redis.call('ZRANGE', KEYS[2], 0, -1)
if #ids == 0 then
  redis.call('ZREM', KEYS[5], ARGV[7])
  return {'go', '', '0', '0', ''}
end
redis.call('HSET', KEYS[1], 'token', ARGV[3], 'until', now + tonumber(ARGV[5]))
redis.call('PEXPIRE', KEYS[1], ARGV[6])
local unsent = ''
if state[5] and now - tonumber(state[6]) > tonumber(ARGV[8]) then unsent = state[5] end
local taken = {'go', state[3] or '', state[4] or '0', anothers and '1' or '0', unsent}
for _, waiting in ipairs(ids) do
  taken[#taken + 1] = waiting
  taken[#taken + 1] = redis.call('HGET', KEYS[3], waiting) or ''
  if waiting == id then break end
end
return taken
"""

# KEYS as above.
# ARGV: message id, reply, token, session, version, keep ("1": go on holding the lease), ttl, reply ttl, conversation,
# now.
# Returns 1 where the lease was still ours.
_COMMIT = """
local state = redis.call('HMGET', KEYS[1], 'token', 'version')
local ours = state[1] == ARGV[3]
if ARGV[4] ~= '' and tonumber(ARGV[5]) > tonumber(state[2] or '0') then
  redis.call('HSET', KEYS[1], 'session', ARGV[4], 'version', ARGV[5], 'unsent', ARGV[1], 'unsent_at', ARGV[10])
  redis.call('PEXPIRE', KEYS[1], ARGV[7])
end
redis.call('SET', KEYS[4], ARGV[2], 'PX', ARGV[8])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
if redis.call('ZCARD', KEYS[2]) == 0 then redis.call('ZREM', KEYS[5], ARGV[9]) end
if ours and ARGV[6] ~= '1' then redis.call('HDEL', KEYS[1], 'token', 'until') end
return ours and 1 or 0
"""

# KEYS: conversation. ARGV: session, version, what asks its question and has not gone out ("": nothing), now, ttl.
_PUT = """
if tonumber(ARGV[2]) <= tonumber(redis.call('HGET', KEYS[1], 'version') or '0') then return 0 end
redis.call('HSET', KEYS[1], 'session', ARGV[1], 'version', ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'unsent', ARGV[3], 'unsent_at', ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
"""

# KEYS: conversation. ARGV: message id. The reply to this message has gone out.
_SENT = """
if redis.call('HGET', KEYS[1], 'unsent') == ARGV[1] then redis.call('HDEL', KEYS[1], 'unsent', 'unsent_at') end
return 1
"""

# KEYS: conversation. ARGV: token. Gives the lease back after a turn that could not be taken.
_RELEASE = """
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('HDEL', KEYS[1], 'token', 'until') end
return 1
"""


class StoreAway(Exception):
    """Redis cannot be reached or cannot answer now; the turn goes on without it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """This message had its turn: the stored reply."""

    reply: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Another holder is taking this conversation's messages."""


@dataclass(frozen=True, slots=True)
class Lease:
    """We hold the conversation: its stored session and the messages to take, in order of arrival."""

    token: str
    session: bytes
    version: int
    orphaned: bool  # the holder before us died: what SQL has is newer
    unsent: str  # the message whose reply seems never to have gone out, if any
    waiting: tuple[tuple[str, bytes], ...]


class SessionStore:
    """One Redis, Sentinel or Cluster behind `url`; times in milliseconds."""

    def __init__(self, url: str, *, lease_ms: int, session_ms: int, reply_ms: int = 86_400_000, cluster: bool = False):
        options = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "retry": Retry(NoBackoff(), 1)}
        self._redis = redis.RedisCluster.from_url(url, **options) if cluster else redis.Redis.from_url(url, **options)
        self._mine = threading.local()
        self._lease_ms, self._session_ms, self._reply_ms = lease_ms, session_ms, reply_ms
        self._claim = self._redis.register_script(_CLAIM)
        self._commit = self._redis.register_script(_COMMIT)
        self._release = self._redis.register_script(_RELEASE)

    def _own(self) -> redis.Redis | redis.RedisCluster:
        """For the trips of every turn each thread keeps a connection: taking one of the pool costs half a trip."""
        if not hasattr(self._mine, "redis"):
            pool = None if isinstance(self._redis, redis.RedisCluster) else self._redis.connection_pool
            self._mine.redis = redis.Redis(connection_pool=pool, single_connection_client=True) if pool else self._redis
        mine: redis.Redis | redis.RedisCluster = self._mine.redis
        return mine

    def claim(self, conversation: str, message_id: str, body: bytes, now: float) -> Answered | Wait | Lease:
        """Join the conversation's inbox, once however often this is called, and ask for its lease.
        With an empty `message_id` (the sweep) only ask for the lease. Raises StoreAway."""
        token = os.urandom(8).hex()
        try:
            at = int(now * 1000)
            found = self._claim(
                client=self._own(),
                keys=_keys(conversation, message_id),
                args=[message_id, body, token, at, self._lease_ms, self._session_ms, conversation, UNDER_WAY_MS],
            )
        except redis.RedisError as error:
            raise StoreAway from error
        match found[0]:
            case b"answered":
                return Answered(found[1])
            case b"wait":
                return Wait()
        pairs = tuple((found[i].decode(), found[i + 1]) for i in range(5, len(found), 2))
        return Lease(token, found[1], int(found[2]), found[3] == b"1", found[4].decode(), pairs)

    def commit(
        self,
        conversation: str,
        message_id: str,
        reply: bytes,
        lease: Lease,
        session: bytes,
        version: int,
        *,
        keep: bool,
        now: float,
    ) -> None:
        """Store the new session and the reply for replay, take the message out of the inbox, release the lease unless
        more are to be taken. Raises StoreAway; SQL has the turn already, so nothing is lost by it."""
        ttl, reply_ttl, at = self._session_ms, self._reply_ms, int(now * 1000)
        try:
            self._commit(
                client=self._own(),
                keys=_keys(conversation, message_id),
                args=[message_id, reply, lease.token, session, version, int(keep), ttl, reply_ttl, conversation, at],
            )
        except redis.RedisError as error:
            raise StoreAway from error

    def put(self, conversation: str, session: bytes, version: int, unsent: str, now: float) -> None:
        """Store a session that was written without the lease, where it is newer; `unsent` is what asks its open
        question, if that has still to go out. Whoever holds the lease finds at SQL's fence that it came too late.
        Raises StoreAway."""
        try:
            key = _keys(conversation, "")[0]
            self._redis.eval(_PUT, 1, key, session, version, unsent, int(now * 1000), self._session_ms)
        except redis.RedisError as error:
            raise StoreAway from error

    def sent(self, replies: Iterable[tuple[str, str]]) -> None:
        """The replies to these messages (conversation, message id) have gone out: the questions in them are asked.
        Raises StoreAway."""
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for conversation, message_id in replies:
                    pipe.eval(_SENT, 1, _keys(conversation, "")[0], message_id)
                pipe.execute()
        except redis.RedisError as error:
            raise StoreAway from error

    def release(self, conversation: str, lease: Lease) -> None:
        try:
            self._release(client=self._own(), keys=[_keys(conversation, "")[0]], args=[lease.token])
        except redis.RedisError as error:
            raise StoreAway from error

    def forget_reply(self, conversation: str, message_id: str, empty: bytes) -> None:
        """A reply that went out another way is not replayed: a late re-delivery gets `empty`."""
        try:
            self._redis.set(_keys(conversation, message_id)[3], empty, px=self._reply_ms)
        except redis.RedisError as error:
            raise StoreAway from error

    def waiting(self, before: float) -> list[str]:
        """Conversations with a message that has waited since before `before`. Raises StoreAway."""
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for bucket in range(BUCKETS):
                    pipe.zrangebyscore(f"cs:{{{bucket:02x}}}:waiting", "-inf", int(before * 1000))
                return [conversation.decode() for found in pipe.execute() for conversation in found]
        except redis.RedisError as error:
            raise StoreAway from error

    def session_bytes(self, conversation: str) -> int:
        """Bytes that this conversation's stored session takes; 0 where there is none."""
        return int(self._redis.hstrlen(_keys(conversation, "")[0], "session"))

    def ping(self) -> bool:
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            return False

    def policy(self) -> str:
        """What the server does when its memory is full: `noeviction` is right. Raises StoreAway."""
        try:
            return str(self._redis.info("memory").get("maxmemory_policy", ""))
        except redis.RedisError as error:
            raise StoreAway from error


def _keys(conversation: str, message_id: str) -> list[str]:
    bucket = f"{hashlib.sha256(conversation.encode()).digest()[0]:02x}"
    stem = f"cs:{{{bucket}}}"
    return [
        f"{stem}:c:{conversation}",
        f"{stem}:order:{conversation}",
        f"{stem}:bodies:{conversation}",
        f"{stem}:reply:{conversation}:{message_id}",
        f"{stem}:waiting",
    ]
