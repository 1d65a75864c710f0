"""The web application with a fake turn behind it, for a real server to load; it tells what was handed over."""

from unittest import mock

from tests.webhooks.fake_bot import FakeBot, FakeTurn
from webhooks.app import create_app

turn = FakeTurn()
mock.patch.multiple("webhooks.sms", take_turn=turn.take_turn, handed_over=turn.hand_over).start()
app = create_app(FakeBot())


@app.get("/handed-over")
def handed_over() -> list[str]:
    return turn.handed_over
