"""The only place that names concrete classes: from what a person chose to a show that is played."""

from vtuber.wiring.character import difficulty, guard_for, read_character
from vtuber.wiring.live import LiveOptions, run, sources_of
from vtuber.wiring.replaying import Options, play, prepare_weights
from vtuber.wiring.resuming import Earlier, earlier
from vtuber.wiring.stage import say

__all__ = [
    "Earlier",
    "LiveOptions",
    "Options",
    "difficulty",
    "earlier",
    "guard_for",
    "play",
    "prepare_weights",
    "read_character",
    "run",
    "say",
    "sources_of",
]
