"""A call runs as Twilio's pages say: who may interrupt whom, how long silence lasts, what is posted where."""

import pytest

from tests.calls.answering import SID, START, Answering, a_call, gather, response, say
from webhooks.calls.exchange import Endless
from webhooks.calls.happenings import ManualClock, Mode, Outcome, Pace
from webhooks.calls.line import Line, NotPossible
from webhooks.calls.twiml import BadTwiml

ASKING = response(gather(say("How should we reach you?")))
FIVE_WORDS = 5 / Pace().words


def log(line):
    return [(round(entry.at, 1), entry.who, entry.text) for entry in line.log]


def texts(line, who="line"):
    return [entry.text for entry in line.log if entry.who == who]


# --- speaking and listening ---


def test_a_call_speaks_at_its_pace_and_then_listens():
    line = a_call(ASKING)
    assert line.mode is Mode.SPEAKING
    assert "How should we reach you?" == line.listen()
    assert (line.mode, line.seconds) == (Mode.LISTENING, pytest.approx(FIVE_WORDS))
    assert [(0, "line", "How should we reach you?", "en-US")] == [
        (entry.at, entry.who, entry.text, entry.language) for entry in line.log
    ]


def test_a_slower_voice_takes_longer():
    line = a_call(ASKING, pace=Pace(words=1.0))
    line.listen()
    assert line.seconds == pytest.approx(5)


def test_listening_twice_hears_nothing_twice():
    line = a_call(ASKING)
    line.listen()
    assert "" == line.listen()


def test_speech_is_taken_once_the_caller_has_been_silent_for_long_enough():
    line = a_call(ASKING)
    line.listen()
    line.say("by mail please")
    assert line.mode is Mode.HEARING
    line.wait(1.9)
    assert line.answering.results() == []
    line.wait(0.2)
    assert line.answering.results() == ["by mail please"]
    assert "Next." == line.listen()


def test_the_results_confidence_is_there_with_speech_only():
    line = a_call(ASKING)
    line.listen()
    line.say("mail")
    line.listen()
    line.press("1#")
    spoken, keyed = line.answering.forms("/turn")
    assert (spoken["SpeechResult"], "Confidence" in spoken, "Digits" in spoken) == ("mail", True, False)
    assert (keyed["Digits"], "Confidence" in keyed, "SpeechResult" in keyed) == ("1", False, False)


def test_a_pause_within_speech_timeout_joins_and_a_longer_one_cuts():
    line = a_call(ASKING)
    line.listen()
    line.say("one two three", pauses={1: 1.5})
    line.listen()
    line.say("one two three", pauses={1: 3.5})
    line.listen()
    assert line.answering.results() == ["one two three", "one", "two three"]


def test_a_slow_operator_is_cut_into_answers_unless_speech_may_pause():
    """At 20 words a minute there are 2.6 seconds of silence between two words."""
    line = a_call(ASKING)
    line.listen()
    line.say("I want mail", wpm=20)
    line.listen()
    assert line.answering.results() == ["I", "want", "mail"]
    patient = a_call(response(gather(say("Go ahead."), speechTimeout="8")))
    patient.listen()
    patient.say("I want mail", wpm=20)
    patient.listen()
    assert patient.answering.results() == ["I want mail"]


def test_auto_ends_speech_after_a_short_pause():
    line = a_call(response(gather(say("Yes?"), speechTimeout="auto")))
    line.listen()
    line.say("well yes", pauses={1: 1.8})
    line.listen()
    assert line.answering.results() == ["well", "yes"]


def test_speech_ends_after_a_minute():
    line = a_call(response(gather(say("Tell us."))), turn=response(say(600), gather(say("Next."))))
    line.listen()
    line.say(" ".join(["word"] * 200), wpm=150)
    assert len(line.answering.results()) == 1
    assert 150 == len(line.answering.results()[0].split())
    assert "not heard: word" in texts(line, "system")[0]


# --- interrupting ---


@pytest.mark.parametrize("answer", ["speech", "keys"])
def test_prompts_inside_a_gather_can_be_interrupted(answer):
    line = a_call(response(gather(say(26), say("never heard"))))
    line.wait(5)
    line.say("mail") if answer == "speech" else line.press("1#")
    line.listen()
    assert ["word " * 13 + "—", "Next."] == texts(line)
    assert line.answering.results() == ["mail" if answer == "speech" else "[1]"]


def test_prompts_before_a_gather_cannot_be_interrupted_and_what_is_said_is_lost():
    line = a_call(response(say(26), gather()))
    line.wait(5)
    line.say("by mail")
    line.press("1")
    line.listen()
    assert line.seconds == pytest.approx(10)
    assert ["word " * 25 + "word"] == texts(line)
    assert ["not heard: by mail", "not heard: 1"] == texts(line, "system")
    assert line.answering.results() == []


def test_who_speaks_across_the_end_of_such_a_prompt_loses_the_first_words():
    line = a_call(response(say(13), gather()))
    line.wait(4.5)
    line.say("I want mail please", wpm=60)
    line.listen()
    assert line.answering.results() == ["want mail please"]


def test_speech_cannot_interrupt_a_gather_for_keys():
    line = a_call(response(gather(say(13), input="dtmf")))
    line.say("mail")
    line.listen()
    assert line.answering.results() == []
    assert ["not heard: mail"] == texts(line, "system")


def test_a_key_cannot_interrupt_a_gather_for_speech():
    line = a_call(response(gather(say(13), input="speech")))
    line.press("1")
    line.listen()
    assert line.answering.results() == []


def test_a_pause_inside_a_gather_can_be_interrupted():
    line = a_call(response(gather('<Pause length="30"/>')))
    line.wait(3)
    line.press("7#")
    assert line.answering.results() == ["[7]"]


# --- keys ---


def test_keys_end_with_the_finishing_key_which_is_not_posted():
    line = a_call(ASKING)
    line.press("123#")
    assert line.answering.results() == ["[123]"]


def test_keys_end_when_there_are_enough():
    line = a_call(response(gather(numDigits="4")))
    line.press("1234")
    assert line.answering.results() == ["[1234]"]


def test_keys_end_after_the_timeout_which_begins_anew_with_every_key():
    line = a_call(ASKING)
    line.press("1")
    line.wait(4)
    line.press("2")
    line.wait(4)
    assert line.answering.results() == []
    line.wait(2)
    assert line.answering.results() == ["[12]"]


def test_a_star_can_be_the_finishing_key():
    line = a_call(response(gather(finishOnKey="*")))
    line.press("12#3*")
    assert line.answering.results() == ["[12#3]"]


def test_without_a_finishing_key_the_pound_key_is_one_of_the_keys():
    line = a_call(response(gather(finishOnKey="", numDigits="3")))
    line.press("1##")
    assert line.answering.results() == ["[1##]"]


def test_where_one_key_is_wanted_two_stars_are_two_results():
    line = a_call(response(gather(numDigits="1")), turn=response(gather(say("Next."), numDigits="1")))
    line.press("**")
    assert line.answering.results() == ["[*]", "[*]"]


def test_the_finishing_key_alone_is_no_input():
    line = a_call(ASKING)
    line.press("#")
    assert line.answering.results() == [None]


def test_what_comes_first_wins():
    line = a_call(ASKING)
    line.listen()
    line.press("1")
    line.say("mail")
    line.listen()
    line.say("mail")
    line.press("2#")
    line.wait(3)
    assert line.answering.results() == ["[1]", "mail"]
    assert ["not heard: mail", "not heard: 2 #"] == texts(line, "system")


@pytest.mark.parametrize("keys", ["a", "1 2", "¹"])
def test_what_is_on_no_keypad_cannot_be_pressed(keys):
    with pytest.raises(ValueError, match="is no key"):
        a_call(ASKING).press(keys)


# --- silence ---


def test_silence_counts_from_the_end_of_the_prompts():
    line = a_call(response(gather(say(26), timeout="5")))
    line.wait(14.9)
    assert line.answering.results() == []
    line.wait(0.2)
    assert line.answering.results() == [None]
    assert 15 == pytest.approx(line.clock.now - START, abs=0.2)


def test_silence_without_action_on_empty_result_falls_through():
    line = a_call(
        response(
            gather(say("Hello?"), actionOnEmptyResult="false"), say("Are you there?"), "<Redirect>/turn</Redirect>"
        )
    )
    line.listen()
    assert "Are you there?\nNext." == line.silence()
    assert line.answering.results() == [None]


def test_letting_the_line_give_up_reaches_its_next_question():
    line = a_call(ASKING)
    line.listen()
    assert "Next." == line.silence()
    assert line.mode is Mode.LISTENING


def test_a_gather_of_no_patience_moves_on():
    line = a_call(response(gather(timeout="0")), turn=response(gather(say("Next."))))
    assert "Next." == line.listen()


# --- documents ---


def test_a_gather_without_an_action_asks_its_own_document_again():
    line = a_call(response(gather(action="")))
    line.press("1#")
    assert ["/webhooks/voice", "/webhooks/voice"] == [post.url for post in line.posts]


def test_relative_addresses_are_of_the_document_that_has_them():
    fetch = {"https://x.example/webhooks/voice": [response("<Redirect>voice/turn?n=2</Redirect>")]}
    fetch["https://x.example/webhooks/voice/turn?n=2"] = [response(gather(action="/turn"))]
    answering = Answering(fetch | {"https://x.example/turn": [response(say("Bye."))]})
    line = Line(
        answering,
        caller=None,
        called="+1",
        clock=ManualClock(START),
        call_sid=SID,
        voice_url="https://x.example/webhooks/voice",
    )
    line.start()
    line.press("1#")
    assert "Bye." == line.listen()


def test_the_end_of_a_document_hangs_up():
    line = a_call(response(say("Good bye."), '<Pause length="2"/>'))
    assert "Good bye." == line.listen()
    assert line.over
    assert log(line)[-1] == (round(2 / 2.6 + 2, 1), "system", "the line hung up")


def test_what_follows_a_hangup_is_not_performed():
    line = a_call(response(say("Bye."), "<Hangup/>", say("never heard")))
    assert "Bye." == line.listen()
    assert line.over


def test_a_recording_is_heard_for_some_seconds_and_tones_by_the_key():
    line = a_call(response("<Play>https://x.example/hold.mp3</Play>", '<Play digits="1234"/>'))
    assert "(https://x.example/hold.mp3)\n(1234)" == line.listen()
    assert line.seconds == pytest.approx(3 + 1)


def test_a_rejected_call_is_never_answered():
    line = a_call(response('<Reject reason="busy"/>'), status_url="/status")
    assert line.over
    assert ["busy"] == [form["CallStatus"] for form in line.answering.forms("/status")]


def test_a_redirection_loses_what_was_gathered():
    line = a_call(ASKING, turn=["-> /moved", response()], _moved=response(say("Moved.")))
    line.press("12#")
    assert "Moved." == line.listen()[-6:]
    assert ["[12]"] == line.answering.results()
    (moved,) = line.answering.forms("/moved")
    assert (moved["CallSid"], "Digits" in moved) == (SID, False)


def test_documents_that_only_lead_to_documents_are_found_out():
    with pytest.raises(Endless):
        a_call(response("<Redirect>/webhooks/voice</Redirect>"))
    with pytest.raises(Endless):
        a_call("-> /webhooks/voice")


def test_asking_again_and_again_over_time_is_not_endless():
    line = a_call(response(gather(say("Hello?"), action="/webhooks/voice")))
    line.listen()
    for _ in range(100):
        line.silence()
    assert len(line.posts) == 101


def test_a_document_that_is_none_is_not_glossed_over():
    line = a_call(ASKING, turn="<html/>")
    with pytest.raises(BadTwiml):
        line.press("1#")


def test_a_fault_of_the_webhook_is_not_glossed_over():
    with pytest.raises(KeyError):
        a_call(response("<Redirect>/nowhere</Redirect>"))


# --- what is posted ---


def test_every_post_says_whose_call_it_is():
    line = a_call(ASKING)
    line.press("1#")
    first, second = [form for _, form in line.answering.asked]
    common = {
        "CallSid": SID,
        "AccountSid": "AC" + "0" * 32,
        "From": "+13175550123",
        "Caller": "+13175550123",
        "To": "+13175550199",
        "Called": "+13175550199",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }
    assert first == common | {"CallStatus": "ringing"}
    assert second == common | {"CallStatus": "in-progress", "Digits": "1", "FinishedOnKey": "#"}


@pytest.mark.parametrize(
    ("caller", "fields"), [(None, {}), ("anonymous", {"From": "anonymous", "Caller": "anonymous"})]
)
def test_a_caller_may_have_no_number_or_hide_it(caller, fields):
    (form,) = a_call(ASKING, caller=caller).answering.forms("/webhooks/voice")
    assert fields == {name: form[name] for name in ("From", "Caller") if name in form}


def test_what_was_posted_and_answered_can_be_looked_at():
    line = a_call(ASKING)
    (post,) = line.posts
    assert (post.url, post.fields["CallStatus"], post.document) == ("/webhooks/voice", "ringing", ASKING)


# --- the end ---


def test_hanging_up_ends_the_call_and_tells_the_status_address():
    line = a_call(response(gather(say(26))), status_url="/status")
    line.wait(4.2)
    line.hang_up()
    (form,) = line.answering.forms("/status")
    assert (form["CallStatus"], form["CallDuration"]) == ("completed", "5")
    assert [(0, "line", "word " * 11 + "—"), (4.2, "system", "the caller hung up")] == log(line)
    assert line.answering.results() == []


def test_a_call_that_the_line_ends_is_told_once_too():
    line = a_call(response(say("Bye.")), status_url="/status")
    line.listen()
    line.wait(60)
    assert ["completed"] == [form["CallStatus"] for form in line.answering.forms("/status")]


@pytest.mark.parametrize(
    "act", [lambda line: line.say("hello"), lambda line: line.press("1"), lambda line: line.hang_up()]
)
def test_after_the_end_nothing_can_be_said_or_pressed(act):
    line = a_call(response(say("Bye.")))
    line.listen()
    with pytest.raises(NotPossible):
        act(line)


def test_half_a_sentence_before_hanging_up_is_not_posted():
    line = a_call(ASKING)
    line.say("I want")
    line.hang_up()
    assert line.answering.results() == []


# --- dialling a person ---

DIAL = '<Dial action="/after" timeout="20" answerOnBridge="true"><Number url="/whisper">+13175550111</Number></Dial>'
PRESS = say("A member who speaks Spanish. Press 1.")
UNSCREENED = gather(PRESS, action="/accepted", input="dtmf", numDigits="1", actionOnEmptyResult="")
SCREENED = response(UNSCREENED, "<Hangup/>")


def dialled(outcome=None, dial=DIAL, whisper=SCREENED):
    pages = {"_after": response(say("Back.")), "_whisper": whisper, "_accepted": response(say("Thank you."))}
    line = a_call(response(say("Please hold."), dial, say("No action.")), **pages)
    assert "Please hold." == line.listen()
    assert line.mode is Mode.RINGING
    if outcome:
        line.agent(outcome)
    return line


def after(line):
    return [
        {name: form[name] for name in sorted(form) if name.startswith("Dial") and name != "DialCallSid"}
        for form in line.answering.forms("/after")
    ]


@pytest.mark.parametrize(("outcome", "seconds"), [("busy", 2), ("failed", 2), ("no-answer", 20)])
def test_a_person_who_cannot_be_reached_brings_the_caller_back(outcome, seconds):
    line = dialled(outcome)
    began = line.seconds
    assert "Back." == line.listen()[-5:]
    assert [{"DialCallStatus": outcome, "DialBridged": "false"}] == after(line)
    assert line.seconds - began == pytest.approx(seconds + 1 / 2.6)
    assert line.answering.forms("/whisper") == []


def test_a_phone_that_nobody_picks_up_rings_until_the_timeout():
    line = dialled()
    line.wait(19.9)
    assert after(line) == []
    line.wait(0.2)
    assert [{"DialCallStatus": "no-answer", "DialBridged": "false"}] == after(line)


def test_silence_at_a_ringing_phone_lets_it_ring_out():
    assert "Back." == dialled().silence()


def test_an_agent_who_accepts_hears_the_whisper_alone_and_is_put_through():
    line = dialled("answers and accepts")
    assert "" == line.listen()
    assert line.mode is Mode.BRIDGED
    assert ["A member who speaks Spanish. Press 1.", "Thank you."] == texts(line, "whisper")
    assert ["answers and accepts", "[1]"] == texts(line, "agent")
    (whispered,) = line.answering.forms("/whisper")
    assert (whispered["ParentCallSid"], whispered["To"], whispered["Direction"], whispered["CallStatus"]) == (
        SID,
        "+13175550111",
        "outbound-dial",
        "in-progress",
    )
    (accepted,) = line.answering.forms("/accepted")
    assert (accepted["Digits"], accepted["CallSid"]) == ("1", whispered["CallSid"])
    assert SID != accepted["CallSid"]


def test_a_talk_ends_with_the_agent_and_comes_back_with_how_long_it_was():
    line = dialled("answers and accepts")
    line.listen()
    line.say("Hello, I need help.")
    line.press("5")
    line.wait(60)
    line.agent("hangs up")
    (form,) = after(line)
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "true")
    assert 60 < int(form["DialCallDuration"]) < 75
    assert "Back." == line.listen()
    assert not [text for text in texts(line, "system") if text.startswith("not heard")]


def test_a_talk_ends_with_the_caller():
    line = dialled("answers and accepts")
    line.listen()
    line.hang_up()
    assert (line.over, after(line)) == (True, [])


@pytest.mark.parametrize("outcome", ["answers but presses nothing", "voicemail"])
def test_who_does_not_press_a_key_is_not_put_through(outcome):
    line = dialled(outcome)
    assert "Back." == line.listen()
    (form,) = after(line)
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "false")


def test_without_a_whisper_voicemail_is_put_through_like_a_person():
    line = dialled("voicemail", dial=DIAL.replace(' url="/whisper"', ""))
    line.listen()
    assert line.mode is Mode.BRIDGED


def test_a_whisper_that_does_not_hang_up_lets_voicemail_through():
    line = dialled("voicemail", whisper=response(UNSCREENED))
    line.listen()
    assert line.mode is Mode.BRIDGED


def test_a_dial_without_an_action_goes_on_with_its_document():
    line = dialled("busy", dial="<Dial>+13175550111</Dial>")
    assert "No action." == line.listen()


def test_the_caller_id_shown_is_the_one_asked_for():
    line = dialled("answers and accepts", dial=DIAL.replace("<Dial", '<Dial callerId="+13175550199"'))
    line.listen()
    assert "+13175550199" == line.answering.forms("/whisper")[0]["From"]


def test_while_a_phone_rings_the_caller_may_hang_up():
    line = dialled()
    line.hang_up()
    assert (line.over, after(line)) == (True, [])


@pytest.mark.parametrize("outcome", Outcome)
def test_nobody_answers_a_phone_that_does_not_ring(outcome):
    with pytest.raises(NotPossible):
        a_call(ASKING).agent(outcome)


def test_an_agent_does_only_what_agents_do():
    with pytest.raises(ValueError, match="sings"):
        dialled("sings")
