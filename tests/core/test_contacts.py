"""Every host that a show talks to is listed, with what goes there."""

import pytest

from vtuber.core.contacts import contacts
from vtuber.core.served import Chosen
from vtuber.errors import BadSetting
from vtuber.settings import LocalSocket, Models, OneComme, Settings, Sources, Twitch


def chose(spec: str) -> tuple[Chosen, ...]:
    return tuple(Chosen(tier=tier, spec=spec, where="", why="") for tier in ("fast", "deep"))


def hosts(settings: Settings, spec: str = "embedded") -> dict[str, tuple[str, bool]]:
    return {one.host: (one.place, one.private) for one in contacts(settings, chose(spec))}


def test_by_the_usual_settings_everything_stays_on_this_machine():
    found = contacts(Settings(), chose("ollama/qwen2.5:14b"))
    assert [one.host for one in found] == ["127.0.0.1:11434", "127.0.0.1:1234", "127.0.0.1:11190"]
    assert {(one.place, one.sends) for one in found} == {("here", "")}
    assert found[0].what == "Ollama: thinks"
    assert found[1].what == "LM Studio: looked for"


def test_twitch_is_told_the_channels_name_and_nothing_that_viewers_wrote():
    settings = Settings(sources=Sources(twitch=Twitch(channels=("efu_ch",))))
    twitch = contacts(settings, chose("embedded"))[-1]
    assert (twitch.host, twitch.place, twitch.private) == ("irc-ws.chat.twitch.tv:443", "away", False)
    assert "efu_ch" in twitch.sends


def test_a_model_on_another_machine_is_told_what_viewers_wrote():
    settings = Settings(models=Models(fast="ollama/a@http://box:11434", deep="openai/b@https://api.example.com/v1"))
    chosen = (chose("ollama/a@http://box:11434")[0], chose("openai/b@https://api.example.com/v1")[1])
    found = {one.host: (one.place, one.private) for one in contacts(settings, chosen)}
    assert found["box:11434"] == ("near", True)
    assert found["api.example.com:443"] == ("away", True)


def test_a_cloud_model_goes_beyond_the_ollama_of_this_machine():
    found = hosts(Settings(models=Models(deep="ollama/gpt-oss:120b-cloud")), "ollama/gpt-oss:120b-cloud")
    assert found["127.0.0.1:11434"] == ("here", False)
    assert found["ollama.com:443"] == ("away", True)


def test_what_is_switched_off_is_not_listed():
    settings = Settings(
        models=Models(fast="scripted", deep="embedded/my.gguf"), sources=Sources(local=LocalSocket(on=False))
    )
    assert hosts(settings, "scripted") == {}
    assert "127.0.0.1:11180" in hosts(Settings(sources=Sources(onecomme=OneComme(on=True))))


def test_a_setting_that_names_no_model_is_refused():
    with pytest.raises(BadSetting):
        contacts(Settings(models=Models(fast="olama/x")), ())
