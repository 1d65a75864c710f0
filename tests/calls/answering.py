"""A line of ours made of hand-written documents, and what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from webhooks.calls.happenings import ManualClock, Moved
from webhooks.calls.line import Line

START = 1_800_000_000.0
SID = "CA" + "0" * 28 + "abcd"


def response(*verbs: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'


def say(words: str | int, language: str = "en-US") -> str:
    """A sentence, or as many words."""
    text = " ".join(["word"] * words) if isinstance(words, int) else words
    return f'<Say language="{language}">{text}</Say>'


def gather(*prompts: str, **attributes: str) -> str:
    """The Gather of our documents, changed as told; an empty value leaves an attribute out."""
    given = {
        "input": "dtmf speech",
        "action": "/turn",
        "method": "POST",
        "actionOnEmptyResult": "true",
        "timeout": "5",
        "speechTimeout": "2",
        "language": "en-US",
        "profanityFilter": "false",
    } | attributes
    written = "".join(f' {name}="{value}"' for name, value in given.items() if value or name == "finishOnKey")
    return f"<Gather{written}>{''.join(prompts)}</Gather>"


@dataclass(slots=True)
class Answering:
    """Answers each path with its documents in turn, the last one for ever; a document "-> URL" is a redirection."""

    documents: dict[str, list[str]]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __call__(self, url: str, form: dict[str, str]) -> str:
        self.asked.append((url, form))
        waiting = self.documents[url]
        document = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if document.startswith("-> "):
            raise Moved(document.removeprefix("-> "))
        return document

    def forms(self, url: str) -> list[dict[str, str]]:
        return [form for asked, form in self.asked if asked == url]

    def results(self, url: str = "/turn") -> list[str | None]:
        """What was gathered for each post: speech, keys in brackets, None for silence."""
        return [_result(form) for form in self.forms(url)]


def _result(form: dict[str, str]) -> str | None:
    return f"[{form['Digits']}]" if "Digits" in form else form.get("SpeechResult")


class CalledLine(Line):
    answering: Answering


def a_call(first: str, *, turn: str | list[str] = "", caller: str | None = "+13175550123", **more: Any) -> CalledLine:
    """A started call whose first document is `first`; `turn` answers what is gathered, `_name` the path /name.

    The rest are the line's own options."""
    turns = turn if isinstance(turn, list) else [turn or response(gather(say("Next.")))]
    pages = {f"/{name[1:]}": [page] for name, page in more.items() if name.startswith("_")}
    options = {name: value for name, value in more.items() if not name.startswith("_")}
    answering = Answering({"/webhooks/voice": [first], "/turn": turns, "/status": [""], **pages})
    clock = ManualClock(START)
    line = CalledLine(answering, caller=caller, called="+13175550199", clock=clock, call_sid=SID, **options)
    line.answering = answering
    line.start()
    return line
