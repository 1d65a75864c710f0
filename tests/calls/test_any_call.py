"""Whatever a caller does in whatever order: time goes forward and no word and no key is lost without a note."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.calls.answering import a_call, gather, response, say

seconds = st.floats(0, 90, allow_nan=False)
acts = st.one_of(
    st.tuples(st.just("say"), st.integers(1, 12), st.sampled_from([15, 45, 150])),
    st.tuples(st.just("press"), st.text("0123456789*#", min_size=1, max_size=6)),
    st.tuples(st.just("wait"), seconds),
    st.tuples(st.just("listen")),
    st.tuples(st.just("silence")),
)
asking = st.builds(
    lambda before, inside, options: response(*map(say, before), gather(*map(say, inside), **options)),
    st.lists(st.integers(1, 40), max_size=2),
    st.lists(st.integers(1, 40), max_size=2),
    st.fixed_dictionaries(
        {
            "input": st.sampled_from(["dtmf", "speech", "dtmf speech"]),
            "timeout": st.sampled_from(["1", "5", "60"]),
            "speechTimeout": st.sampled_from(["1", "8", "auto"]),
            "numDigits": st.sampled_from(["", "1", "4"]),
            "finishOnKey": st.sampled_from(["#", "*", ""]),
        }
    ),
)


@given(asking, st.lists(asking, min_size=1, max_size=4), st.lists(acts, max_size=12))
def test_nothing_is_heard_twice_or_lost_in_silence(first, turns, doings):
    line = a_call(first, turn=turns)
    said, keyed = Counter(), ""
    for number, (act, *given_) in enumerate(doings):
        before = line.clock.now
        if act == "say":
            words, wpm = [f"w{number}.{index}" for index in range(given_[0])], given_[1]
            said.update(words)
            line.say(" ".join(words), wpm=wpm)
        else:
            keyed += given_[0] if act == "press" else ""
            getattr(line, act)(*given_)
        assert line.clock.now >= before
    line.wait(200)  # whatever was begun has ended
    lost = [entry.text.removeprefix("not heard: ").split() for entry in line.log if entry.text.startswith("not heard")]
    heard = [result for result in line.answering.results() if result]
    missing = Counter(word for words in lost for word in words)
    words = Counter(word for result in heard if not result.startswith("[") for word in result.split())
    assert said == words + Counter({word: count for word, count in missing.items() if word.startswith("w")})
    keys = Counter("".join(result[1:-1] for result in heard if result.startswith("[")))
    keys += Counter({key: count for key, count in missing.items() if not key.startswith("w")})
    assert keys <= Counter(keyed)
    assert set(Counter(keyed) - keys) <= set("#*"), "only a finishing key may be swallowed"
    assert [entry.at for entry in line.log] == sorted(entry.at for entry in line.log)
