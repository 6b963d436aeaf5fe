"""PerCL, the language of answers: what a script may say.

Commands and attributes: https://docs.freeclimb.com/reference/percl-overview and the OpenAPI file.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ..values import storable

MAX_DEPTH = 32  # levels within a command; PerCL has five


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Kind:
    fits: Callable[[Any], bool]
    name: str


TEXT = Kind(_is_text, "a text")
BOOL = Kind(_is_bool, "true or false")
WHOLE = Kind(_is_whole, "a whole number")
NUMBER = Kind(_is_number, "a number")
OBJECT = Kind(lambda value: isinstance(value, dict), "an object")
LIST = Kind(lambda value: isinstance(value, list), "an array")
PROMPTS = Kind(lambda value: isinstance(value, list), "an array of commands")


@dataclass(frozen=True, slots=True)
class Command:
    required: Mapping[str, Kind]
    optional: Mapping[str, Kind]
    ends: bool = False  # the script: control comes back through a URL, or never
    only_first: bool = False
    nests: bool = False  # in prompts


def _command(required: str = "", *, ends=False, only_first=False, nests=False, **optional: Kind):
    """Required attributes are all texts, but for a length."""
    kinds = {name: WHOLE if name == "length" else TEXT for name in required.split()}
    return Command(kinds, optional, ends, only_first, nests)


COMMANDS: Mapping[str, Command] = {
    "AddToConference": _command(
        "conferenceId",
        allowCallControl=BOOL,
        callControlSequence=TEXT,
        callControlUrl=TEXT,
        dtmfPassThrough=BOOL,
        leaveConferenceUrl=TEXT,
        listen=BOOL,
        notificationUrl=TEXT,
        startConfOnEnter=BOOL,
        talk=BOOL,
    ),
    "AudioStream": _command(
        "location", actionUrl=TEXT, contentType=TEXT, metaData=LIST, privacyMode=BOOL
    ),
    "CreateConference": _command(
        "actionUrl",
        ends=True,
        alias=TEXT,
        parentCallId=TEXT,
        playBeep=TEXT,
        record=BOOL,
        statusCallbackUrl=TEXT,
        waitUrl=TEXT,
    ),
    "Dequeue": _command(),
    "Enqueue": _command("actionUrl queueId waitUrl", notificationUrl=TEXT),
    "GetDigits": _command(
        "actionUrl",
        ends=True,
        digitTimeoutMs=WHOLE,
        finishOnKey=TEXT,
        flushBuffer=BOOL,
        initialTimeoutMs=WHOLE,
        maxDigits=WHOLE,
        minDigits=WHOLE,
        privacyMode=BOOL,
        prompts=PROMPTS,
    ),
    "GetSpeech": _command(
        "actionUrl grammarFile",
        ends=True,
        confidenceThreshold=NUMBER,
        grammarRule=TEXT,
        grammarType=TEXT,
        noInputTimeoutMs=WHOLE,
        playBeep=BOOL,
        privacyMode=BOOL,
        prompts=PROMPTS,
        recognitionTimeoutMs=WHOLE,
        sensitivityLevel=NUMBER,
        speechCompleteTimeoutMs=WHOLE,
        speechIncompleteTimeoutMs=WHOLE,
    ),
    "Hangup": _command(ends=True, reason=TEXT),
    "OutDial": _command(
        "actionUrl callConnectUrl callingNumber destination",
        ends=True,
        ifMachine=TEXT,
        ifMachineUrl=TEXT,
        privacyMode=BOOL,
        sendDigits=TEXT,
        statusCallbackUrl=TEXT,
        timeout=WHOLE,
    ),
    "Park": _command("actionUrl waitUrl", ends=True, notificationUrl=TEXT),
    "Pause": _command("length", nests=True),
    "Play": _command("file", nests=True, loop=WHOLE, privacyMode=BOOL),
    "PlayEarlyMedia": _command("file", only_first=True),
    "RecordUtterance": _command(
        "actionUrl",
        ends=True,
        autoStart=BOOL,
        finishOnKey=TEXT,
        maxLengthSec=WHOLE,
        playBeep=BOOL,
        privacyMode=BOOL,
        silenceTimeoutMs=WHOLE,
    ),
    "Redirect": _command("actionUrl", ends=True),
    "Reject": _command(ends=True, only_first=True, reason=TEXT),
    "RemoveFromConference": _command(),
    "Say": _command("text", nests=True, engine=OBJECT, language=TEXT, loop=WHOLE, privacyMode=BOOL),
    "SendDigits": _command("digits", pauseMs=WHOLE, privacyMode=BOOL),
    "SetDTMFPassThrough": _command(dtmfPassThrough=BOOL),
    "SetListen": _command(listen=BOOL),
    "SetTalk": _command(talk=BOOL),
    "Sms": _command("from text to", notificationUrl=TEXT),
    "StartRecordCall": _command(),
    "TerminateConference": _command(),
    "TranscribeUtterance": _command(
        "actionUrl",
        ends=True,
        playBeep=BOOL,
        privacyForLogging=BOOL,
        privacyForRecording=BOOL,
        prompts=PROMPTS,
        record=OBJECT,
    ),
    "Unpark": _command(ends=True),
}


def read(text: str) -> Any:
    """JSON to be validated. Raises ValueError, whose text is for people."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError as error:  # Python's own limit
        raise ValueError("a number has too many digits") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def validate(value: Any) -> list[str]:
    """What is wrong with a script, each with its place; empty where nothing is.

    An empty script is none: it ends the call without saying so, `[{"Hangup": {}}]` says it.
    """
    if not isinstance(value, list):
        return ["a script is an array of commands"]
    if not value:
        return ['the script is empty: to end the call, say [{"Hangup": {}}]']
    errors = []
    ended = ""
    for place, item in enumerate(value, start=1):
        where = f"command {place}"
        if problem := _unstorable(item):
            errors.append(f"{where}: {problem}")
            continue
        name, problem = _name(item)
        if ended:
            errors.append(f"{where}{f', {name}' if name else ''}: never reached after {ended}")
        if problem:
            errors.append(f"{where}: {problem}")
            continue
        command = COMMANDS[name]
        where = f"{where}, {name}"
        if command.only_first and place > 1:
            errors.append(f"{where}: only works as the first command")
        errors.extend(_attributes(where, command, item[name]))
        if command.ends and not ended:
            ended = name
    return errors


def _unstorable(item: Any) -> str:
    """Why a database would not take it, or not give it back."""
    level = [item]
    for _ in range(MAX_DEPTH):
        for one in level:
            if isinstance(one, str) and storable(one) != one:
                return "a text holds a NUL or half a character"
            if isinstance(one, float) and not isfinite(one):
                return "a number is not finite"
        level = [inner for one in level for inner in _inner(one)]
        if not level:
            return ""
    return f"nested deeper than {MAX_DEPTH} levels"


def _inner(value: Any) -> list:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _name(item: Any) -> tuple[str, str]:
    """The command's name, or what is wrong with it."""
    if not isinstance(item, dict) or len(item) != 1:
        return "", "a command is an object with one key, its name"
    name = str(next(iter(item)))
    if name in COMMANDS:
        return name, ""
    meant = next((known for known in COMMANDS if known.lower() == name.lower()), "")
    hint = f', did you mean "{meant}"?' if meant else ""
    return "", f'there is no command "{name[:64]}"{hint}'


def _attributes(where: str, command: Command, attributes: Any) -> Iterator[str]:
    if not isinstance(attributes, dict):
        yield f"{where}: attributes are an object"
        return
    for name in command.required:
        if attributes.get(name) in (None, ""):
            yield f"{where}: {name} is missing"
    kinds = {**command.required, **command.optional}
    for name, value in attributes.items():
        kind = kinds.get(name)
        if kind is None:
            yield f'{where}: there is no attribute "{str(name)[:64]}"'
        elif value is not None and not kind.fits(value):
            yield f"{where}: {name} is not {kind.name}"
        elif kind is PROMPTS:
            yield from _prompts(where, value or [])


def _prompts(where: str, prompts: list) -> Iterator[str]:
    for place, item in enumerate(prompts, start=1):
        inside = f"{where}, prompt {place}"
        name, problem = _name(item)
        if problem:
            yield f"{inside}: {problem}"
        elif not COMMANDS[name].nests:
            yield f"{inside}: {name} cannot be a prompt; Say, Play and Pause can"
        else:
            yield from _attributes(f"{inside}, {name}", COMMANDS[name], item[name])
