"""Creates records on a FHIR R4 server: each in a transaction of its own, so that all of it is there or nothing
(hl7.org/fhir/R4/http.html#transaction), and conditionally, so that a repeat creates nothing (#ccreate)."""

from __future__ import annotations

import json
import re
from typing import Any, Literal
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from bot.config import Settings
from bot.records.dispatches import Dispatch, Problem, Sink
from bot.sinks.http import Arrived, Authorization, Failed, get, post
from bot.sinks.tokens import authorization

Json = dict[str, Any]

_HEADERS = {"Content-Type": "application/fhir+json; charset=utf-8", "Accept": "application/fhir+json"}
_SPECIAL = re.compile(r"[\\,|$]")  # to a server that searches


class FhirServer:
    """The receiver knows a repeat by the record's `identifier`."""

    name: Sink = "fhir"

    def __init__(self, settings: Settings) -> None:
        self._url = settings.delivery_fhir_url.reveal()
        self._authorization: Authorization = authorization(settings)

    def send(self, dispatch: Dispatch, record: Json, patient: Json | None) -> Arrived | Failed:
        """`patient` is the member whom the record is about, to be created where the server does not know them."""
        header = self._authorization.header()
        if isinstance(header, Failed):
            return header
        bundle = transaction(dispatch, record, patient)
        answer = post(self._url, json.dumps(bundle, ensure_ascii=False).encode(), _HEADERS, header)
        if isinstance(answer, Failed):
            if answer.problem == "not_let_in":
                self._authorization.refused()
            return answer
        return Arrived() if _all_done(answer, len(bundle["entry"])) else Failed("nonsense", 200)

    def look(self) -> Problem | Literal["no_r4"] | None:
        """What keeps this server from being delivered to, as far as its CapabilityStatement tells."""
        header = self._authorization.header()
        answer = header if isinstance(header, Failed) else get(f"{self._url}/metadata", _HEADERS, header)
        if isinstance(answer, Failed):
            return answer.problem
        try:
            statement = json.loads(answer)
            version = str(statement["fhirVersion"])
        except (ValueError, TypeError, KeyError):
            return "nonsense"
        return None if version.startswith("4.0") else "no_r4"


def transaction(dispatch: Dispatch, record: Json, patient: Json | None) -> Json:
    """The Bundle that brings this record, and whom it is about, to a server."""
    entries = []
    record = {key: value for key, value in record.items() if key != "meta"}  # the server's to say
    if patient is not None:
        name = f"urn:uuid:{uuid5(NAMESPACE_URL, _token(patient))}"
        record = _pointing(record, patient["identifier"][0], name)
        entries.append(_entry(name, patient, _create(patient)))
    request = _update(record) if _has_changed(dispatch, record) else _create(record)
    entries.append(_entry(f"urn:uuid:{uuid5(NAMESPACE_URL, _token(record))}", record, request))
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _entry(full_url: str, resource: Json, request: Json) -> Json:
    return {"fullUrl": full_url, "resource": resource, "request": request}


def _create(resource: Json) -> Json:
    return {"method": "POST", "url": resource["resourceType"], "ifNoneExist": f"identifier={_token(resource)}"}


def _update(resource: Json) -> Json:
    return {"method": "PUT", "url": f"{resource['resourceType']}?identifier={_token(resource)}"}


def _has_changed(dispatch: Dispatch, record: Json) -> bool:
    """A referral that somebody took or closed is another than the one that may be there. All other records never
    change: what is there may be the receiver's to go on with, and is left alone."""
    return dispatch.kind == "referrals" and record["status"] != "requested"


def _token(resource: Json) -> str:
    """Its identifier as a search parameter: system|value. A comma in it would be an "or" (hl7.org/fhir/R4/search.html
    #escaping): the record would be put to somebody else."""
    identifier = resource["identifier"]
    one = identifier[0] if isinstance(identifier, list) else identifier
    system, value = (_SPECIAL.sub(r"\\\g<0>", one[part]) for part in ("system", "value"))
    return f"{quote(system, safe=':/')}|{quote(value, safe='')}"


def _pointing(value: Any, identifier: Json, name: str) -> Any:
    """The same, where every reference to this patient by identifier also points to their entry: the server puts its
    own id there."""
    if isinstance(value, list):
        return [_pointing(one, identifier, name) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "Patient" and value.get("identifier") == identifier:
        return {**value, "reference": name}
    return {key: _pointing(one, identifier, name) for key, one in value.items()}


def _all_done(answer: bytes, entries: int) -> bool:
    """A server says of every entry that it is there now. Whatever else answers 200 is not one."""
    try:
        bundle = json.loads(answer)
        statuses = [str(entry["response"]["status"]) for entry in bundle["entry"]]
    except (ValueError, TypeError, KeyError):
        return False
    return (
        bundle.get("type") == "transaction-response"
        and len(statuses) == entries
        and all(status.startswith(("2", "304")) for status in statuses)  # 304: as some say that nothing had to change
    )
