"""The command that mends a thing is one that the system's own shell takes."""

import pytest

from vtuber.core import mending


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_every_system_has_its_command_for_everything(system: mending.System):
    commands = {
        mending.ollama(system, installed=False),
        mending.ollama(system, installed=True),
        mending.ollama_variable("OLLAMA_LOAD_TIMEOUT", "30m", system),
        mending.english_voice(system),
        mending.port_audio(system),
        mending.pip_extra("sound", system),
    }
    assert len(commands) == 6
    assert all(command.strip() and "\n" not in command for command in commands)
    assert "OLLAMA_LOAD_TIMEOUT" in mending.ollama_variable("OLLAMA_LOAD_TIMEOUT", "30m", system)


def test_windows_gets_no_single_quotes():
    assert mending.pip_extra("sound", "windows") == 'pip install "vtuber[sound]"'
    assert mending.pip_extra("sound", "macos") == "pip install 'vtuber[sound]'"
    assert mending.for_shell("pip install 'vtuber[x]'", "windows") == 'pip install "vtuber[x]"'
    assert mending.for_shell("ollama pull qwen2.5:7b", "windows") == "ollama pull qwen2.5:7b"
