"""Voice documents are read strictly: what Twilio would refuse, and what we never write, is an error."""

import pytest
from twilio.twiml.voice_response import VoiceResponse

from tests.calls.answering import gather, response, say
from tests.twilio.twiml_schema import assert_valid, faults
from webhooks.calls.twiml import BadTwiml, Dial, Gather, Hangup, Number, Pause, Play, Redirect, Reject, Say, parse


def test_a_document_is_its_verbs_in_order():
    document = response(
        say("Hola  \n señora.", "es-US"),
        '<Pause length="2"/><Pause/><Play>https://x.example/a.mp3</Play><Play digits="1w#"/>',
        '<Redirect method="POST">https://x.example/turn?n=2&amp;k=a.b</Redirect><Hangup/>',
    )
    assert parse(document) == (
        Say("Hola señora.", "es-US"),
        Pause(2),
        Pause(1),
        Play("https://x.example/a.mp3"),
        Play(digits="1w#"),
        Redirect("https://x.example/turn?n=2&k=a.b"),
        Hangup(),
    )
    assert parse(response('<Reject reason="busy"/>')) == (Reject("busy"),)
    assert parse("<Response/>") == ()


def test_a_gather_has_its_attributes():
    written = gather(say("Press 1."), hints="mail, text me", numDigits="1", finishOnKey="", speechTimeout="auto")
    assert parse(response(written)) == (
        Gather(
            prompts=(Say("Press 1."),),
            input=frozenset({"dtmf", "speech"}),
            action="/turn",
            timeout=5,
            speech_timeout=None,
            language="en-US",
            hints=("mail", "text me"),
            num_digits=1,
            finish_on_key="",
            action_on_empty_result=True,
            profanity_filter=False,
        ),
    )


def test_a_bare_gather_has_twilios_defaults():
    (bare,) = parse("<Response><Gather/></Response>")
    assert (bare.input, bare.timeout, bare.finish_on_key) == ({"dtmf"}, 5, "#")
    assert (bare.action_on_empty_result, bare.profanity_filter, bare.num_digits) == (False, True, None)


def test_speech_may_pause_as_long_as_the_timeout_unless_told_otherwise():
    (listening,) = parse(response(gather(timeout="60", speechTimeout="")))
    assert listening.speech_timeout == 60


def test_a_dial_has_its_numbers():
    plain = '<Dial action="/dial" timeout="20" answerOnBridge="true" callerId="+13175550199">+13175550111</Dial>'
    assert parse(response(plain)) == (Dial((Number("+13175550111"),), "/dial", 20, True, "+13175550199"),)
    nested = '<Dial><Number url="/whisper?k=1">+13175550111</Number><Number>+13175550112</Number></Dial>'
    (dial,) = parse(response(nested))
    assert dial.numbers == (Number("+13175550111", "/whisper?k=1"), Number("+13175550112"))
    assert (dial.timeout, dial.action, dial.answer_on_bridge) == (30, "", False)


def test_what_twilios_own_library_writes_is_read():
    written = VoiceResponse()
    listening = written.gather(input="dtmf speech", action="/t", action_on_empty_result=True, speech_timeout=3)
    listening.say("¿Sí & no?", language="es-US", voice="Polly.Lupe-Neural")
    written.redirect("/t?n=1&m=2", method="POST")
    gathered, redirected = parse(str(written))
    assert gathered.prompts == (Say("¿Sí & no?", "es-US", "Polly.Lupe-Neural"),)
    assert redirected == Redirect("/t?n=1&m=2")


REFUSED = {
    "not XML": "Hello",
    "unclosed": "<Response><Say>Hello</Response>",
    "another document": "<Reply/>",
    "a text's verb": response("<Message>Hi</Message>"),
    "an attribute of the document": '<Response version="1"/>',
    "small letters": response("<say>Hello</say>"),
    "text between verbs": response("Hello", say("there")),
    "text after a verb": response(say("Hello"), "there"),
    "unknown attribute": response('<Say speed="2">Hello</Say>'),
    "unknown gather attribute": response(gather(bargeIn="false")),
    "a verb that cannot nest": response(gather("<Redirect>/x</Redirect>")),
    "a gather in a gather": response(gather(gather())),
    "nothing said": response("<Say> </Say>"),
    "a verb in what is said": response("<Say>Hello <Hangup/></Say>"),
    "too long to say": response(f"<Say>{'a' * 3001}</Say>"),
    "too long a document": response(say("a" * 2900) * 23),
    "half a language": response('<Say language="en">Hello</Say>'),
    "unknown input": response(gather(input="voice")),
    "timeout in words": response(gather(timeout="soon")),
    "no speech at all": response(gather(speechTimeout="0")),
    "no digits at all": response(gather(numDigits="0")),
    "two finishing keys": response(gather(finishOnKey="#*")),
    "neither true nor false": response(gather(actionOnEmptyResult="yes")),
    "an empty hint": response(gather(hints="mail,,text")),
    "a long hint": response(gather(hints="a" * 101)),
    "many hints": response(gather(hints=",".join(["a"] * 501))),
    "fetched by GET": response('<Redirect method="GET">/turn</Redirect>'),
    "redirected nowhere": response("<Redirect/>"),
    "dialling nobody": response("<Dial/>"),
    "a client to dial": response("<Dial><Client>anna</Client></Dial>"),
    "eleven numbers": response(f"<Dial>{'<Number>+13175550111</Number>' * 11}</Dial>"),
    "a number and more": response("<Dial>+13175550110<Number>+13175550111</Number></Dial>"),
    "a reason to hang up": response("<Hangup>Bye</Hangup>"),
    "an odd refusal": response('<Reject reason="tired"/>'),
    "half a second": response('<Pause length="0.5"/>'),
}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED)
def test_what_is_no_document_of_ours_is_refused(document):
    with pytest.raises(BadTwiml):
        parse(document)


# What we refuse and Twilio's grammar allows: values, which it does not know, limits, and verbs that we have no use for.
OURS = {
    *("unknown gather attribute", "nothing said", "too long to say", "too long a document", "half a language"),
    *("unknown input", "timeout in words", "no speech at all", "no digits at all", "two finishing keys"),
    *("neither true nor false", "an empty hint", "a long hint", "many hints", "fetched by GET", "redirected nowhere"),
    *("dialling nobody", "a client to dial", "eleven numbers", "a number and more", "an odd refusal", "half a second"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_twilios_own_grammar_refuses_what_is_not_ours_alone_to_refuse(name):
    assert bool(faults(REFUSED[name])) is (name not in OURS)


FULLEST = {
    "say": '<Say language="en-US" voice="Polly.Joanna-Neural">Hello</Say>',
    "play": '<Play digits="1"/>',
    "pause": '<Pause length="1"/>',
    "gather": gather(hints="mail", numDigits="1", finishOnKey="#"),
    "redirect": '<Redirect method="POST">/turn</Redirect>',
    "dial": '<Dial action="/d" method="POST" timeout="9" answerOnBridge="true" callerId="+13175550199">+1317</Dial>',
    "number": '<Number url="/w" method="POST">+13175550111</Number>',
    "reject": '<Reject reason="busy"/>',
}


@pytest.mark.parametrize("verb", FULLEST)
def test_twilios_own_grammar_knows_every_verb_and_attribute_that_we_do(verb):
    document = response(f"<Dial>{FULLEST[verb]}</Dial>" if verb == "number" else FULLEST[verb])
    assert parse(document)
    assert_valid(document)


@pytest.mark.parametrize(
    ("fault", "document"),
    [
        ("not XML", "Hello"),
        ("<Reply> is no document", "<Reply/>"),
        ("<Say> has no speed", response('<Say speed="2">Hello</Say>')),
        ("<Gather> holds no <Dial>", response(gather("<Dial>+13175550111</Dial>"))),
        ("<Number> has no timeout", response('<Dial><Number timeout="3">+13175550111</Number></Dial>')),
        ("<Hangup> holds no text", response("<Hangup>Bye</Hangup>")),
        ("<Response> holds no text", response(say("Hello"), "there")),
    ],
)
def test_a_fault_is_named(fault, document):
    assert any(found.startswith(fault) for found in faults(document))
    with pytest.raises(AssertionError, match=fault):
        assert_valid(document)


def test_verbs_beyond_ours_are_in_the_grammar_too():
    assert_valid(response('<Say>Call <say-as interpret-as="digits">711</say-as> <emphasis>now</emphasis></Say>'))
    assert_valid(response('<Connect action="/x"><ConversationRelay url="wss://x.example/r"/></Connect>'))
