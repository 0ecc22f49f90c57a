"""The reasons below a turn's card: why it was chosen, which way it went, what was read, asked, used and thought."""

from collections.abc import Iterator, Mapping

from vtuber.core.story import Story, TurnStory
from vtuber.events import Generated, Question, Recollection, Routed, Used
from vtuber.report.charts import STAGES, stages
from vtuber.report.markup import Markup, both, foreign, join, passage, tag
from vtuber.report.timeline import pondered_until
from vtuber.report.words import DECIDERS, EFFORTS, REFUSALS, ROUTES, clock, reason, seconds


def why(turn: TurnStory, story: Story, *, thoughts: bool = False) -> Iterator[Markup]:
    """Give the rows of a turn, each a term and what there is to say; thoughts are counted, or shown if `thoughts`."""
    if turn.turn.parts:
        parts = (_scored(name, value) for name, value in sorted(turn.turn.parts.items(), key=lambda pair: -pair[1]))
        yield _row("chosen", "選択", tag("span", tag("b", f"{turn.turn.score:.2f}"), "  = ", *parts, class_="parts"))
    for number, routed in enumerate(turn.decisions):
        yield _row("then" if number else "route", "その後" if number else "経路", _decision(routed))
    if turn.question is not None:
        yield _row("thinking", "熟考", _pondering(turn, turn.question))
    yield from (_row("tool", "道具", _tool(used)) for used in turn.used)
    if turn.recalled:
        yield _row("recalled", "記憶", tag("ul", *(_memory(item, story) for item in turn.recalled), class_="memories"))
    yield from _of_models(turn)
    yield from _thought(turn, shown=thoughts)
    yield from _troubles(turn)


def _of_models(turn: TurnStory) -> Iterator[Markup]:
    if turn.first_audio_ms is not None:
        told = [
            f"{name} {seconds(at)}" for (name, _, _), at in zip(STAGES, stages(turn), strict=True) if at is not None
        ]
        yield _row("timing", "時間", " · ".join(told))
    yield from (_row("prompt", "プロンプト", _prompt(parts)) for parts in turn.prompts)
    yield from (_row("model", "モデル", foreign(_call(call), 200)) for call in turn.generated)


def _thought(turn: TurnStory, *, shown: bool) -> Iterator[Markup]:
    if turn.thoughts:
        counted = f"{sum(len(one.text) for one in turn.thoughts)} characters, kept to herself"
        texts = (passage(one.text) for one in turn.thoughts)
        folded = tag("details", tag("summary", counted), *texts, class_="written")
        yield _row("thought", "思考", folded if shown else counted)


def _troubles(turn: TurnStory) -> Iterator[Markup]:
    lost = [one for one in turn.dropped if one.item != "question"]
    if lost and turn.performed:
        yield _row("lost", "欠落", "; ".join(f"a {one.item} {reason(one.reason)[0]}" for one in lost[:6]))
    for failed in turn.failed:
        yield _row("trouble", "故障", foreign(f"{failed.stage}: {failed.error}", 120))


def _decision(routed: Routed) -> Markup:
    name = tag("span", both(*ROUTES[routed.route]), class_=f"route {routed.route}")
    if routed.route == "canned":
        return join(name, "  ", foreign(routed.reason, 200))
    filled = tag("span", tag("i", style=f"width:{100 * routed.difficulty:.0f}%"), class_=f"meter {routed.route}")
    by = f"by {DECIDERS[routed.by]}: "
    weighed = (tag("span", f"{what.replace('_', ' ')} {value:g}") for what, value in routed.parts.items())
    return join(name, filled, f"{routed.difficulty:.2f}  ", by, foreign(routed.reason, 200), _no(routed),
                tag("span", "  ", *weighed, class_="parts quiet"))  # fmt: skip


def _no(routed: Routed) -> Markup | None:
    """Say why a hard question was not thought about."""
    if routed.route != "hard" or routed.accepted:
        return None
    english, japanese = REFUSALS.get(routed.refused, ("the slow model was busy", "手が離せない"))
    return join("; ", both(f"{english}, so the fast one answered", japanese))


def _pondering(turn: TurnStory, question: Question) -> Markup:
    told = []
    if question.expected_ms:
        told.append(f"expected after {seconds(question.expected_ms - question.at_ms)}")
    told += [
        f"done after {seconds(pondered_until(turn) - question.at_ms)}",
        f"{seconds(question.deadline_ms - question.at_ms)} allowed",
    ]
    if question.said:
        told.append("a second thought")
    elif not question.held:
        told.append("without a word that she would")
    return join(both(*EFFORTS[question.effort]), " · ", " · ".join(told))


def _tool(used: Used) -> Markup:
    how = f"{seconds(used.took_ms)}{'' if used.ok else f', in vain: {used.reason}'}"
    result = join(" → ", foreign(used.result, 300)) if used.result else None
    sources = [join(" ", foreign(source, 200)) for source in used.sources]
    return join(tag("b", foreign(used.tool, 60)), " ", foreign(used.arguments, 200), result, *sources,
                tag("span", f"  {how}", class_="quiet"))  # fmt: skip


def _prompt(parts: Mapping[str, int]) -> Markup:
    total = tag("b", sum(parts.values()))
    pieces = (tag("span", f"{name.replace('_', ' ')} {value}") for name, value in parts.items() if value)
    return tag("span", total, " tokens, about  = ", *pieces, class_="parts")


def _call(call: Generated) -> str:
    purpose = {"tool": ", to pick a tool", "voice": ", to say it her way"}.get(call.purpose, "")
    if call.stop == "down":
        return f"{call.model} ({call.tier}{purpose}): down, so that it was not asked"
    sure = "" if call.confidence is None else f", log-probability {call.confidence:.2f}"
    stop = "" if call.stop == "stop" else f", ended by {call.stop}"
    verdict = f", asked for the {'deep model' if call.verdict == 'deep' else call.verdict}" if call.verdict else ""
    read = f"{call.tokens} tokens in {seconds(call.total_ms)}, {call.prompt_tokens} read"
    return f"{call.model} ({call.tier}{purpose}): {read}{sure}{verdict}{stop}"


def _scored(name: str, value: float) -> Markup:
    return tag("span", f"{name.replace('_', ' ')} {value:+.2f}", class_="minus" if value < 0 else None)


def _memory(item: Recollection, story: Story) -> Markup:
    age = f"at {clock(item.at_ms - story.began_ms)}" if item.at_ms >= story.began_ms else "from before"
    parts = ", ".join(f"{name} {value:.2f}" for name, value in item.parts.items())
    score = tag("span", f"  {item.score:.2f} · {age}", class_="quiet", title=parts or None)
    return tag("li", foreign(item.text, 240), score)


def _row(english: str, japanese: str, value: object) -> Markup:
    return join(tag("dt", both(english, japanese)), tag("dd", value))
