"""Which message deserves a turn: what is never answered, how the rest is scored, and the choice."""

import re
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Sequence

import msgspec

from vtuber.events import Chat, Notice

_URL = re.compile(r"https?://|www\.")
_QUESTION = re.compile(
    r"[?？]|^(?:who|what|why|when|where|which|how|do you|did you|are you|is it|can you|could you|would you)\b"
    r"|(?:ですか|ますか|かな[？?]?$|何|なに|なぜ|どう(?![もぞせ])|どこ|いつ(?!も)|誰|だれ|教えて)",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(?:hi|hey|hello|yo|good (?:morning|evening)|こん(?:にち|ばん)|おは|初見|はじめまして|ただいま)", re.IGNORECASE
)
_NOISE = re.compile(r"^(?:[wｗ草笑]+|l+o+l+|lmao+|x+d+|h?a?(?:ha)+|8+|888+|gg+|f|[!！?？.。…~〜♪♡\s]+)$", re.IGNORECASE)
_UNFINISHED = re.compile(
    r"(?:\.\.+|…|、|,|-|けど|から|って|ので|のに|たら|なら|は|が|を|\b(?:and|but|because|so|if|when|the|a|of|to|with|that|is|why|how))\s*$",
    re.IGNORECASE,
)
_AT = re.compile(r"@(\S+)")
_EMOTE = re.compile(r":[\w+-]+:")
_LETTER = re.compile(r"\w")
_NO_LETTER = re.compile(r"\W+")
_RUN = re.compile(r"(.)\1{2,}")

COPIES = 3  # as many equal messages within the window are a copy-paste flood
WINDOW_MS = 30_000
_KNOWN = 20_000  # ids and messages kept at most, for telling what came before
_MERGED = 4  # messages at most: more is a flood, not a sentence in pieces
HOLD_MS = 3_000  # how long a message that looks unfinished waits for its other half
LEAST = 0.15  # a message that scores less is never answered
ANSWERED_NOTICES = frozenset(
    {"raid", "sub", "resub", "submysterygift", "subgift", "member_new", "member_milestone", "gift_out", "membership"}
)


def fold(text: str) -> str:
    """Give the text as it is compared: NFKC, lower case, runs squeezed, white space and marks taken out."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _RUN.sub(r"\1\1", _NO_LETTER.sub("", plain))


def is_question(text: str) -> bool:
    """Whether a message asks something."""
    return bool(_QUESTION.search(text.strip()))


def only_greets(text: str) -> bool:
    """Whether a message is a greeting and nothing more."""
    return bool(_GREETING.search(text.strip())) and len(fold(text)) <= 12 and not re.search("[?？]", text)  # noqa: PLR2004


class Gate:
    """What is never answered: bots, commands, spam. A fold over everything heard, with a bounded window."""

    def __init__(
        self,
        *,
        bots: Sequence[str],
        own_names: Sequence[str],
        own_accounts: Sequence[str] = (),
        banned: Iterable[str] = (),
        heard: Iterable[str] = (),
    ) -> None:
        """`own_names` are hers: the channel's owner may bear one. `heard` are ids of what came before a restart."""
        self._bots = frozenset(fold(bot) for bot in bots)
        self._own = frozenset(fold(name) for name in own_names)
        self._accounts = frozenset(fold(name) for name in own_accounts)
        self._banned = set(banned)
        self._recent = _Window()
        self._notices: deque[tuple[int, str, str]] = deque(maxlen=100)
        self._ids: dict[str, None] = dict.fromkeys(heard)  # in the order in which they came

    def ban(self, viewer_id: str) -> None:
        """Answer this viewer no more."""
        self._banned.add(viewer_id)

    def reason(self, heard: Chat | Notice) -> str:
        """Say why this will not be answered, or "" if it may be. Call it once for each message, in order."""
        if heard.id in self._ids:
            return "heard_already"
        self._ids[heard.id] = None
        if len(self._ids) > _KNOWN:
            del self._ids[next(iter(self._ids))]
        if heard.viewer_id in self._banned:
            return "banned"
        return self._notice(heard) if isinstance(heard, Notice) else self._chat(heard)

    def flooded(self, chat: Chat, now: int) -> bool:
        """Whether the text has meanwhile been copied so often that it is a flood."""
        return chat.money is None and self._recent.copies(fold(chat.text), now) >= COPIES

    def _notice(self, notice: Notice) -> str:
        if notice.backlog:
            return "backlog"
        if notice.notice not in ANSWERED_NOTICES:
            return "no_reply_needed"
        key = (notice.viewer_id, notice.notice)
        again = any((viewer, what) == key and notice.at_ms - at < WINDOW_MS for at, viewer, what in self._notices)
        self._notices.append((notice.at_ms, *key))
        return "thanked_already" if again else ""

    def _chat(self, chat: Chat) -> str:
        text = fold(chat.text)
        copies = self._recent.copies(text, chat.at_ms)
        mine = self._recent.said(chat.viewer_id, text)
        self._recent.add(chat.at_ms, chat.viewer_id, text)
        name = fold(chat.name)
        rules: tuple[tuple[str, bool], ...] = (
            ("backlog", chat.backlog),
            ("bot", "bot" in chat.roles or name in self._bots),
            ("own_account", (name in self._own and "owner" in chat.roles) or name in self._accounts),
            ("shared_chat", bool(chat.shared_from)),
            ("command", chat.text.lstrip().startswith(("!", "！")) and len(chat.text.strip()) > 1),
        )
        free = (
            ("emotes", bool(chat.text or chat.emotes) and not (text and _LETTER.search(_EMOTE.sub("", chat.text)))),
            ("empty", not text),
            ("duplicate", mine),
            ("copypasta", copies >= COPIES - 1 and len(text) > 1),
        )
        return next((why for why, holds in (rules if chat.money else rules + free) if holds), "")


class _Window:
    """Who said what in the last WINDOW_MS, at most _KNOWN messages of it, counted as they come and go."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, str, str]] = deque()  # at_ms, viewer, folded text
        self._texts: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()

    def add(self, at_ms: int, viewer: str, text: str) -> None:
        self._lines.append((at_ms, viewer, text))
        self._texts[text] += 1
        self._pairs[viewer, text] += 1
        if len(self._lines) > _KNOWN:
            self._forget_oldest()

    def copies(self, text: str, now: int) -> int:
        while self._lines and now - self._lines[0][0] >= WINDOW_MS:
            self._forget_oldest()
        return self._texts[text]

    def said(self, viewer: str, text: str) -> bool:
        return (viewer, text) in self._pairs

    def _forget_oldest(self) -> None:
        _, viewer, text = self._lines.popleft()
        self._texts[text] -= 1
        self._pairs[viewer, text] -= 1
        if not self._texts[text]:
            del self._texts[text]
        if not self._pairs[viewer, text]:
            del self._pairs[viewer, text]


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """What the choice depends on besides the messages."""

    her_names: tuple[str, ...]
    answered: tuple[str, ...] = ()  # viewer ids of the last turns, newest last
    said: str = ""  # what she said last, folded
    paid_last: bool = False  # the last turn was for money: the next free one goes before more money
    merge_ms: int = 8_000  # a viewer's next message before this time is over continues the last one


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One viewer's messages, oldest first, that make the next turn."""

    chats: tuple[Chat, ...] = ()
    notice: Notice | None = None
    score: float
    parts: dict[str, float]

    @property
    def heard(self) -> tuple[Chat | Notice, ...]:
        """What was chosen, as it lies on the road."""
        return self.chats or ((self.notice,) if self.notice else ())


def score(heard: Chat | Notice, now: int, audience: Audience, max_age_ms: int) -> dict[str, float]:
    """Give what speaks for and against a message, by name; the score is the sum."""
    age = max(0, now - heard.at_ms)
    parts = {"freshness": -0.5 * min(1.0, age / max_age_ms)}
    if isinstance(heard, Notice):
        return parts | {"notice": 2.5}
    text = heard.text
    named = any(fold(name) in fold(text) for name in audience.her_names if name)
    parts["base"] = 0.5
    if heard.money:
        parts["money"] = 1.0 if audience.paid_last else 3.0
    if named:
        parts["named"] = 1.0
    if _QUESTION.search(text):
        parts["question"] = 0.8
    if _GREETING.search(text.strip()):
        parts["greeting"] = 0.3
    if heard.first_time:
        parts["first_time"] = 0.6
    parts |= _relation(heard, audience, named=named) | _form(text)
    return {name: round(value, 3) for name, value in parts.items() if value}


def _relation(chat: Chat, audience: Audience, *, named: bool) -> dict[str, float]:
    others = [
        name for name in _AT.findall(chat.text) if not any(fold(her) in fold(name) for her in audience.her_names if her)
    ]
    turns = Counter(audience.answered)
    return {
        "to_another": -1.5 if not named and (others or (chat.reply_to_viewer and chat.reply_to)) else 0.0,
        "waiting": 0.3 if chat.viewer_id not in turns else 0.0,
        "had_turns": -0.35 * min(3, turns[chat.viewer_id]),
        "role": 0.2 if {"owner", "moderator"} & set(chat.roles) else 0.06 if "member" in chat.roles else 0.0,
    }


def _form(text: str) -> dict[str, float]:
    stripped = _EMOTE.sub("", text).strip()
    return {
        "noise": -1.0 if _NOISE.match(stripped) else 0.0,
        "short": -0.3 if len(fold(stripped)) < 3 else 0.0,  # noqa: PLR2004 - two letters say little
        "long": -0.2 if len(text) > 180 else 0.0,  # noqa: PLR2004 - nobody can follow it on a stream
        "link": -0.4 if _URL.search(text) else 0.0,
    }


def choose(
    waiting: Sequence[Chat | Notice], now: int, audience: Audience, max_age_ms: int
) -> tuple[Choice | None, int]:
    """Choose the next turn among the waiting messages.

    Gives the choice and 0, or None and the time in ms at which a message becomes ripe (0 for none in sight).
    A message that looks unfinished ripens later, so that its other half can join it.
    """
    if len({heard.viewer_id for heard in waiting}) == 1:  # fairness is between viewers
        audience = msgspec.structs.replace(audience, answered=())
    best: tuple[float, int, Chat | Notice, dict[str, float]] | None = None
    ripens = 0
    for index, heard in enumerate(waiting):
        parts = score(heard, now, audience, max_age_ms)
        total = sum(parts.values())
        if total < LEAST:
            continue
        ripe = ripe_at(heard, waiting, audience.merge_ms)
        if ripe > now:
            ripens = min(ripens or ripe, ripe)
        elif best is None or total > best[0]:
            best = (total, index, heard, parts)
    if best is None:
        return None, ripens
    total, _, heard, parts = best
    if isinstance(heard, Notice):
        return Choice(notice=heard, score=round(total, 3), parts=parts), 0
    return Choice(chats=merge(heard, waiting, audience.merge_ms), score=round(total, 3), parts=parts), 0


def merge(chat: Chat, waiting: Sequence[Chat | Notice], merge_ms: int) -> tuple[Chat, ...]:
    """Give the viewer's messages that belong together with this one: each soon after the last, oldest first."""
    own = [
        other for other in waiting if isinstance(other, Chat) and other.viewer_id == chat.viewer_id and chat.viewer_id
    ]
    if not own:
        return (chat,)
    here = next(index for index, other in enumerate(own) if other is chat)
    first = last = here
    while first > 0 and here - first < _MERGED and own[first].at_ms - own[first - 1].at_ms < merge_ms:
        first -= 1
    while last + 1 < len(own) and last + 1 - first < _MERGED and own[last + 1].at_ms - own[last].at_ms < merge_ms:
        last += 1
    return tuple(own[first : last + 1])


def ripe_at(heard: Chat | Notice, waiting: Sequence[Chat | Notice], merge_ms: int) -> int:
    """Give the time in ms from which a message may be answered."""
    if isinstance(heard, Notice):
        return heard.at_ms
    last = merge(heard, waiting, merge_ms)[-1]
    return last.at_ms + (min(HOLD_MS, merge_ms) if _UNFINISHED.search(last.text.strip()) else 0)


def is_free(heard: Chat | Notice) -> bool:
    """Whether it is a message without money. Money and notices do not grow old, nor give way to newer ones."""
    return isinstance(heard, Chat) and heard.money is None


def stale(heard: Chat | Notice, now: int, max_age_ms: int) -> bool:
    """Whether a free message is too old to be answered."""
    return is_free(heard) and now - heard.at_ms > max_age_ms


def give_up(waiting: Sequence[Chat | Notice], new: Chat | Notice, *, free: int, paid: int) -> Chat | Notice | None:
    """Choose what gives way to a new one; None if there is room. There is room for so many of either kind.

    Among free ones it is the oldest; what is not free waits where it is, and the new one is given up: it stays
    unanswered in memory.
    """
    if not is_free(new):
        return new if sum(not is_free(heard) for heard in waiting) >= paid else None
    others = [heard for heard in waiting if isinstance(heard, Chat) and heard.money is None]  # fast: for each message
    return (*others, new)[0] if len(others) >= free else None
