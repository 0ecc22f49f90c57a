"""Every turn as a card, and the messages that were not answered, each with its reason."""

from collections.abc import Iterator, Sequence

from vtuber.core.story import MessageStory, Story, TurnStory
from vtuber.events import Chat, Notice, Performed
from vtuber.report.charts import short
from vtuber.report.markup import Markup, both, foreign, join, passage, tag, void
from vtuber.report.timeline import platform, pondered_until
from vtuber.report.why import why
from vtuber.report.words import PURPOSES, clock, reason, seconds

_LISTED = 400  # messages of one reason that are listed in full


def turn_card(turn: TurnStory, story: Story, *, thoughts: bool = False) -> Markup:
    """Tell one turn: who wrote what, why she chose it, which way it went, what she remembered and what she said.

    With `thoughts` also what the models thought.
    """
    at, number = clock(turn.turn.at_ms - story.began_ms), short(turn.turn.id)
    when = tag("div", tag("b", number), at, void("br"), both(*PURPOSES[turn.turn.purpose]), class_="when")
    inside = join(*_asked(turn), *_replies(turn, story), tag("dl", *why(turn, story, thoughts=thoughts), class_="why"))
    return tag("article", when, tag("div", inside), class_="turn", id=f"t{turn.turn.id}")


def unanswered(story: Story) -> Markup:
    """List what was not answered, folded by reason, the most frequent first."""
    groups: dict[str, list[MessageStory]] = {}
    for one in story.messages:
        if one.fate == "dropped":
            groups.setdefault(one.reason, []).append(one)
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return join(*(_group(name, ones, story) for name, ones in ordered))


def _group(name: str, ones: Sequence[MessageStory], story: Story) -> Markup:
    lines = [_heard(one, story) for one in ones[:_LISTED]]
    more = tag("li", tag("span"), f"… and {len(ones) - _LISTED} more") if len(ones) > _LISTED else None
    return tag(
        "details", tag("summary", tag("b", len(ones)), both(*reason(name))), tag("ul", *lines, more, class_="heard")
    )


def _heard(one: MessageStory, story: Story) -> Markup:
    heard = one.heard
    words = tag("i", "(deleted)", class_="quiet") if one.deleted else foreign(heard.text, 300)
    return tag(
        "li",
        tag("span", clock(heard.at_ms - story.began_ms), class_="t"),
        tag("span", _dot(heard), foreign(heard.name, 40), _badges(heard), "  ", tag("span", words, class_="quiet")),
    )


def _asked(turn: TurnStory) -> Iterator[Markup]:
    heard: tuple[Chat | Notice, ...] = turn.turn.chats or ((turn.turn.notice,) if turn.turn.notice else ())
    lines = []
    for one in heard:
        words = tag("i", "(deleted)", class_="quiet") if one.id in turn.deleted else foreign(one.text)
        lines.append(tag("p", _dot(one), tag("b", foreign(one.name, 40)), _badges(one), "  ", words))
    if lines:
        yield tag("div", *lines, class_="asked")


def _badges(heard: Chat | Notice) -> Markup:
    badges: list[str] = [*heard.roles]
    if heard.money:
        badges.append(f"{heard.money.amount} {heard.money.currency}")
    if isinstance(heard, Notice):
        badges.append(f"{heard.notice} {heard.count or ''}".strip())
    elif heard.first_time:
        badges.append("first message")
    return join(*(tag("span", foreign(badge, 40), class_="badge") for badge in badges))


def _dot(heard: Chat | Notice) -> Markup:
    return tag("span", class_=f"dot {platform(heard.platform)}", title=heard.platform)


def _replies(turn: TurnStory, story: Story) -> Iterator[Markup]:
    hard = turn.question is not None
    if turn.at_once:
        if hard:
            yield tag("p", both("said at once, so that nobody waits", "待たせないためのひとこと"), class_="label")
        yield _said(turn.at_once, story)
    elif not turn.delivery:
        why = turn.dropped[0].reason if turn.dropped else "show_ended"
        yield tag("p", f"Nothing was heard: {reason(why)[0]}.", class_="silent")
    if turn.question is not None:
        yield from _delivery(turn, turn.question.at_ms, story)
    if turn.detail:
        folded = tag("summary", both("the whole answer, as it was shown", "画面に出した全文"))
        yield tag("details", folded, passage(turn.detail), class_="written")


def _delivery(turn: TurnStory, asked_ms: int, story: Story) -> Iterator[Markup]:
    if turn.delivered_ms is None:
        why = next((one.reason for one in turn.dropped if one.item == "question"), "show_ended")
        yield tag("p", f"The answer never came: {reason(why)[0]}.", class_="silent")
        return
    begins, ends = turn.turn.at_ms, turn.turn.at_ms + turn.delivered_ms
    others = sum(
        any(begins < one.started_ms < ends for one in other.at_once) for other in story.turns if other is not turn
    )
    took, pondered = seconds(turn.delivered_ms), seconds(pondered_until(turn) - asked_ms)
    english = f"{'delivered' if turn.delivered else 'owned up'} after {took}, of which {pondered} pondering"
    between = f"{others} other turn{'' if others == 1 else 's'} meanwhile"
    yield tag("p", both(f"{english}; {between}", f"{took}後、その間に{others}番"), class_="label")
    yield _said(turn.delivery, story)


def _said(performed: Sequence[Performed], story: Story) -> Markup:
    parts: list[Markup] = []
    for one in performed:
        words = tag("span", foreign(one.text), class_=None if one.whole else "cut", lang=one.language)
        at = f"{clock(one.started_ms - story.began_ms)} · {seconds(one.duration_ms)}{'' if one.whole else ' cut off'}"
        parts.append(join(words, tag("sup", at, title=f"{one.voice} · {one.expression}")))
    sources = {one.source for one in performed}
    source = "deep" if "deep" in sources else "fast" if "fast" in sources else ""
    return tag("p", *parts, class_=f"said {source}".strip())
