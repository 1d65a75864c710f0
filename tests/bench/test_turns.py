"""`carestart bench turns` really measures: its figures hang together, and a wrong answer ends it."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from statistics import median

import msgspec
import pytest
from click.testing import CliRunner

from webhooks.bench.failure import BenchFailed
from webhooks.bench.load import lines
from webhooks.bench.report import Breakdown, Level, LongConversation, TurnsReport, at_percentile, spread
from webhooks.bench.seams import Stopwatch
from webhooks.bench.texts import Exchange
from webhooks.commands.bench import bench

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.proof
@pytest.mark.timeout(600)  # starts five processes that load all content
def test_a_quick_run_reports_figures_that_hang_together(tmp_path: Path):
    result = CliRunner().invoke(bench, ["turns", "--quick", "--json", str(tmp_path / "turns.json")])
    assert 0 == result.exit_code, result.output
    report = msgspec.json.decode((tmp_path / "turns.json").read_bytes(), type=TurnsReport)
    assert "SQLite, synchronous=full" == report.database
    assert [1, 2] == [level.members for level in report.levels]
    for level in report.levels:
        ratio_is_of_its_parts(level)
        every_stretch_was_measured(level)
    parts_add_up_to_the_turn(report.breakdown)
    long_conversation_is_compared_with_its_beginning(report.long)
    sizes_are_those_of_the_servers(report)
    for words in ("ratio to the floor", "Where one turn goes", "Session in Redis", "fsync"):
        assert words in result.output


def ratio_is_of_its_parts(level: Level) -> None:
    """Product over floor of the same round; so for relaxed durability over the default."""
    ratios = [one.product.per_second / one.floor.per_second for one in level.rounds]
    assert pytest.approx((median(ratios), min(ratios), max(ratios))) == msgspec.structs.astuple(level.ratio)
    assert 0 < level.ratio.median < 1
    gains = [one.relaxed.per_second / one.product.per_second for one in level.rounds]
    assert pytest.approx(median(gains)) == level.relaxed_gain.median


def every_stretch_was_measured(level: Level) -> None:
    assert 2 == len(level.rounds)
    for speed in (speed for one in level.rounds for speed in (one.floor, one.product, one.relaxed)):
        assert speed.turns > 0
        assert 0 < speed.p50_ms <= speed.p99_ms
        assert speed.cpu_ms > 0


def parts_add_up_to_the_turn(parts: Breakdown) -> None:
    assert pytest.approx(parts.mean_us) == sum(seam.us for seam in parts.seams)
    assert pytest.approx(1) == sum(seam.share for seam in parts.seams)
    names = {seam.name for seam in parts.seams}
    assert {"claim and load (Redis)", "understand", "advance", "record (SQL)", "commit (SQL, on disk)"} <= names
    assert 0 < parts.fsync_p50_us <= parts.fsync_p99_us


def long_conversation_is_compared_with_its_beginning(long: LongConversation) -> None:
    assert 40 == long.turns
    assert pytest.approx(long.last_p50_ms / long.first_p50_ms) == long.ratio
    assert pytest.approx(long.last_p50_ms / long.young_p50_ms) == long.beside


def sizes_are_those_of_the_servers(report: TurnsReport) -> None:
    assert 100 < report.session_bytes_p50 <= report.session_bytes_max
    assert 2 == report.web_workers == len({worker.pid for worker in report.workers})
    assert all(20 < worker.rss_mb < 1000 for worker in report.workers)


def served(answer: bytes, expected: bytes) -> float:
    """One exchange with a server that answers like this."""

    async def exchange() -> float:
        async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            for at in range(0, len(answer), 7):  # in pieces, as networks do
                writer.write(answer[at : at + 7])
                await writer.drain()
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(respond, "127.0.0.1", 0)
        async with server, lines(server.sockets[0].getsockname()[1], 1) as one:
            return await one.once(lambda: Exchange(REQUEST, expected))

    return asyncio.run(exchange())


def test_the_expected_answer_is_timed():
    assert 0 < served(ANSWER, b"hello") < 5


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ANSWER, b"other"),
        (ANSWER.replace(b"200", b"403"), b"hello"),
        (ANSWER.replace(b"length: 5", b"length: 7") + b"!!", b"hello"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b""),
    ],
    ids=["other words", "a refusal", "more words", "no length"],
)
def test_any_other_answer_ends_the_run(answer, expected):
    with pytest.raises(BenchFailed):
        served(answer, expected)


def test_a_failed_run_exits_with_1_and_reports_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def fail(*_: object) -> None:
        raise BenchFailed("an answer was not the expected one")

    monkeypatch.setattr("webhooks.commands.bench.measure_turns", fail)
    result = CliRunner().invoke(bench, ["turns", "--json", str(tmp_path / "turns.json")])
    assert (1, True) == (result.exit_code, "not the expected one" in result.output)
    assert not (tmp_path / "turns.json").exists()


@pytest.mark.parametrize("members", ["", "0", "8,", "many", "1,999"])
def test_members_are_refused_with_an_example(members):
    result = CliRunner().invoke(bench, ["turns", "--members", members])
    assert (2, True) == (result.exit_code, "such as 1,8,32" in result.output)


def test_a_part_does_not_count_the_parts_inside_it():
    watch = Stopwatch()
    inner = watch.timed("inner", lambda: time.sleep(0.02))
    with watch.part("outer"):
        inner()
        inner()
    assert watch.spent["inner"] >= 0.04
    assert watch.spent["outer"] < 0.02


def test_the_middle_of_the_rounds_is_told_with_both_ends():
    assert (2, 1, 9) == msgspec.structs.astuple(spread([9, 1, 2]))


def test_a_percentile_is_one_of_the_values():
    assert (1, 51, 100) == tuple(at_percentile(range(1, 101), percent) for percent in (0, 50, 99.9))


def test_the_report_survives_json():
    assert {"median": 1.0, "least": 0.5, "most": 2.0} == json.loads(msgspec.json.encode(spread([0.5, 1.0, 2.0])))
