"""Every host that a show talks to is listed, with what goes there."""

import pytest

from vtuber.core.contacts import contacts
from vtuber.core.served import Chosen
from vtuber.errors import BadSetting
from vtuber.settings import LocalSocket, McpServer, McpTool, Models, OneComme, Settings, Sources, Tools, Twitch


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


def test_lm_studios_own_library_talks_to_the_same_host():
    settings = Settings(models=Models(fast="lmstudio-sdk/m@http://box:1234", deep="embedded"))
    found = {one.host: (one.what, one.private) for one in contacts(settings, (chose(settings.models.fast)[0],))}
    assert found["box:1234"] == ("LM Studio: thinks", True)


def test_a_model_that_only_stands_in_is_listed_as_one_that_may_think():
    settings = Settings(models=Models(fast="embedded", deep="embedded", fast_next=("ollama/a@http://box:11434",)))
    found = {one.host: (one.what, one.private) for one in contacts(settings, chose("embedded"))}
    assert found["box:11434"] == ("Ollama: thinks", True)


def test_a_search_and_a_tool_server_elsewhere_are_told_words_of_viewers():
    pinned = {"forecast": McpTool(says="The weather of a town.", pin="0" * 64)}
    servers = {
        "weather": McpServer(url="https://tools.example.com/mcp", tools=pinned),
        "notes": McpServer(command=("notes-server",), tools=pinned),
        "idle": McpServer(url="https://unused.example.com/mcp"),
    }
    found = hosts(Settings(tools=Tools(web_search="http://192.168.1.9:8888", mcp=servers)))
    assert found["192.168.1.9:8888"] == ("near", True)
    assert found["tools.example.com:443"] == ("away", True)
    assert found["program notes-server"] == ("here", True), "whom it asks cannot be seen from here"
    assert not any("unused" in host for host in found), "no tool of it is used"
