"""Content that follows its files: an edit is picked up, a broken edit is refused and the last good content kept."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from bot.content.documents import content_files
from bot.content.load import load_content
from bot.content.problem import ContentRefused, Problem
from bot.flow import Content

log = logging.getLogger(__name__)

_SHOWN = 5  # problems of a refused edit that are logged; `carestart check` has them all

Stamp = tuple[tuple[str, int, int], ...]  # path, mtime in ns, size


class ContentFolder:
    """The content of a folder, kept current. Threads may share it; one of them reloads while the others go on.

    `clock` gives seconds (monotonic); files are looked at when `current` is read, at most once per `every` seconds.
    `plans` are the ids of those served; empty means all. Creating it loads the content and raises ContentRefused when
    that cannot be run.
    """

    def __init__(
        self,
        folder: Path,
        every: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        plans: Collection[str] = (),
    ) -> None:
        self._folder, self._every, self._clock, self._plans = folder, every, clock, plans
        self._reloading = threading.Lock()
        self._stamp = _stamp(folder)
        self._content = self._load()
        self._problems: tuple[Problem, ...] = ()
        self._looked = clock()

    @property
    def current(self) -> Content:
        """The content as of the last good edit."""
        if self._clock() - self._looked >= self._every and self._reloading.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._reloading.release()
        return self._content

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why the latest edit was refused; empty while the files are good."""
        return self._problems

    def _look(self) -> None:
        self._looked = self._clock()
        stamp = _stamp(self._folder)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._content = self._load()
            self._problems = ()
            log.info("content was edited and taken")
        except ContentRefused as refused:
            self._problems = refused.problems
            places = [f"{problem.file}:{problem.line} {problem.rule}" for problem in refused.problems[:_SHOWN]]
            log.error(
                "a content edit was refused, the last good one serves: carestart check", extra={"ids": {"at": places}}
            )
        except FileNotFoundError:  # an editor replaced a file between listing and reading: look again next time
            self._stamp = ()

    def _load(self) -> Content:
        """What the folder has; of its plans those that are served."""
        content = load_content(self._folder)
        if not self._plans:
            return content
        return replace(content, plans={name: plan for name, plan in content.plans.items() if name in self._plans})


def _stamp(folder: Path) -> Stamp:
    stats = ((path, path.stat()) for path in content_files(folder) if path.exists())
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)
