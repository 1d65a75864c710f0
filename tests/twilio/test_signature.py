"""Only what our Twilio account signed comes in: every trap on the way there, with really signed requests."""

import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

from tests.twilio.signed import FORM, SID, post, sign, sms_form
from tests.webhooks.fake_bot import ACCOUNT, BASE, TOKEN, FakeBot, FakeSecret, FakeSettings
from webhooks.app import create_app
from webhooks.signature import _Fields, is_signed, request_target

SIGNED_ROUTES = [
    "/webhooks/sms",
    "/webhooks/sms/status",
    *(f"/webhooks/voice{step}" for step in ("", "/turn", "/dial", "/whisper", "/accept", "/status")),
]
VALIDATOR = RequestValidator(TOKEN)


def test_twilios_published_example_is_what_we_sign_with():
    example = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign(url, example, token="12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_signed_text_is_taken(client, turn):
    assert post(client).status_code == 200
    assert [message.id for message in turn.taken] == [SID]


@pytest.mark.parametrize("route", SIGNED_ROUTES)
@pytest.mark.parametrize("signature", ["", "AAAA", "Ünïcode", "=" * 5000], ids=["empty", "wrong", "not ascii", "long"])
def test_a_wrong_signature_is_refused_without_detail(client, turn, route, signature):
    response = post(client, route, signature=signature.encode("utf-8").decode("latin-1"))
    assert (response.status_code, response.data) == (403, b"Forbidden\n")
    assert turn.taken == []


@pytest.mark.parametrize("route", SIGNED_ROUTES)
def test_a_request_without_the_header_is_refused(client, turn, route):
    assert client.post(route, data=sms_form()).status_code == 403
    assert turn.taken == []


def test_every_webhook_route_refuses_what_is_not_signed(client):
    rules = [rule for rule in client.application.url_map.iter_rules() if rule.rule.startswith("/webhooks/")]
    assert set(SIGNED_ROUTES) == {rule.rule for rule in rules}
    for rule in rules:
        for method in rule.methods:
            assert client.open(rule.rule, method=method, data=sms_form()).status_code == 403, (rule.rule, method)


def test_a_changed_body_is_refused(client, turn):
    signature = sign(BASE + "/webhooks/sms", sms_form(Body="1"))
    assert post(client, fields=sms_form(Body="2"), signature=signature).status_code == 403
    assert turn.taken == []


def test_an_added_field_is_refused(client, turn):
    signature = sign(BASE + "/webhooks/sms", sms_form())
    assert post(client, fields=sms_form(Extra="x"), signature=signature).status_code == 403


def test_a_field_twilio_will_add_one_day_is_taken(client, turn):
    assert post(client, fields=sms_form(FieldOfTheFuture="x")).status_code == 200


def test_another_token_is_refused(client, turn):
    signature = sign(BASE + "/webhooks/sms", sms_form(), token="another")
    assert post(client, signature=signature).status_code == 403


def test_another_account_with_our_signature_is_refused(client, turn):
    assert post(client, fields=sms_form(AccountSid="AC" + "ff" * 16)).status_code == 403
    assert post(client, fields=sms_form(AccountSid=[ACCOUNT, "AC" + "ff" * 16])).status_code == 403
    assert turn.taken == []


def test_a_request_that_names_no_account_is_malformed(client, turn):
    fields = sms_form()
    del fields["AccountSid"]
    assert post(client, fields=fields).status_code == 400


@pytest.mark.parametrize(
    "settings",
    [
        FakeSettings(twilio_auth_token=None),
        FakeSettings(twilio_auth_token=FakeSecret("")),
        FakeSettings(twilio_account_sid=""),
        FakeSettings(public_base_url=""),
    ],
    ids=["no token", "empty token", "no account", "no address"],
)
def test_without_credentials_everything_is_refused(turn, settings):
    client = create_app(FakeBot(settings)).test_client()
    for token in ("", TOKEN):
        fields = sms_form(AccountSid=settings.twilio_account_sid)
        signature = sign(settings.public_base_url + "/webhooks/sms", fields, token=token)
        assert post(client, fields=fields, signature=signature).status_code == 403
    assert turn.taken == []


# --- the address ------------------------------------------------------------------------------------------------------

TRICKY_TARGETS = [
    "/webhooks/sms?name=caf%C3%A9",
    "/webhooks/sms?name=caf%c3%a9",
    "/webhooks/sms?back=https%3A%2F%2Fexample.org%2F",
    "/webhooks/sms?list=1%2C2,3",
    "/webhooks/sms?plus=a+b%20c",
    "/webhooks/sms?a=1&a=2&empty=&bare",
    "/webhooks/sms?question=what?",
    "/webhooks/sms?",
    "/webhooks/sms?slash=%2F&hash=%23",
]


@pytest.mark.parametrize("target", TRICKY_TARGETS)
def test_the_address_is_checked_as_it_was_sent(client, turn, target):
    assert post(client, target).status_code == 200
    assert post(client, target, signed_url=BASE + "/webhooks/sms?other=1").status_code == 403


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        ("/web%2Fhooks/caf%C3%A9/a%2Cb?x=%2F", "/web%2Fhooks/caf%C3%A9/a%2Cb?x=%2F"),
        ("/webhooks/sms?", "/webhooks/sms?"),
        ("/webhooks/sms?a=1#rc=2&rp=all", "/webhooks/sms?a=1"),
        ("http://other.example/webhooks/sms?a=%2F", "/webhooks/sms?a=%2F"),
        ("//webhooks/sms", "//webhooks/sms"),
    ],
)
@pytest.mark.parametrize("key", ["REQUEST_URI", "RAW_URI"])
def test_the_raw_target_is_taken_from_the_server(key, raw, target):
    assert target == request_target({key: raw, "PATH_INFO": "/elsewhere", "QUERY_STRING": "b=2"})


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        ("/webhooks/sms", "", "/webhooks/sms"),
        ("/webhooks/sms", "x=%C3%A9&y=%2F&z=a+b?", "/webhooks/sms?x=%C3%A9&y=%2F&z=a+b?"),
        ("/café x".encode().decode("latin-1"), "", "/caf%C3%A9%20x"),
    ],
)
def test_where_the_server_keeps_no_raw_target_it_is_put_together_again(path, query, target):
    assert target == request_target({"PATH_INFO": path, "QUERY_STRING": query})


def test_a_mount_point_in_front_of_our_paths_belongs_to_the_public_address():
    mounted = {"SCRIPT_NAME": "/line", "PATH_INFO": "/webhooks/sms", "QUERY_STRING": ""}
    assert request_target(mounted) == "/webhooks/sms"
    assert request_target({**mounted, "RAW_URI": "/line/webhooks/sms?a=1"}) == "/webhooks/sms?a=1"
    assert request_target({**mounted, "RAW_URI": "/lineup/webhooks/sms"}) == "/lineup/webhooks/sms"


def test_a_public_address_with_a_path_and_a_trailing_slash_works(turn):
    client = create_app(FakeBot(FakeSettings(public_base_url="https://example.org/line/"))).test_client()
    assert post(client, signed_url="https://example.org/line/webhooks/sms").status_code == 200
    assert post(client, signed_url="https://example.org/webhooks/sms").status_code == 403


@pytest.mark.parametrize("port", ["", ":443", ":8443"])
def test_the_port_may_be_named_or_left_out(turn, port):
    client = create_app(FakeBot(FakeSettings(public_base_url=f"https://text.example.org{port}"))).test_client()
    assert post(client, signed_url=f"https://text.example.org{port}/webhooks/sms").status_code == 200
    assert post(client, signed_url="https://text.example.org/webhooks/sms").status_code == 200


def test_the_scheme_is_that_of_the_public_address_whatever_the_proxy_speaks(client, turn):
    options = {"base_url": "http://10.0.0.7:8000", "headers": {"X-Forwarded-Proto": "http"}}
    assert post(client, **options).status_code == 200
    assert post(client, signed_url="http://text.example.org/webhooks/sms", **options).status_code == 403


def test_forwarding_headers_do_not_choose_the_address(client, turn):
    headers = {"X-Forwarded-Host": "evil.example", "Host": "evil.example", "X-Original-URL": "/webhooks/voice"}
    assert post(client, signed_url="https://evil.example/webhooks/sms", headers=headers).status_code == 403
    assert post(client, headers=headers).status_code == 200


def test_connection_overrides_in_the_fragment_are_not_signed(client, turn):
    configured = BASE + "/webhooks/sms#rc=2&rp=all"
    signature = sign(configured.partition("#")[0], sms_form())
    assert post(client, "/webhooks/sms#rc=2&rp=all", signature=signature).status_code == 200


# --- the body ---------------------------------------------------------------------------------------------------------


def test_repeated_fields_are_signed_once_each_and_taken(client, turn):
    fields = sms_form(MessageSid=[SID, SID], Tag=["b", "a", "b"])
    assert post(client, fields=fields).status_code == 200
    assert (
        post(client, fields=fields | {"Tag": ["a"]}, signature=sign(BASE + "/webhooks/sms", fields)).status_code == 403
    )


def test_a_field_we_read_given_twice_differently_is_malformed(client, turn):
    for name in ("MessageSid", "From", "To", "Body", "NumMedia", "OptOutType"):
        assert post(client, fields=sms_form(**{name: ["1", "2"]})).status_code == 400, name
    assert turn.taken == []


def test_two_fields_glued_into_a_longer_message_id_are_refused(client, turn):
    fields = sms_form()
    signature = sign(BASE + "/webhooks/sms", fields)
    media = fields.pop("MessagingServiceSid")
    glued = {**fields, "MessageSid": f"{SID}MessagingServiceSid{media}"}
    assert signature == sign(BASE + "/webhooks/sms", glued), "Twilio's scheme cannot tell the two apart"
    assert post(client, fields=glued, signature=signature).status_code == 400


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "", "multipart/form-data; boundary=x", "application/octet-stream"],
)
def test_a_body_that_is_no_form_never_passes_on_the_address_alone(client, turn, content_type):
    signature = sign(BASE + "/webhooks/sms", {})
    response = client.post(
        "/webhooks/sms",
        data=urlencode(sms_form()),
        content_type=content_type,
        headers={"X-Twilio-Signature": signature},
    )
    assert response.status_code == 403
    assert turn.taken == []


def test_a_multipart_form_signed_like_a_form_is_refused(client, turn):
    signature = sign(BASE + "/webhooks/sms", sms_form())
    headers = {"X-Twilio-Signature": signature}
    response = client.post("/webhooks/sms", data=sms_form(), content_type="multipart/form-data", headers=headers)
    assert response.status_code == 403


def _json_request(body: bytes, digest: str | None, content_type: str = "application/json") -> tuple[Request, str]:
    target = "/webhooks/any" + (f"?bodySHA256={digest}" if digest is not None else "")
    environ = EnvironBuilder(path=target, method="POST", data=body, content_type=content_type).get_environ()
    environ["HTTP_X_TWILIO_SIGNATURE"] = sign(BASE + target, {})
    return Request(environ), target


def test_a_json_body_is_signed_by_its_hash():
    body = json.dumps({"name": "Zoë 😀"}, ensure_ascii=False).encode()
    incoming, _ = _json_request(body, hashlib.sha256(body).hexdigest())
    assert is_signed(incoming, VALIDATOR, BASE)
    assert not is_signed(_json_request(body + b" ", hashlib.sha256(body).hexdigest())[0], VALIDATOR, BASE)


@pytest.mark.parametrize("digest", [None, "", "0"], ids=["none", "empty", "wrong"])
def test_a_json_body_without_its_hash_is_refused(digest):
    assert not is_signed(_json_request(b"{}", digest)[0], VALIDATOR, BASE)


def test_a_body_that_is_not_utf8_is_refused_not_an_error():
    body = b"\xff\xfe"
    assert not is_signed(_json_request(body, hashlib.sha256(body).hexdigest())[0], VALIDATOR, BASE)


def test_a_hash_in_the_address_does_not_excuse_a_form_from_its_signature(client, turn):
    body = urlencode(sms_form()).encode()
    target = f"/webhooks/sms?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"X-Twilio-Signature": sign(BASE + target, {})}
    assert client.post(target, data=body, content_type=FORM, headers=headers).status_code == 403
    assert post(client, target).status_code == 200


def test_the_request_does_not_choose_the_algorithm(client, turn):
    headers = {"X-Twilio-Webhooks-Signature-Settings": "key=1,algorithm=HMAC_SHA256"}
    sha256 = sign(BASE + "/webhooks/sms", sms_form(), algorithm="HMAC_SHA256")
    assert post(client, signature=sha256, headers=headers).status_code == 403
    assert post(client, headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_not_allowed(client, method):
    response = client.open("/webhooks/sms", method=method)
    assert (response.status_code, ", ".join(sorted(response.allow))) == (405, "OPTIONS, POST")


def test_a_body_over_64_kilobytes_is_refused(client, turn):
    assert post(client, fields=sms_form(Body="x" * 70_000)).status_code == 413
    assert turn.taken == []


FIELD_NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
FIELD_VALUES = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@given(st.lists(st.tuples(FIELD_NAMES, FIELD_VALUES), max_size=12), st.sampled_from(TRICKY_TARGETS))
def test_our_view_of_a_form_is_signed_exactly_as_werkzeugs(pairs, target):
    form = MultiDict(pairs)
    url = BASE + target
    assert VALIDATOR.compute_signature(url, form) == VALIDATOR.compute_signature(url, _Fields(form.lists()))


# --- the servers ------------------------------------------------------------------------------------------------------


def _post_over_a_socket(port: int, target: str, signed_target: str | None = None) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        headers = {
            "Content-Type": FORM,
            "X-Twilio-Signature": sign(BASE + (signed_target or target), sms_form()),
        }
        connection.request("POST", target, urlencode(sms_form()), headers)
        return connection.getresponse().status


@pytest.mark.parametrize("target", TRICKY_TARGETS)
def test_over_werkzeugs_own_server(turn, target):
    server = make_server("127.0.0.1", 0, create_app(FakeBot()))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        assert _post_over_a_socket(server.port, target) == 200
        assert _post_over_a_socket(server.port, target, "/webhooks/voice") == 403
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def granian():
    """The port of a real granian, the server of `carestart run`."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--blocking-threads", "1"]
    process = subprocess.Popen([*command, "--no-log", "tests.twilio.served:app"], cwd=Path(__file__).parents[2])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("target", TRICKY_TARGETS)
def test_over_granian(granian, target):
    assert _post_over_a_socket(granian, target) == 200
    assert _post_over_a_socket(granian, target, "/webhooks/voice") == 403


def test_granian_says_when_the_answer_has_been_handed_over(granian):
    assert _post_over_a_socket(granian, "/webhooks/sms") == 200
    with closing(HTTPConnection("127.0.0.1", granian, timeout=10)) as connection:
        connection.request("GET", "/handed-over")
        assert SID in json.loads(connection.getresponse().read())


def test_granian_refuses_a_long_body_that_does_not_say_how_long_it_is(granian):
    fields = sms_form(Body="x" * 100_000)
    body = urlencode(fields).encode()
    headers = {"Content-Type": FORM, "X-Twilio-Signature": sign(BASE + "/webhooks/sms", fields)}
    with closing(HTTPConnection("127.0.0.1", granian, timeout=10)) as connection:
        pieces = (body[start : start + 1000] for start in range(0, len(body), 1000))
        with suppress(BrokenPipeError, ConnectionResetError):  # it need not listen to the end to refuse
            connection.request("POST", "/webhooks/sms", pieces, headers, encode_chunked=True)
            assert connection.getresponse().status in (403, 413)  # cut at the limit, the signature no longer fits


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
