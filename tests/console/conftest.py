from collections.abc import Callable

import pytest
from flask import Flask

from bot.bootstrap import Bot
from bot.staff import ROLES
from tests.console.browser import Browser, add_staff
from tests.console.desk import Desk
from tests.phone import Phone
from webhooks.app import create_app

SignedIn = Callable[[str], Browser]


@pytest.fixture
def app(bot: Bot) -> Flask:
    """With an account of each role, whose sign-in name is the role's."""
    for role in ROLES:
        add_staff(bot, role, role)
    return create_app(bot)


@pytest.fixture
def signed_in(app: Flask) -> SignedIn:
    def browser(role: str) -> Browser:
        one = Browser(app)
        assert one.sign_in(role).status_code == 303
        return one

    return browser


@pytest.fixture
def ana(phone: Phone, signed_in: SignedIn) -> Desk:
    """An agent, with the phone's conversation before her."""
    return Desk(signed_in("agent"), phone)


@pytest.fixture
def mia(phone: Phone, signed_in: SignedIn) -> Desk:
    """A lead at the same."""
    return Desk(signed_in("lead"), phone)
