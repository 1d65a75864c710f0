"""kill -9 at every seam of the turn while members text: every message taken once and answered, records complete and
single. In real processes: the web server as the product serves it, the worker, the embedded Redis, SQLite."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import Bot
from bot.embedded_redis import EmbeddedRedis
from bot.handovers import FLUSH_S
from bot.records import tables as t
from bot.session_store import BUCKETS
from tests.faults import people, seams, story
from tests.faults.service import LEASE_S, quick, serving
from tests.faults.twilio import Twilio, all_at_once
from tests.phone import bot_on, count, new_sid, rows

UNANSWERED_AFTER_S = 12.0  # longer than a webhook waits for its turn, as 20 s is to 8 s in the product
UNNOTED_S = 2.0  # in a storm it takes a while to write, and for a member's thread to hear


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("redelivers", [True, False], ids=["every webhook re-delivered", "none re-delivered"])
def test_200_conversations_survive_kills_at_every_seam(redelivers: bool, tmp_path: Path) -> None:
    names = tuple(seams.SEAMS) if redelivers else seams.FROM_THE_CLAIM_ON
    storm = Storm(
        tmp_path,
        members=200,
        seams=names,
        one_in=60,
        budget=5,
        web_workers=4,
        min_age=4.0,
        typing_s=4.0,
        unanswered_s=15.0,
    )
    deaths = storm.rage(redelivers=lambda _number: redelivers, kill_worker_every=8.0)
    assert all(len(deaths.get(name, ())) > 1 for name in names), deaths


@pytest.mark.slow
def test_20_conversations_survive_kills_before_and_after_recording(tmp_path: Path) -> None:
    names = ("before_sql_commit", "after_record")
    storm = Storm(tmp_path, members=20, seams=names, one_in=15, budget=2, web_workers=2, min_age=1.0)
    deaths = storm.rage(redelivers=lambda number: number % 2 == 0)
    assert set(names) == set(deaths)


class Storm:
    """Members who all tell the same story at once, and processes that die under them."""

    def __init__(
        self, folder: Path, *, members: int, seams: Sequence[str], one_in: int, budget: int, web_workers: int,
        min_age: float, typing_s: float = 0.0, unanswered_s: float = UNANSWERED_AFTER_S,
    ) -> None:  # fmt: skip
        self.folder, self.members, self.typing_s = folder, members, typing_s
        self.asked_again = 0
        self.kills = folder / "kills"
        self.kills.mkdir()
        self.faults = {
            "FAULT_SEAMS": ",".join(seams),
            "FAULT_ONE_IN": str(one_in),
            "FAULT_BUDGET": str(budget),
            "FAULT_MIN_AGE": str(min_age),
            "FAULT_LOG": str(self.kills),
            "FAULT_UNANSWERED_AFTER": str(unanswered_s),
            "WEB_WORKERS": str(web_workers),
        }

    def rage(self, *, redelivers: Callable[[int], bool], kill_worker_every: float = 0.0) -> dict[str, list[float]]:
        """Let every member tell the story; assert that nothing went missing and nothing came twice. The deaths."""
        data = people.folder_with_members(self.folder / "data", self.members + 1)
        with EmbeddedRedis(data) as url, bot_on(data, url, time.time) as bot:
            undisturbed = story.tell(bot, self.members)
            settings = {**quick(url, data), **self.faults}
            with serving(settings, self.folder, kill_worker_every=kill_worker_every) as service:
                twilio = Twilio(service.port, bot)
                began = time.monotonic()
                heard = self._all_tell(twilio, redelivers)
                told = time.monotonic() - began
                _settle(bot)
                twilio.look_at_outbox()
            deaths = seams.deaths(self.kills)
            self._report(twilio, service.started, deaths, told)
            self._nothing_lost_nothing_doubled(bot, undisturbed, heard)
            assert len(twilio.seconds) == count(bot, t.inbound) - len(undisturbed[0])
            _twice_only_where_a_process_died_with_it(twilio, deaths)
            assert not {status for status in twilio.failures if status.isdigit()} - {"503"}
            return deaths

    def _all_tell(self, twilio: Twilio, redelivers: Callable[[int], bool]) -> dict[int, tuple[str, ...]]:
        heard: dict[int, tuple[str, ...]] = {}
        wordings = twilio.bot.content.current.responses["utter_answer_taken_late"]
        too_early = next(wording.text["en"] for wording in wordings if wording.channel != "twilio_voice")

        def member(number: int) -> None:
            sender = people.phone(number)
            twice = redelivers(number)
            said = []
            for text in story.words(number):
                time.sleep(random.uniform(0, self.typing_s))
                reply = twilio.text(sender, new_sid(), text, twice=twice)
                # The reply before reached the member, but its note died with a process: asked again.
                while reply.startswith(too_early) or (text == "skip" and reply == said[-1]):
                    self.asked_again += 1
                    reply = twilio.text(sender, new_sid(), text, twice=twice)
                said.append(reply)
            heard[number] = tuple(said)

        watching = threading.Thread(target=twilio.watch_outbox)
        watching.start()
        try:
            all_at_once([lambda number=number: member(number) for number in range(self.members)])  # type: ignore[misc]
        finally:
            twilio.stop()
            watching.join()
        return heard

    def _nothing_lost_nothing_doubled(
        self, bot: Bot, undisturbed: tuple[tuple[str | None, ...], story.Kept], heard: dict[int, tuple[str, ...]]
    ) -> None:
        replies, kept = undisturbed
        for number in range(self.members):
            assert replies == heard[number], f"member {number} heard something else"
            found = story.kept(bot, number)
            assert {"done": found.version} == found.inbound, "one version a message, and every message done"
            once = replace(found, version=kept.version, inbound=kept.inbound)
            assert kept == once, f"member {number} has other records"
        assert set() == {row.state for row in rows(bot, t.outbox)} - {"sent"}
        assert 0 == count(bot, t.inbound, t.inbound.c.answered_at.is_(None))
        assert [] == _in_inboxes(bot)

    def _report(self, twilio: Twilio, started: dict[str, int], deaths: dict[str, list[float]], told: float) -> None:
        waits = sorted(twilio.seconds)
        p50, p95 = waits[len(waits) // 2], waits[len(waits) * 95 // 100]
        twice = len(set(twilio.by_webhook) & set(twilio.by_outbox))
        lines = (
            f"{len(waits)} messages in {told:.1f} s; deaths { {name: len(at) for name, at in deaths.items()} }",
            f"started {started}; failed deliveries {dict(twilio.failures)}",
            f"replies by the outbox {len(twilio.by_outbox)}, by both {twice}, asked again {self.asked_again}",
            f"reply after p50 {p50:.3f} s, p95 {p95:.3f} s, max {waits[-1]:.3f} s",
        )
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


def _twice_only_where_a_process_died_with_it(twilio: Twilio, deaths: dict[str, list[float]]) -> None:
    """Both ways only for replies that went out just before some process died, still to be noted in SQL."""
    died = [at for times in deaths.values() for at in times]
    for sid in set(twilio.by_webhook) & set(twilio.by_outbox):
        unnoted = [at - heard for heard in twilio.by_webhook[sid] for at in died]
        assert any(-UNNOTED_S <= wait <= FLUSH_S + UNNOTED_S for wait in unnoted), f"{sid} was answered twice"


def _settle(bot: Bot) -> None:
    """Until the worker has nothing left to do."""
    deadline = time.monotonic() + 60 + LEASE_S + UNANSWERED_AFTER_S
    while time.monotonic() < deadline:
        unsent = t.outbox.c.state.in_(["due", "sending"])  # sending: in the hands of a worker, or of one that died
        left = count(bot, t.inbound, t.inbound.c.answered_at.is_(None)) + count(bot, t.outbox, unsent)
        if not left and not _in_inboxes(bot):
            return
        time.sleep(0.2)


def _in_inboxes(bot: Bot) -> list[str]:
    """Conversations with something left in their inbox, or in the sweep's index."""
    redis = bot.sessions._redis
    left = [key.decode() for key in redis.scan_iter("cs:*:order:*")]
    left += [key.decode() for key in redis.scan_iter("cs:*:bodies:*")]
    left += [f"waiting {bucket:02x}" for bucket in range(BUCKETS) if redis.zcard(f"cs:{{{bucket:02x}}}:waiting")]
    return left
