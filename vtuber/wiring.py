"""The only place that names concrete classes: from what a person chose to a show that can be played."""

import asyncio
import importlib.util
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from vtuber import home, persona, report
from vtuber.adapters.chat.replay import Replay, first_stamp_ms
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.adapters.memory.chroma import ChromaMemory
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.adapters.memory.volatile import VolatileVectors
from vtuber.adapters.model.embedded import embedded_pair
from vtuber.adapters.model.recorded import from_journal
from vtuber.adapters.model.scripted import Scripted
from vtuber.adapters.model.weights import find_weights
from vtuber.adapters.speech.chain import VoiceChain
from vtuber.adapters.speech.openjtalk_voice import OpenJTalkVoice
from vtuber.adapters.speech.pyttsx3_voice import Pyttsx3Voice
from vtuber.adapters.speech.silent import SilentVoice
from vtuber.adapters.stage.files import FilesOutput
from vtuber.adapters.stage.sound_card import SoundCard
from vtuber.adapters.stage.terminal import Terminal
from vtuber.clock import Clock, run_virtual
from vtuber.core.guard import Guard
from vtuber.core.routing import Difficulty, decode
from vtuber.errors import StageOutputError, UserMistake
from vtuber.events import Event
from vtuber.journal import Journal
from vtuber.journal import read as read_journal
from vtuber.ports import Embedder, LanguageModel, SpeechEngine, StageOutput, VectorMemory, VoiceStyle
from vtuber.settings import Settings
from vtuber.show import Parts, Show

ModelChoice: TypeAlias = Literal["embedded", "scripted", "recorded"]
