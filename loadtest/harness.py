"""One process's part of a load: what it sends by, what it has measured, how far the run is."""

from __future__ import annotations

import gevent

from loadtest.gate import COMPLETED, INTERRUPTED
from loadtest.identity import code_sha256
from loadtest.pacing import Pacer
from loadtest.recording import Recorder
from loadtest.sharing import WHOLE
from loadtest.target import Load


class Harness:
    """One process of Locust that carries a load, or a part of it."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.share = load.share or WHOLE
        ceiling = load.profile.ceiling.requests_per_second
        self.pacer = Pacer(self.share.ceiling(ceiling), gevent.sleep)
        self.recorder = Recorder()
        self.curve = load.profile.curve(load.target)
        self.code = code_sha256()
        self.completed = False
        self.stopping = False
        self._broken_off = ""

    @property
    def ended(self) -> str:
        """How the run ended. Where neither shape nor reason did it, a person at Locust's page."""
        return self._broken_off or (COMPLETED if self.completed else INTERRUPTED)

    def begin(self, started: float) -> None:
        """A run begins, at `started` (seconds since the epoch)."""
        self.recorder.begin(started)
        self.completed = self.stopping = False
        self._broken_off = ""

    def break_off(self, why: str) -> None:
        """The run is not whole, and why. The first reason counts: others follow from it."""
        self._broken_off = self._broken_off or why
