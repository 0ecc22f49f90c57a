"""The command line: one plain function per command."""

from vtuber.cli.app import app

__all__ = ["app"]
