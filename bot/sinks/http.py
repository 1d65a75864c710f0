"""One POST to a receiver of records, bounded in time and size, and what its answer means for the record.

Nothing of what was sent or answered is ever logged or kept: both hold PHI."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from requests.utils import get_auth_from_url
from urllib3.exceptions import HTTPError, ReadTimeoutError

from bot.records.dispatches import Problem

CONNECT_S = 5.0
ANSWER_S = 15.0  # from the first byte sent to the last one answered: much less than bot.delivery.SENDING_S
MOST_BYTES = 1_000_000  # of an answer
LONGEST_WAIT_S = 86_400.0  # that a receiver may ask for

# The record is at fault, however often it is sent. What says that the address or the way of sending is (404, 405, 415,
# 501) would be so of every record: they are tried again until somebody has mended that.
_REFUSED = frozenset({400, 412, 413, 422})
_NOT_LET_IN = frozenset({401, 403, 407})


@dataclass(frozen=True, slots=True)
class Arrived:
    """The receiver has the record."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It does not, or did not say so."""

    problem: Problem
    status: int | None = None
    again_in: float = 0.0  # seconds that the receiver asks to be left alone


class Authorization(Protocol):
    """The Authorization header of a request, whatever it takes to get it."""

    def header(self) -> str | Failed: ...

    def refused(self) -> None:
        """The receiver did not take it."""


class _As(AuthBase):
    """Sets the header as it is: given among the others, a .netrc of this computer would displace it."""

    def __init__(self, header: str) -> None:
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._header:
            request.headers["Authorization"] = self._header
        return request


def _auth(url: str, authorization: str) -> AuthBase:
    """The header, else a name and password that stand in the address, else nothing."""
    named = get_auth_from_url(url)
    return HTTPBasicAuth(*named) if any(named) and not authorization else _As(authorization)


def post(url: str, body: bytes, headers: Mapping[str, str], authorization: str = "") -> bytes | Failed:
    """What it answered with a status of 2xx, or why there is no such answer."""
    return _exchange("POST", url, body, headers, authorization)


def get(url: str, headers: Mapping[str, str], authorization: str = "") -> bytes | Failed:
    """The same, asking only."""
    return _exchange("GET", url, None, headers, authorization)


def _exchange(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], authorization: str
) -> bytes | Failed:
    began = time.monotonic()
    try:
        with requests.request(
            method,
            url,
            data=body,
            headers=dict(headers),
            auth=_auth(url, authorization),
            timeout=(CONNECT_S, ANSWER_S),
            allow_redirects=False,
            stream=True,
        ) as answer:
            if not 200 <= answer.status_code < 300:
                return _failed(answer)
            return _read(answer, began + ANSWER_S)
    except (requests.Timeout, ReadTimeoutError, TimeoutError):
        return Failed("timeout")
    except HTTPError:  # in the midst of the answer
        return Failed("nonsense")
    except (requests.RequestException, OSError):
        return Failed("unreachable")


def _read(answer: requests.Response, until: float) -> bytes | Failed:
    """The whole answer. A receiver that trickles it, or never ends, holds nobody up."""
    read = b""
    while piece := answer.raw.read1(16_384, decode_content=True):  # what is there: iter_content waits for all of it
        read += piece
        if len(read) > MOST_BYTES:
            return Failed("nonsense", answer.status_code)
        if time.monotonic() > until:
            return Failed("timeout", answer.status_code)
    return read


def _failed(answer: requests.Response) -> Failed:
    status = answer.status_code
    if status in _REFUSED:
        return Failed("refused", status)
    if status in _NOT_LET_IN:
        return Failed("not_let_in", status)
    if status == 429 or status >= 500:
        return Failed("unwell", status, _asked_for(answer.headers.get("Retry-After", "")))
    return Failed("nonsense", status)  # a redirect, a page that is not there: more likely the address than the record


def _asked_for(retry_after: str) -> float:
    """Seconds, from Retry-After as RFC 9110 has it: a number of them, or a date."""
    if retry_after.strip().isdecimal():
        return min(float(retry_after), LONGEST_WAIT_S)
    try:
        wait = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return min(max(wait, 0.0), LONGEST_WAIT_S)
