"""The runtime behind an AI VTuber: hears live chat, thinks, remembers, speaks."""

__version__ = "0.1.0"
