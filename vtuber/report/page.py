"""The page itself: headline, figures, pictures, turns, and what was not answered."""

from collections import Counter
from collections.abc import Iterator

from vtuber.core.story import Story
from vtuber.core.summary import summarise
from vtuber.core.wording import one_line
from vtuber.report.cards import turn_card, unanswered
from vtuber.report.charts import (
    STAGES,
    difficulty_strip,
    drop_bars,
    latency_bars,
    latency_table,
    memory_arcs,
    route_counts,
)
from vtuber.report.markup import Markup, both, foreign, join, tag, void
from vtuber.report.style import STYLE
from vtuber.report.timeline import timeline
from vtuber.report.words import clock, seconds

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LONG_MS = 600_000


def page(story: Story, title: str = "", *, thoughts: bool = False) -> str:
    """Give the whole HTML page of a story, with what the models thought if `thoughts`."""
    name = (story.opened.character if story.opened else "") or title or "A show"
    head = tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="referrer", content="no-referrer"),
        tag("title", one_line(f"{name} · {title}" if title not in {"", name} else name, 120)),
        tag("style", Markup(STYLE)),
    )
    body = tag(
        "body",
        _header(story, name, title),
        tag("main", *_sections(story, thoughts=thoughts)),
        _footer(story, thoughts=thoughts),
    )
    return Markup("<!doctype html>\n") + tag("html", head, body, lang="en") + "\n"


def _header(story: Story, name: str, title: str) -> Markup:
    told = summarise(story)
    length = clock(story.ended_ms - story.began_ms)
    run = f" · {one_line(title, 80)}" if title not in {"", name} else ""
    return tag(
        "header",
        tag("h1", foreign(name, 120)),
        tag("p", both(f"A show of {length}{run}", "配信レポート"), class_="quiet", style="margin:0"),
        tag("p", *_lead(story), class_="lead"),
        tag("div", *_figures(told, story), class_="figures"),
    )


def _lead(story: Story) -> Iterator[Markup]:
    chats = [one for one in story.messages if one.heard.__struct_config__.tag == "chat"]
    answered = sum(one.fate == "answered" for one in chats)
    viewers = len({one.heard.viewer_id for one in chats if one.heard.viewer_id})
    asked = sum(turn.question is not None for turn in story.turns)
    back = sum(turn.delivered for turn in story.turns)
    english = [f"{_count(viewers, 'viewer')} wrote {_count(len(chats), 'message')}; {answered} of them were answered."]
    japanese = [f"{viewers}人から{len(chats)}件、うち{answered}件に返事をしました。"]
    if asked:
        english.append(f"{_count(asked, 'question')} went to the slow model and {back} came back as an answer.")
        japanese.append(f"{asked}件をじっくり考え、{back}件に答えました。")
    if not story.closed:
        english.append("The journal has no end: the show was broken off.")
        japanese.append("記録に終わりがなく、配信は途中で切れています。")
    yield join(" ".join(english), void("br"))
    yield tag("span", "".join(japanese), lang="ja", class_="ja")


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _figures(told: dict[str, object], story: Story) -> Iterator[Markup]:
    audio = told["first_audio_ms"]
    p50, p95 = (audio["p50"], audio["p95"]) if isinstance(audio, dict) else (None, None)
    for figure, english, japanese in (
        (told["answered"], "messages answered", "返事したコメント"),
        (told["generated"], "replies by a model", "モデルの返事"),
        (f"{told['delivered']}/{told['escalated']}", "hard questions delivered", "熟考の答え"),
        (told["recalled"], "turns with memories", "記憶を使った番"),
        (seconds(p50), f"to the first sound, median; 95 % within {seconds(p95)}", "最初の音まで"),
        (_spoken(story), "spoken", "話した時間"),
        (told["thought_chars_spoken"], "characters of thought heard", "漏れた思考の文字"),
    ):
        yield tag("div", tag("b", figure), tag("span", both(english, japanese)))


def _spoken(story: Story) -> str:
    total = sum(one.duration_ms for turn in story.turns for one in turn.performed)
    return seconds(total) if total < _LONG_MS else clock(total)


def _sections(story: Story, *, thoughts: bool) -> Iterator[Markup]:
    yield _heading(
        "The show", "配信の流れ", "Every message as it came, every turn from being chosen to its first sound."
    )
    yield _timeline_key()
    yield timeline(story)
    if any(turn.turn.asked and turn.first_audio_ms is not None for turn in story.turns):
        yield _heading("How long a first sound took", "最初の音まで", "Counted from the moment a message was chosen.")
        yield _key(*((_swatch(colour), f"until the {name}") for name, _, colour in STAGES))
        yield tag("div", latency_bars(story.turns), latency_table(story.turns), class_="two")
    if any(turn.routed for turn in story.turns):
        yield _heading(
            "Which way the turns went", "経路", "Difficulty from 0 to 1, read from the message's words alone."
        )
        yield route_counts(story.turns)
        yield difficulty_strip(story.turns)
    if any(turn.recalled for turn in story.turns):
        yield _heading("Memories used", "使った記憶", "From when something was said to the turn that it helped.")
        yield memory_arcs(story)
    yield _heading(
        "Turn by turn",
        "ひと番ずつ",
        "What she answered, why, and what was really heard. Times are when a clause began.",
    )
    yield from (turn_card(turn, story, thoughts=thoughts) for turn in story.turns)
    drops = Counter(one.reason for one in story.messages if one.fate == "dropped")
    if drops:
        yield _heading(
            "Not answered", "返事しなかったもの", "Everything that came in and got no turn, with the reason."
        )
        yield drop_bars(sorted(drops.items(), key=lambda pair: (-pair[1], pair[0])))
        yield tag("div", unanswered(story), style="margin-top:22px")
    if story.failures:
        yield _heading("Trouble", "故障", "What failed while the show went on.")
        rows = (
            tag("tr", tag("td", clock(one.at_ms - story.began_ms)), tag("td", foreign(one.stage, 60), class_="words"),
                tag("td", foreign(one.error, 80), class_="words"), tag("td", "degraded" if one.degraded else ""))
            for one in story.failures
        )  # fmt: skip
        yield tag("table", *rows)


def _heading(english: str, japanese: str, below: str) -> Markup:
    return join(tag("h2", both(english, japanese)), tag("p", below))


def _timeline_key() -> Markup:
    def shape(*inside: Markup) -> Markup:
        return tag("svg", *inside, viewBox="0 0 14 12")

    mute = {"fill": "var(--mute)", "stroke": "var(--mute)"}
    return _key(
        (shape(void("circle", cx=7, cy=6, r=4, **mute)), "answered"),
        (shape(void("circle", cx=7, cy=6, r=4, fill="none", stroke="var(--mute)")), "not answered"),
        (shape(void("path", d="M7 1l5 5l-5 5l-5 -5z", **mute)), "with money"),
        (shape(void("path", d="M7 2l5 8h-10z", **mute)), "raid, subscription"),
        (_swatch("var(--twitch)"), "Twitch"),
        (_swatch("var(--youtube)"), "YouTube"),
        (_swatch("var(--fast)"), "fast model"),
        (_swatch("var(--deep)"), "slow model"),
        (_swatch("var(--own)"), "her own lines"),
        (_swatch("var(--ponder)"), "pondering"),
    )


def _swatch(colour: str) -> Markup:
    return tag("svg", void("rect", x=1, y=2, width=12, height=8, rx=2, fill=colour), viewBox="0 0 14 12")


def _key(*entries: tuple[Markup, str]) -> Markup:
    return tag("ul", *(tag("li", drawn, name) for drawn, name in entries), class_="key")


def _footer(story: Story, *, thoughts: bool) -> Markup:
    opened = story.opened
    lines = []
    if opened:
        lines.append(f"Models: {_listed(opened.models)}. Voices: {_listed(opened.voices)}. Seed {opened.seed}.")
        lines.append(f"vtuber {opened.version}" if opened.version else "vtuber")
    lines.append(
        f"Also in the journal: {_count(story.retractions, 'retraction')}, {_count(story.system, 'system message')}, "
        f"{_count(len(story.interrupts), 'interrupt')}, {_count(story.skipped, 'skipped line')}. "
        "Everything on this page is computed from the journal; "
        f"{'what the models thought is shown: keep it off the stream' if thoughts else 'thoughts are left out'}."
    )
    return tag("footer", tag("div", *(tag("p", foreign(line, 600)) for line in lines)))


def _listed(names: dict[str, str]) -> str:
    return ", ".join(f"{what} {name}" for what, name in names.items()) or "none"
