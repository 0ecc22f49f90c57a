"""Recognises a message that is a wish for a tool and nothing else, so that no model need be asked.

A false tool answer is worse than none: a rule fits the whole message or not at all, and what may as well be a score, a
date or a saying is left to the model.
"""

from typing import Final

from vtuber.core.tool_intents.chance import chance
from vtuber.core.tool_intents.clock import clock
from vtuber.core.tool_intents.forms import Intent, stripped
from vtuber.core.tool_intents.sums import sums
from vtuber.core.tool_intents.units import units

__all__ = ["Intent", "intent"]

_LONGEST: Final = 100  # characters: a longer message says more than one wish
_RULES: Final = (clock, chance, units, sums)


def intent(text: str) -> Intent | None:
    """Give the tool that a message asks for, in English or Japanese, with its arguments; None where it is more or less.

    Her name is best taken off before.
    """
    if not 0 < len(text) <= _LONGEST:
        return None
    bare, asked = stripped(text)
    return next((found for rule in _RULES if (found := rule(bare, asked=asked))), None)
