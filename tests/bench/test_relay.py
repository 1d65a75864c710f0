"""`carestart bench relay` really calls: nobody is hurried, by keys alone nothing is missing, and its sums are right."""

from __future__ import annotations

import msgspec
import pytest
from click.testing import CliRunner

from webhooks.bench.relay import WAYS, RelayReport
from webhooks.commands.bench import bench

MOST_SECONDS_AT_ONCE = 20.0


@pytest.fixture(scope="module")
def report() -> RelayReport:
    result = CliRunner().invoke(bench, ["relay", "--json", "-"])
    assert 0 == result.exit_code, result.output
    return msgspec.json.decode(result.stdout[result.stdout.index("{") :], type=RelayReport)


def test_every_way_to_call_is_measured(report: RelayReport) -> None:
    assert list(WAYS) == [call.way for call in report.calls]
    assert all(call.questions >= 30 for call in report.calls), "the longest flow asks more"


def test_nobody_is_hurried_or_misunderstood(report: RelayReport) -> None:
    assert [(0, 0)] * len(WAYS) == [(call.time_outs, call.not_understood) for call in report.calls]


def test_a_slower_typist_takes_longer_and_hears_the_same(report: RelayReport) -> None:
    relayed = [call for call in report.calls if call.way.typed_wpm]
    assert sorted(call.minutes for call in relayed) == [call.minutes for call in relayed]
    assert 1 == len({call.spoken_seconds for call in relayed})


def test_nobody_listens_for_long_without_a_word(report: RelayReport) -> None:
    spoken = [call.longest_turn_seconds for call in report.calls if not call.way.typed_wpm]
    assert max(spoken) <= MOST_SECONDS_AT_ONCE
