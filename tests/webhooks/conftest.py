import pytest

import webhooks.sms
from tests.webhooks.fake_bot import FakeTurn


@pytest.fixture
def turn(monkeypatch):
    fake = FakeTurn()
    monkeypatch.setattr(webhooks.sms, "take_turn", fake.take_turn)
    monkeypatch.setattr(webhooks.sms, "handed_over", fake.hand_over)
    return fake
