"""The words in which an onlooker is told what happens in a show besides what she says."""

from collections.abc import Callable

from vtuber.core.wording import one_line
from vtuber.events import (
    Changed,
    Chat,
    Connection,
    Event,
    Failed,
    Health,
    Interrupt,
    Loading,
    Money,
    Notice,
    Question,
    Retract,
    Used,
)

NAME, TEXT = 40, 200  # characters shown at most
_SOON_MS = 500


def stamp(at_ms: int, base_ms: int) -> str:
    """Give a time of the show as 1:05 or 1:00:05."""
    seconds = max(0, at_ms - base_ms) // 1000
    hours = f"{seconds // 3600}:{seconds // 60 % 60:02}" if seconds >= 3600 else str(seconds // 60)  # noqa: PLR2004 - an hour
    return f"{hours}:{seconds % 60:02}"


def words(event: Chat | Notice) -> str:
    """Give what a message says, and of a notice what it is."""
    text = one_line(event.text, TEXT)
    return f"({one_line(event.notice, NAME)}) {text}".rstrip() if isinstance(event, Notice) else text


def paid(money: Money | None) -> str:
    """Give an amount, "" for none."""
    return one_line(f"{money.amount} {money.currency}", NAME) if money else ""


def news(event: Event, named: Callable[[str], str] = str) -> str:
    """Give what the operator did, what came of it, how a source or a model fares or which tool was used, else "".

    `named` gives the name of a viewer's id.
    """
    match event:
        case Connection():
            return f"{one_line(event.source, NAME)}: {faring(event)}"
        case Changed():
            return _changed(event)
        case Loading() | Health() | Used():
            return _of_models(event)
        case Interrupt() if event.by != "platform":
            return _ordered(event, named)
        case _:
            return ""


def faring(event: Connection) -> str:
    """Say how a source fares."""
    if event.state == "lost":
        return f"lost, trying again in {max(1, round(event.retry_ms / 1000))} s"
    return "silent for too long" if event.state == "stalled" else "connected"


def next_try(in_ms: int) -> str:
    """Say when something is tried again."""
    return f"next try in {round(in_ms / 1000)} s" if in_ms > _SOON_MS else "next try now"


def seconds(ms: int) -> str:
    """Give a time as she would be asked for it: whole seconds, one at least."""
    return f"{max(1, round(ms / 1000))} s"


def as_text(event: Event, base_ms: int, named: Callable[[str], str] = str) -> str:
    """Give an event as one plain line, "" for what an onlooker needs not see. `named`: as in `news`."""
    at = f"[{stamp(event.at_ms, base_ms)}]"
    match event:
        case Chat() | Notice() if not event.backlog:
            edited = " (edited)" if isinstance(event, Chat) and event.edit_of else ""
            money = f" ({paid(event.money)})" if event.money else ""
            return f"{at} {one_line(event.name, NAME) or '?'}{edited}: {words(event)}{money}"
        case Question():
            who, wait = event.asked.who, event.expected_ms - event.at_ms
            about = f"{event.effort} effort" + (f", about {seconds(wait)}" if wait > 0 else "")
            return f"  … thinking for {one_line(who.name, NAME) if who else 'herself'} ({about})"
        case Retract(reason="edited"):
            return ""  # the new wording comes next
        case Retract():
            return f"{at} (a message was taken back)"
        case Failed():
            return f"{at} ! {one_line(f'{event.stage}: {event.error}', TEXT)}" + (
                " (gave up)" if event.degraded else ""
            )
        case _:
            told = news(event, named)
            return f"{at} * {told}" if told else ""


def _ordered(event: Interrupt, named: Callable[[str], str]) -> str:
    match event.op:
        case "ban":
            return f"banned {one_line(named(event.target_viewer), NAME)}"
        case "say":
            return f"to be said: {one_line(event.say, TEXT)}"
        case "switch":
            return f"opening {one_line(event.model, NAME)} as the {event.tier} model"
        case _:
            return {
                "hush": "hushed",
                "skip": "skipped",
                "pause": "paused",
                "resume": "goes on",
                "retract": "a message was taken back",
                "reload": "reading the character again",
                "stop": "ending the show",
            }[event.op]


def _of_models(event: Loading | Health | Used) -> str:
    if isinstance(event, Used):
        tool = one_line(event.tool, NAME)
        used = f"used {tool}, {event.took_ms / 1000:.1f} s"
        return used if event.ok else f"{tool} gave nothing ({one_line(event.reason, NAME) or 'error'})"
    what = f"the {event.tier} model {one_line(event.model, NAME)}"
    if isinstance(event, Health):
        return f"{what} answers again" if event.state == "up" else f"{what} is down, {next_try(event.retry_ms)}"
    if event.state == "began":
        return f"loading {what}"
    return f"{what} {'is ready' if event.state == 'ready' else 'cannot be loaded'}, {event.took_ms / 1000:.0f} s"


def _changed(event: Changed) -> str:
    to, refused = one_line(event.to, NAME), one_line(event.refused, NAME)
    if event.what == "persona":
        return f"the character was not read ({refused}): she goes on as she was" if event.refused else f"now {to}"
    if event.refused:
        return f"{to} cannot be the {event.what} model ({refused}): it stays as it was"
    return f"the {event.what} model is now {to}"
