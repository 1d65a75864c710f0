"""A FHIR R4 server and a validator that are not ours: Medplum's, from npm (tests/node). The server can be told to fail
at each point where a delivery may fail."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers import node_peer

Resource = dict[str, Any]
Fault = dict[str, Any]
_NODE = Path(__file__).parent / "node"
_PATIENCE_S = 30.0


@dataclass(frozen=True)
class FhirServer:
    """A running FHIR server, empty at first. `base` is what a client is given as its address."""

    base: str

    def faults(self, faults: Sequence[Fault]) -> None:
        """Let the next FHIR requests fail, one fault for each; {} lets one pass. They replace those not yet used up.

        {"status": 500}, {"status": 429, "retryAfter": 1} refuse; {"html": True} gives a page, with status 200;
        {"hang": True} never answers; {"drop": "before"} closes the connection: of these nothing is kept. The work is
        done, and then not answered, by {"hang": "after"}, {"drop": "after"} and {"drop": "midway"} (half an answer).
        """
        self._call("/__faults", list(faults))

    def log(self) -> list[dict[str, Any]]:
        """The FHIR requests that arrived, in order: method, path (below the base), headers (their names), status given
        (None where the answer was kept back or cut), entries: what a Bundle asks ("POST Task?identifier=..."), none
        where the connection was closed before it was read."""
        logged: list[dict[str, Any]] = self._call("/__log")
        return logged

    def search(self, kind: str, identifier: str | None = None) -> list[Resource]:
        """What the server keeps of this kind, [with this identifier: system|value]. No fault or token hinders it."""
        asked = "?" + urllib.parse.urlencode({"identifier": identifier}) if identifier else ""
        bundle = self._call(f"/__look/{kind}{asked}")
        return [entry["resource"] for entry in bundle.get("entry", ())]

    def _call(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.parse.urljoin(self.base, path), data, _PATIENCE_S) as answer:
            return json.load(answer)


@contextmanager
def fhir_server(token: str | None = None) -> Iterator[FhirServer]:
    """A FHIR server on a free port, [for those alone who show this bearer token]."""
    node_peer("@medplum/fhir-router/package.json")
    command = ["node", str(_NODE / "fhir_server.mjs"), *(["--token", token] if token else [])]
    # It ends when its stdin does: also when these tests are killed.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield FhirServer(json.loads(process.stdout.readline())["base"])
        finally:
            process.kill()


def validate(resources: Iterable[Resource], profile: str | None = None) -> list[list[dict[str, str]]]:
    """What is wrong with each resource under R4's definitions [or this profile]: severity, expression, message.

    Raises subprocess.CalledProcessError for a profile that is not installed.
    """
    node_peer("@medplum/fhir-router/package.json")
    command = ["node", str(_NODE / "validate_fhir.mjs"), *(["--profile", profile] if profile else [])]
    lines = "".join(json.dumps(resource) + "\n" for resource in resources)
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line)["issues"] for line in done.stdout.splitlines()]
