"""The shape all our actions share: a function from slots to slots."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

Slots = dict[str, Any]


class Lookup(Action):
    """An action called `called`; `find` says what it found."""

    called: ClassVar[str] = ""

    def name(self) -> str:
        return self.called

    def find(self, slots: Slots) -> Slots:
        raise NotImplementedError

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return [SlotSet(slot, value) for slot, value in self.find(tracker.slots).items()]
