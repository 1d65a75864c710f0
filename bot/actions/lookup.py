"""The shape all our actions share: a function from slots to slots."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

Slots = dict[str, Any]


class Lookup(Action, ABC):
    """An action called `called`; `find` says what it found. Abstract: rasa-sdk's server registers every Action that
    can be made."""

    called: ClassVar[str] = ""

    def name(self) -> str:
        return self.called

    @abstractmethod
    def find(self, slots: Slots) -> Slots: ...

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return [SlotSet(slot, value) for slot, value in self.find(tracker.slots).items()]
