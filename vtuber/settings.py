"""The house's settings as data."""

import msgspec


class Attention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom she hears."""

    road_size: int = 64
    max_age_s: float = 45.0  # an older free message is not answered any more
    idle_s: float = 40.0  # silence after which she talks by herself
    bots: tuple[str, ...] = ("nightbot", "streamelements", "streamlabs", "moobot", "fossabot", "wizebot", "sery_bot")


class Thinking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How she thinks."""

    hard_from: float = 0.5  # difficulty from which a message is offered to the deep model
    fast_tokens: int = 120
    temperature: float = 0.6
    deep_tokens: int = 400
    deep_thinking_tokens: int = 200
    deep_deadline_s: float = 90.0
    first_token_s: float = 30.0
    stall_s: float = 10.0
    turn_s: float = 60.0
    talk_tokens: int = 800  # of the talk so far in a prompt


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is not a character."""

    attention: Attention = Attention()
    thinking: Thinking = Thinking()
    seed: int = 0
