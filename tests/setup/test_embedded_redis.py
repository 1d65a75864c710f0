"""The embedded Redis: started, joined, kept, recovered, and gone with its owner, however the owner goes."""

import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import redis

from bot.config import ensure_keys, load_settings
from bot.embedded_redis import EmbeddedRedis, EmbeddedRedisFailed, redis_for

ROOT = Path(__file__).parents[2]


def eventually(true, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def ask(url, *words):
    with closing(redis.Redis.from_url(url)) as client:
        return client.execute_command(*words)


def configured(url, name):
    with closing(redis.Redis.from_url(url, decode_responses=True)) as client:
        return client.config_get(name)[name]


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    except FileNotFoundError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return not Path("/proc/self").exists()
    return not state.startswith("Z")


def server_pid(url):
    return ask(url, "INFO", "server")["process_id"]


def keeper_pid(data):
    return int((data / "redis" / "keeper.pid").read_text())


@pytest.fixture
def server(tmp_path):
    embedded = EmbeddedRedis(tmp_path)
    yield embedded
    embedded.stop()


@pytest.fixture
def owner(tmp_path):
    """Another process that owns the server of tmp_path."""
    code = "import sys, time, pathlib; from bot.embedded_redis import EmbeddedRedis\n"
    code += "print(EmbeddedRedis(pathlib.Path(sys.argv[1])).start(), flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", code, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process.url = process.stdout.readline().strip()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_it_is_a_real_server_on_a_private_socket_that_writes_everything_down(server):
    url = server.start()
    assert url.startswith("unix:///")
    assert ask(url, "SET", "a", "1")
    assert "yes" == configured(url, "appendonly")
    assert "0" == configured(url, "port")
    assert "noeviction" == configured(url, "maxmemory-policy")
    assert 0o700 == stat.S_IMODE(server.folder.stat().st_mode)
    assert 0o700 == stat.S_IMODE(Path(url.removeprefix("unix://")).stat().st_mode)


def test_data_is_kept_from_one_start_to_the_next(server):
    ask(server.start(), "SET", "kept", "1")
    server.stop()
    assert not server.running()
    assert b"1" == ask(server.start(), "GET", "kept")


def test_a_second_process_joins_and_leaves_the_server_running(owner, tmp_path):
    joining = EmbeddedRedis(tmp_path)
    assert owner.url == joining.start()
    assert not joining.owned
    ask(owner.url, "SET", "from", "here")
    joining.stop()
    assert b"here" == ask(owner.url, "GET", "from")


def test_many_that_start_at_once_share_one_server(tmp_path):
    several = [EmbeddedRedis(tmp_path) for _ in range(4)]
    try:
        with ThreadPoolExecutor(4) as pool:
            assert 1 == len(set(pool.map(lambda embedded: server_pid(embedded.start()), several)))
        assert 1 == sum(embedded.owned for embedded in several)
    finally:
        for embedded in several:
            embedded.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_is_gone_when_its_owner_is_killed_and_the_next_start_has_the_data(owner, tmp_path, how, server):
    ask(owner.url, "SET", "kept", "1")
    pids = server_pid(owner.url), keeper_pid(tmp_path)
    os.kill(owner.pid, how)
    owner.wait()
    eventually(lambda: not any(map(alive, pids)))
    assert b"1" == ask(server.start(), "GET", "kept")


def test_it_is_started_again_when_it_dies(server):
    url = server.start()
    ask(url, "SET", "kept", "1")
    time.sleep(1.2)  # appendfsync everysec
    first = server_pid(url)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not alive(first) and server.running())
    assert b"1" == ask(url, "GET", "kept")
    assert first != server_pid(url)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_it_goes_with_its_keeper_and_the_owner_can_start_it_again(server, tmp_path):
    url = server.start()
    ask(url, "SET", "kept", "1")
    pid = server_pid(url)
    os.kill(keeper_pid(tmp_path), signal.SIGKILL)
    eventually(lambda: not alive(pid))
    assert url == server.start()
    assert b"1" == ask(url, "GET", "kept")


def test_what_a_crash_left_behind_does_not_hinder_a_start(server):
    server.folder.mkdir(parents=True)
    (server.folder / "lock").write_text("")
    (server.folder / "redis.sock").write_text("not a socket")
    (server.folder / "keeper.pid").write_text("1")
    (server.folder / "place.json").write_text("{broken")
    assert ask(server.start(), "PING")


def test_a_long_data_path_gets_a_short_private_socket_that_others_find(tmp_path):
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    first, second = EmbeddedRedis(deep), EmbeddedRedis(deep)
    try:
        url = first.start()
        folder = Path(url.removeprefix("unix://")).parent
        assert len(url) < 110 and 0o700 == stat.S_IMODE(folder.stat().st_mode)
        assert url == second.start()
        first.stop()
        assert url == first.start()
    finally:
        first.stop()
        folder.rmdir()


def test_a_server_that_cannot_start_says_where_its_log_is(tmp_path):
    embedded = EmbeddedRedis(tmp_path, patience=1.0)
    embedded.folder.mkdir(parents=True)
    (embedded.folder / "appendonlydir").write_text("a file where the server wants its folder")
    with pytest.raises(EmbeddedRedisFailed, match=r"server\.log"):
        embedded.start()
    assert not embedded.owned


def test_cluster_mode_serves_every_slot(tmp_path):
    with EmbeddedRedis(tmp_path, cluster=True) as url, closing(redis.RedisCluster.from_url(url)) as client:
        for key in ("a", "b", "c{1}", "d{2}"):
            client.set(key, key)
        assert [b"a", b"d{2}"] == [client.get("a"), client.get("d{2}")]
        with pytest.raises(redis.ResponseError, match="same slot"):
            ask(url, "EVAL", "return 1", 2, "a", "b")


def test_the_settings_get_a_redis_only_where_they_name_none(tmp_path):
    ensure_keys(tmp_path)
    own = load_settings({"REDIS_URL": "redis://127.0.0.1:1"}, tmp_path)
    with redis_for(own) as settings:
        assert own is settings
    with redis_for(load_settings({}, tmp_path)) as settings:
        assert ask(settings.redis_url.reveal(), "PING")
    assert not EmbeddedRedis(tmp_path).running()
