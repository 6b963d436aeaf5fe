"""What a call script may say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.providers.freeclimb.percl import COMMANDS, read, validate

from .test_freeclimb_bodies import JSON

URL = "https://pbx.example/next"
MENU = {
    "GetDigits": {
        "actionUrl": URL,
        "maxDigits": 1,
        "prompts": [{"Say": {"text": "One or two?", "loop": 2}}, {"Pause": {"length": 500}}],
    }
}
# Each is no script, though Python would read some of them.
UNSTORABLE = {
    '[{"GetSpeech": {"sensitivityLevel": NaN}}]': "command 1: a number is not finite",
    '[{"GetSpeech": {"sensitivityLevel": 1e999}}]': "command 1: a number is not finite",
    '[{"Hangup": {"reason": "\\u0000"}}]': "command 1: a text holds a NUL or half a character",
    '[{"Hangup": {}}, {"\\ud800": {}}]': "command 2: a text holds a NUL or half a character",
    f'[{{"Hangup": {"[" * 900}{"]" * 900}}}]': "command 1: nested deeper than 32 levels",
    "[" * 100_000 + "]" * 100_000: "nested too deeply",
    f'[{{"Pause": {{"length": {"9" * 5_000}}}}}]': "a number has too many digits",
    "[": "Expecting value",
}


@pytest.mark.parametrize(
    "script",
    [
        [{"Hangup": {}}],
        [{"Say": {"text": "Hello", "language": "en-US", "privacyMode": True}}, {"Hangup": {}}],
        [{"Play": {"file": URL}}, MENU],
        [{"PlayEarlyMedia": {"file": URL}}, {"Pause": {"length": 100}}],
        [{"Reject": {"reason": "busy"}}],
        [{"StartRecordCall": {}}, {"Redirect": {"actionUrl": URL}}],
        [{"AddToConference": {"conferenceId": "CF1", "talk": True}}],
        [
            {
                "OutDial": {
                    "destination": "+13125550170",
                    "callingNumber": "+13125550160",
                    "actionUrl": URL,
                    "callConnectUrl": URL,
                    "timeout": 30,
                }
            }
        ],
        [{"Enqueue": {"queueId": "QU1", "waitUrl": URL, "actionUrl": URL}}],
        [{"Say": {"text": "Hello", "language": None}}],
    ],
)
def test_a_good_script_has_no_errors(script):
    assert validate(script) == []


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"Hangup": {}}, "a script is an array of commands"),
        ("[]", "a script is an array of commands"),
        ([], 'the script is empty: to end the call, say [{"Hangup": {}}]'),
        (["Hangup"], "command 1: a command is an object with one key, its name"),
        (
            [{"Say": {"text": "a"}, "Hangup": {}}],
            "command 1: a command is an object with one key, its name",
        ),
        ([{"Dance": {}}], 'command 1: there is no command "Dance"'),
        ([{"hangup": {}}], 'command 1: there is no command "hangup", did you mean "Hangup"?'),
        ([{"Hangup": None}], "command 1, Hangup: attributes are an object"),
        (
            [{"Say": {"text": "a"}}, {"GetDigits": {"maxDigits": 1}}],
            "command 2, GetDigits: actionUrl is missing",
        ),
        ([{"Say": {"text": ""}}], "command 1, Say: text is missing"),
        ([{"Say": {"text": 7}}], "command 1, Say: text is not a text"),
        (
            [{"Say": {"text": "a", "voice": "b"}}],
            'command 1, Say: there is no attribute "voice"',
        ),
        ([{"Pause": {"length": "100"}}], "command 1, Pause: length is not a whole number"),
        ([{"Pause": {"length": True}}], "command 1, Pause: length is not a whole number"),
        (
            [{"GetDigits": {"actionUrl": URL, "prompts": {}}}],
            "command 1, GetDigits: prompts is not an array of commands",
        ),
        (
            [{"GetDigits": {"actionUrl": URL, "prompts": [{"Hangup": {}}]}}],
            "command 1, GetDigits, prompt 1: Hangup cannot be a prompt; Say, Play and Pause can",
        ),
        (
            [{"GetDigits": {"actionUrl": URL, "prompts": [{"Play": {}}]}}],
            "command 1, GetDigits, prompt 1, Play: file is missing",
        ),
        (
            [{"Hangup": {}}, {"Say": {"text": "a"}}],
            "command 2, Say: never reached after Hangup",
        ),
        (
            [{"Say": {"text": "a"}}, {"Reject": {}}],
            "command 2, Reject: only works as the first command",
        ),
        (
            [{"Say": {"text": "a"}}, {"PlayEarlyMedia": {"file": URL}}],
            "command 2, PlayEarlyMedia: only works as the first command",
        ),
    ],
)
def test_an_error_names_its_place(script, error):
    assert validate(script) == [error]


@pytest.mark.parametrize("text", UNSTORABLE)
def test_what_no_database_would_take_is_told(text):
    try:
        [told] = validate(read(text))
    except ValueError as error:
        told = str(error)
    assert UNSTORABLE[text] in told


def test_all_errors_are_told_at_once():
    assert len(validate([{"OutDial": {}}, {"Dance": {}}, {"Say": {"loop": "x"}}])) == 9


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_with_what_it_requires_is_good(name):
    required = {
        attribute: 1 if attribute == "length" else "x" for attribute in COMMANDS[name].required
    }
    assert validate([{name: required}]) == []
    for attribute in required:
        less = {key: value for key, value in required.items() if key != attribute}
        assert validate([{name: less}]) == [f"command 1, {name}: {attribute} is missing"]


@given(JSON, st.lists(st.dictionaries(st.sampled_from(sorted(COMMANDS)), JSON, max_size=2)))
def test_nothing_in_a_script_is_fatal(value, script):
    for tried in (value, script):
        assert all(isinstance(error, str) for error in validate(tried))
