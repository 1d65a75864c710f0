"""`carestart bench console` really measures: its figures hang together, and a wrong answer ends it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from statistics import median

import msgspec
import pytest
from click.testing import CliRunner

from webhooks.bench.console_report import ConsoleReport, FullRound, Times, times_of
from webhooks.bench.consoles import Asked, connections, shows
from webhooks.bench.failure import BenchFailed
from webhooks.commands.bench import bench

NOTHING_NEW = b"HTTP/1.1 204 No Content\r\n\r\n"
PAGE = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nqueue"
REQUEST = b"GET / HTTP/1.1\r\n\r\n"


@pytest.mark.proof
@pytest.mark.timeout(600)  # starts four processes that load all content
def test_a_quick_run_reports_figures_that_hang_together(tmp_path: Path):
    result = CliRunner().invoke(bench, ["console", "--quick", "--json", str(tmp_path / "console.json")])
    assert 0 == result.exit_code, result.output
    report = msgspec.json.decode((tmp_path / "console.json").read_bytes(), type=ConsoleReport)
    assert (12, 4, 2, 2, 2) == (report.waiting, report.consoles, report.polling, len(report.rounds), len(report.full))
    every_console_asked(report)
    ratios_are_of_their_parts(report)
    back_to_back_the_floor_is_cheapest(report)
    assert report.refresh_bytes > 12 * 100 + report.floor_bytes > 0
    for words in ("queue refresh / floor, p95", "member's turn, consoles open / closed", "Back to back"):
        assert words in result.output


def every_console_asked(report: ConsoleReport) -> None:
    """In a stretch shorter than a period each console asks once."""
    for one in report.rounds:
        assert (4, 4, 4) == (one.refresh.count, one.refresh_beside.count, one.floor.count)
        assert (2, 2) == (one.poll.count, one.poll_beside.count)
        for times in (getattr(one, name) for name in one.__struct_fields__):
            in_order(times)


def in_order(times: Times) -> None:
    assert 0 < times.p50_ms <= times.p95_ms <= times.p99_ms


def ratios_are_of_their_parts(report: ConsoleReport) -> None:
    """Each within a round: what a slower moment of the machine does to one it does to the other."""
    of, rounds, full = report.compared, report.rounds, report.full
    for ratio, values in (
        (of.refresh_p50, [one.refresh.p50_ms / one.floor.p50_ms for one in rounds]),
        (of.refresh_p95, [one.refresh.p95_ms / one.floor.p95_ms for one in rounds]),
        (of.poll_p95, [one.poll.p95_ms / one.floor.p95_ms for one in rounds]),
        (of.member_p50, [one.member_beside.p50_ms / one.member_alone.p50_ms for one in rounds]),
        (of.member_p95, [one.member_beside.p95_ms / one.member_alone.p95_ms for one in rounds]),
        (of.member_turns, [one.member_beside.count / one.member_alone.count for one in rounds]),
        (of.refresh_cpu, [one.refresh_cpu_ms / one.floor_cpu_ms for one in full]),
        (of.poll_cpu, [one.poll_cpu_ms / one.floor_cpu_ms for one in full]),
        (of.refreshes_per_second, [one.refreshes_per_second / one.floors_per_second for one in full]),
        (of.of_a_processor, [(4 / 5 * one.refresh_cpu_ms + 2 / 3 * one.poll_cpu_ms) / 1e3 for one in full]),
    ):
        assert pytest.approx((median(values), min(values), max(values))) == msgspec.structs.astuple(ratio)


def back_to_back_the_floor_is_cheapest(report: ConsoleReport) -> None:
    def cpu(name: str) -> float:
        return median(getattr(one, name) for one in report.full)

    assert 0 < cpu("floor_cpu_ms") < cpu("refresh_cpu_ms")
    assert all(value > 0 for one in report.full for value in msgspec.structs.astuple(one))
    assert isinstance(report.full[0], FullRound)


def served(answer: bytes, asked: Asked, times: int = 1) -> list[float]:
    """So many exchanges, a hundredth of a second apart, with a server that answers like this."""

    async def exchange() -> list[float]:
        over = asyncio.Event()

        async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.readline():
                await reader.readuntil(b"\r\n")
                writer.write(answer)
                await writer.drain()
            writer.close()
            await writer.wait_closed()
            over.set()

        server = await asyncio.start_server(respond, "127.0.0.1", 0)
        taken: list[float] = []
        async with server:
            try:
                async with connections(server.sockets[0].getsockname()[1], 1) as one:
                    begin = time.perf_counter()
                    await one[0].every(0.01, asked, begin, begin + 0.01 * times - 0.001, taken)
            finally:
                await over.wait()
        return taken

    return asyncio.run(exchange())


def asks(status: int, body: bytes) -> Asked:
    return Asked(REQUEST, status, lambda came: came == body)


def test_every_answer_is_timed():
    times = served(NOTHING_NEW, asks(204, b""), 3)
    assert 3 == len(times)
    assert all(0 < took < 5 for took in times)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (PAGE, asks(200, b"other")),
        (PAGE, asks(204, b"")),
        (NOTHING_NEW, asks(200, b"queue")),
        (PAGE.replace(b"200", b"503"), asks(200, b"queue")),
    ],
    ids=["another page", "something new", "nothing new", "away"],
)
def test_any_other_answer_ends_the_run(answer: bytes, asked: Asked):
    with pytest.raises(BenchFailed):
        served(answer, asked)


@pytest.mark.parametrize(
    ("counted", "rows", "right"), [(2, 2, True), (2, 3, True), (1, 2, False), (2, 1, False)], ids=str
)
def test_a_queue_is_whole_where_it_counts_and_lists_everybody(counted: int, rows: int, right: bool):
    lists = b'<h2 id="open">Waiting <span class="badge">%d</span></h2>' % counted
    assert right == shows(lists + rows * b'<a href="/console/c/0123">', 2)


def test_a_failed_run_exits_with_1_and_reports_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def fail(*_: object) -> None:
        raise BenchFailed("an answer was not the expected one")

    monkeypatch.setattr("webhooks.bench.console.measure_console", fail)
    result = CliRunner().invoke(bench, ["console", "--json", str(tmp_path / "console.json")])
    assert (1, True) == (result.exit_code, "not the expected one" in result.output)
    assert not (tmp_path / "console.json").exists()


def test_times_are_told_in_milliseconds():
    assert Times(100, 51.0, 96.0, 100.0) == times_of([number / 1000 for number in range(1, 101)])
