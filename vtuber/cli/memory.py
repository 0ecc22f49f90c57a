"""`vtuber memory`: look at what a character remembers, search it, and make her forget a viewer."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vtuber import home as data_home
from vtuber import settings
from vtuber.adapters.memory import database, offline, overview
from vtuber.errors import NotFound, UserMistake
from vtuber.events import Recollection
from vtuber.wiring.memory import embedder_named

app = typer.Typer(
    help="Look at what a character remembers, search it, and make her forget.",
    no_args_is_help=True,
    add_completion=False,
)

Character: TypeAlias = Annotated[str, typer.Option(help="Whose memory; needed where there are several.")]
Home: TypeAlias = Annotated[Path | None, typer.Option(help="The data home; VTUBER_HOME says the same.")]
Store: TypeAlias = Annotated[Path | None, typer.Option(help="A memory file, such as runs/latest/memory/NAME.sqlite.")]
Viewer: TypeAlias = Annotated[str, typer.Option(help="Only this viewer: an id such as twitch:12345, or a name.")]
Limit: TypeAlias = Annotated[int, typer.Option(min=1, help="How many at most.")]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def show(
    character: Character = "",
    home: Home = None,
    store: Store = None,
    viewer: Viewer = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """Show the newest memories, everybody's or one viewer's."""
    with offline.looking(_place(character, home, store)) as db:
        found = overview.memories(db, offline.named(db, viewer) if viewer else "", limit)
    if json:
        _print_json(found)
        return
    table = Table("when", "whose", "memory", "importance", "said")
    for memory in found:
        whose = f"{memory.subject} ({memory.viewer_id})" if memory.viewer_id else memory.scope
        _row(table, _when(memory.created), whose, memory.text, f"{memory.importance:.1f}", f"{memory.proof_count}x")
    _print(table, found, "Nothing is remembered of that yet.")


@app.command()
def timeline(
    character: Character = "",
    home: Home = None,
    store: Store = None,
    viewer: Viewer = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """Show what happened last, in order: messages, and what she was heard to say."""
    with offline.looking(_place(character, home, store)) as db:
        found = overview.timeline(db, offline.named(db, viewer) if viewer else "", limit)
    _events(found, as_json=json)


@app.command()
def search(  # noqa: PLR0913, PLR0917 - an option each
    text: Annotated[str, typer.Argument(help="A question or words.")],
    character: Character = "",
    home: Home = None,
    store: Store = None,
    viewer: Viewer = "",
    limit: Limit = 10,
    json: Json = False,
) -> None:
    """Find memories by meaning and by words, and the events that hold the words."""
    path = _place(character, home, store)
    with offline.looking(path) as db:
        viewer_id = offline.named(db, viewer) if viewer else ""
        said = overview.saying(db, text, viewer_id, limit)
    found = asyncio.run(_search(path, text, viewer_id, limit, data_home.find(home)))
    if json:
        _print_json({"memories": found, "events": said})
        return
    table = Table("score", "when", "whose", "memory", "because of")
    for memory in found:
        why = " ".join(f"{name} {value:.2f}" for name, value in memory.parts.items())
        _row(table, f"{memory.score:.1f}", _when(memory.at_ms), memory.viewer_id or "lore", memory.text, why)
    _print(table, found, "No memory fits.")
    if said:
        _events(said, as_json=False)


async def _search(path: Path, text: str, viewer_id: str, limit: int, home: Path) -> tuple[Recollection, ...]:
    embedder = await embedder_named(settings.load(home).memory.embedder)
    return await offline.search(path, text, viewer_id, limit, embedder)


@app.command()
def viewers(character: Character = "", home: Home = None, store: Store = None, json: Json = False) -> None:
    """List the viewers she has met, the last seen first."""
    with offline.looking(_place(character, home, store)) as db:
        found = overview.viewers(db)
    if json:
        _print_json(found)
        return
    table = Table("viewer", "names", "messages", "memories", "first seen", "last seen")
    for viewer in found:
        seen = _when(viewer.first_ms), _when(viewer.last_ms)
        _row(table, viewer.viewer_id, ", ".join(viewer.names), str(viewer.events), str(viewer.memories), *seen)
    _print(table, found, "She has met nobody yet.")


@app.command()
def stats(character: Character = "", home: Home = None, store: Store = None, json: Json = False) -> None:
    """Show the memory in figures."""
    with offline.looking(_place(character, home, store)) as db:
        found = overview.stats(db)
    if json:
        _print_json(found)
        return
    table = Table("what", "how many")
    for name, value in msgspec.structs.asdict(found).items():
        shown = ", ".join(f"{key} {number}" for key, number in value.items()) if isinstance(value, dict) else str(value)
        _row(table, name, _when(value) if name.endswith("_ms") else shown)
    Console().print(table)


@app.command()
def forget(
    viewer: Annotated[str, typer.Argument(help="An id such as twitch:12345, or a name that only one viewer bears.")],
    character: Character = "", home: Home = None, store: Store = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Forget a viewer for good: messages, memories, vectors and what she said to them; then prove it."""
    path = _place(character, home, store)
    with offline.looking(path) as db:
        viewer_id = offline.named(db, viewer)
    if not yes:
        typer.confirm(f"Forget everything about {viewer_id} in {path}? This cannot be undone.", abort=True, err=True)
    receipt = offline.forget(path, _index(path), viewer_id)
    if json:
        _print_json(receipt)
    else:
        rows = ", ".join(f"{name} {number}" for name, number in receipt.rows.items())
        _say(f"{viewer_id} is forgotten: {rows}.")
        _say("Looked through the files byte by byte: nothing is left." if receipt.verified else _LEFT)
    if not receipt.verified:
        raise typer.Exit(1)


_LEFT = "Some words are still in the files: another program may have them open. Close it and forget once more."


def _place(character: str, home: Path | None, store: Path | None) -> Path:
    if store is not None:
        return store
    if character:
        return database.store_path(data_home.find(home), character)
    folder = database.store_path(data_home.find(home), "x").parent
    found = sorted(folder.glob("*.sqlite"))
    if len(found) == 1:
        return found[0]
    if found:
        raise UserMistake(f"Whose memory? Name one with --character: {', '.join(path.stem for path in found)}.")
    raise NotFound(f"There is no memory yet in {folder}. It is made by the first show; --home says where to look.")


def _index(store: Path) -> Path:
    return store.parent / "vectors" / store.stem


def _events(found: list[overview.Happened], *, as_json: bool) -> None:
    if as_json:
        _print_json(found)
        return
    table = Table("when", "what", "who", "text")
    for event in found:
        who = f"to {event.name}" if event.kind == "performed" and event.name else event.name
        _row(table, _when(event.ts_ms), event.kind, who, event.text)
    _print(table, found, "Nothing has happened yet.")


def _print_json(value: Any) -> None:
    print(msgspec.json.format(msgspec.json.encode(value)).decode())


def _print(table: Table, rows: Any, otherwise: str) -> None:
    if rows:
        Console().print(table)
    else:
        _say(otherwise)


def _say(sentence: str) -> None:
    Console(highlight=False).print(Text(sentence))


def _row(table: Table, *cells: str) -> None:
    table.add_row(*(Text(cell) for cell in cells))  # a viewer's words are text, never markup


def _when(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S") if at_ms else ""
