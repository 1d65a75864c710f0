import pytest

import webhooks.simulator.pages
import webhooks.sms
from tests.webhooks.fake_bot import FakeTurn


@pytest.fixture
def turn(monkeypatch):
    fake = FakeTurn()
    for edge in (webhooks.sms, webhooks.simulator.pages):
        monkeypatch.setattr(edge, "take_turn", fake.take_turn)
        monkeypatch.setattr(edge, "handed_over", fake.hand_over)
    monkeypatch.setattr(webhooks.simulator.pages, "transcript", fake.transcript)
    return fake
