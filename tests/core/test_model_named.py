"""A named model is found under the names that its server gives it, and written back as the settings would."""

import pytest

from vtuber.core.model_named import asked, named, spec_of, url_of
from vtuber.core.model_room import Found
from vtuber.core.model_spec import parse
from vtuber.core.served import Served, Server
from vtuber.settings import Models

STUDIO = Server(kind="lmstudio", url="http://127.0.0.1:1234/", models=(Served(name="qwen2.5-14b-instruct"),))


@pytest.mark.parametrize("door", ["lmstudio", "lmstudio-sdk"])
@pytest.mark.parametrize("name", ["qwen2.5-14b-instruct", "Qwen2.5-14B-Instruct@q4_k_m"])
def test_lm_studios_model_is_found_whatever_its_case_and_packing_and_by_either_door(door: str, name: str):
    spec = f"{door}/{name}"
    choice, found = named("fast", parse(spec), Models(), [STUDIO], embedded=False)
    assert found == Found(STUDIO, STUDIO.models[0])
    assert choice.warnings == ()
    assert choice.spec == spec
    assert choice.where == "this machine, LM Studio at 127.0.0.1:1234"


@pytest.mark.parametrize(("servers", "mend"), [((), "lms server start"), ((STUDIO,), "lms get mistral")])
def test_what_lm_studios_own_library_lacks_is_mended_as_for_lm_studio(servers: tuple[Server, ...], mend: str):
    choice, _ = named("fast", parse("lmstudio-sdk/mistral"), Models(), servers, embedded=False)
    assert (choice.there, choice.mend) == (False, mend)


def test_a_server_of_another_kind_at_the_same_address_is_not_asked():
    choice, found = named("fast", parse("ollama/x@http://127.0.0.1:1234"), Models(), [STUDIO], embedded=False)
    assert found is None
    assert "does not answer" in choice.warnings[0]


def test_the_address_is_the_models_own_else_the_settings():
    models = Models(ollama="http://box:11434")
    assert url_of(parse("ollama/x"), models) == "http://box:11434"
    assert url_of(parse("ollama/x@http://other:1"), models) == "http://other:1"
    assert url_of(parse("lmstudio-sdk/x"), models) == models.lmstudio
    assert url_of(parse("embedded"), models) == ""


@pytest.mark.parametrize("url", ["http://127.0.0.1:1234", "http://10.0.0.2:1234"])
def test_what_is_written_for_a_found_model_names_it_again(url: str):
    server = Server(kind="lmstudio", url=url, models=STUDIO.models)
    spec = spec_of(Found(server, server.models[0]), Models())
    assert named("deep", parse(spec), Models(), [server], embedded=False)[1] == Found(server, server.models[0])


def test_a_missing_model_of_another_server_is_mended_in_the_settings():
    server = Server(kind="openai", url="http://127.0.0.1:8000/v1", models=(Served(name="a"),))
    choice, _ = named("fast", parse("openai/b@http://127.0.0.1:8000/v1"), Models(), [server], embedded=False)
    assert choice.warnings == ("The model server at 127.0.0.1:8000 has no model “b”. Mend its name in vtuber.toml.",)


def test_every_server_that_a_choice_needs_is_asked_once():
    assert asked(Models()) == (("ollama", "http://127.0.0.1:11434"), ("lmstudio", "http://127.0.0.1:1234"))
    far = Models(fast="ollama/a@http://box:1/", deep="openai/b@http://127.0.0.1:8000/v1")
    assert asked(far) == (("ollama", "http://box:1"), ("openai", "http://127.0.0.1:8000/v1"))
    doors = Models(fast="lmstudio/a", deep="lmstudio-sdk/b")
    assert asked(doors) == (("lmstudio", "http://127.0.0.1:1234"),)
    assert asked(Models(fast="embedded", deep="scripted")) == ()
