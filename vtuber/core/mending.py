"""The one command that mends a thing, written as this system's own shell takes it."""

from typing import Literal, TypeAlias

System: TypeAlias = Literal["linux", "macos", "windows"]

_OLLAMA = {
    "linux": "curl -fsSL https://ollama.com/install.sh | sh",
    "macos": "brew install ollama",
    "windows": "winget install Ollama.Ollama",
}
_START_OLLAMA = {"linux": "ollama serve", "macos": "open -a Ollama", "windows": "ollama serve"}
_VARIABLE = {
    "linux": (
        "sudo mkdir -p /etc/systemd/system/ollama.service.d && printf '[Service]\\nEnvironment={0}={1}\\n' | "
        "sudo tee /etc/systemd/system/ollama.service.d/{0}.conf && sudo systemctl daemon-reload && "
        "sudo systemctl restart ollama"
    ),
    "macos": "launchctl setenv {0} {1}",
    "windows": "setx {0} {1}",
}
_VOICE = {
    "linux": "pip install 'vtuber[espeak]'",
    "macos": "pip install --force-reinstall pyttsx3",
    "windows": "start ms-settings:speech",
}


def for_shell(command: str, system: System) -> str:
    """Write a command's quotes as the system's shell reads them: Windows' own knows only double ones."""
    return command.replace("'", '"') if system == "windows" and command.startswith("pip ") else command


def pip_extra(name: str, system: System) -> str:
    """Give the command that installs one of our extras."""
    return for_shell(f"pip install 'vtuber[{name}]'", system)


def ollama(system: System, *, installed: bool) -> str:
    """Give the command that brings Ollama up, or onto the machine."""
    return _START_OLLAMA[system] if installed else _OLLAMA[system]


def ollama_variable(name: str, value: str, system: System) -> str:
    """Give the command that sets a variable for Ollama's server, which is to be started again after it."""
    return _VARIABLE[system].format(name, value)


def english_voice(system: System) -> str:
    """Give the command that brings a voice for English."""
    return for_shell(_VOICE[system], system)


def port_audio(system: System) -> str:
    """Give the command that brings the library behind the package sounddevice."""
    if system == "linux":
        return "sudo apt install libportaudio2"
    return for_shell("pip install --force-reinstall 'vtuber[sound]'", system)
