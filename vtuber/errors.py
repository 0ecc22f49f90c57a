"""Everything that can go wrong, as one tree.

VtuberError
├── UserMistake            the person can mend it; the message says how
│   ├── BadSetting         a settings or persona file with a wrong or unknown key
│   ├── BadLog             a chat log that cannot be read at all
│   └── NotFound           a file, character or run that is not there
├── ModelError             a language model did not answer as it should
│   ├── ModelUnavailable   (transient) not reachable, loading or busy
│   ├── ModelTimeout       (transient) first token, a stall, or the whole took too long
│   └── ModelRefused       the request itself is wrong for this model
├── SpeechError            a voice made no sound
│   └── SpeechTimeout      (transient) it hung and was replaced
├── StageOutputError       a subtitle, file or sound card did not take a cue
├── MemoryStoreError       the event or vector memory failed
│   └── StoreBusy          (transient) locked by another process
├── ToolError              a tool gave nothing
│   ├── ToolRefused        its arguments or the tool itself are not as agreed
│   └── ToolTimeout        (transient) it took too long
├── EmbedderError          texts could not be turned into vectors
└── ChatSourceError        a chat source broke
    └── ChatSourceLost     (transient) the connection went; it will be tried again

`transient` is data on the class: whether the same call may succeed later.
An error's text is for the operator's terminal: it is never spoken nor shown on stage.
"""

from typing import ClassVar


class VtuberError(Exception):
    """The root: what happened, what it means for the stream and what to do, in one or two sentences."""

    transient: ClassVar[bool] = False


class UserMistake(VtuberError):
    """Something the person who started the program can mend."""


class BadSetting(UserMistake):
    """A settings or persona file holds a wrong or unknown key."""


class BadLog(UserMistake):
    """A chat log cannot be read at all."""


class NotFound(UserMistake):
    """A file, character or run is not there."""


class ModelError(VtuberError):
    """A language model did not answer as it should."""


class ModelUnavailable(ModelError):
    """The model is not reachable, still loading, or busy."""

    transient = True


class ModelTimeout(ModelError):
    """The first token, the next token or the whole answer took too long."""

    transient = True


class ModelRefused(ModelError):
    """The request is wrong for this model; the same request will fail again."""


class SpeechError(VtuberError):
    """A voice made no sound."""


class SpeechTimeout(SpeechError):
    """A voice hung and was replaced."""

    transient = True


class StageOutputError(VtuberError):
    """A subtitle, a file or a sound card did not take a cue."""


class MemoryStoreError(VtuberError):
    """The event memory or the vector memory failed."""


class StoreBusy(MemoryStoreError):
    """Another process holds the store."""

    transient = True


class ToolError(VtuberError):
    """A tool gave nothing."""


class ToolRefused(ToolError):
    """The arguments, or the tool itself, are not as agreed."""


class ToolTimeout(ToolError):
    """A tool took too long."""

    transient = True


class EmbedderError(VtuberError):
    """Texts could not be turned into vectors."""


class ChatSourceError(VtuberError):
    """A chat source broke."""


class ChatSourceLost(ChatSourceError):
    """The connection went away; it will be tried again."""

    transient = True
