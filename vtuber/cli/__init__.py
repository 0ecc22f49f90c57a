"""The command line: one plain function per command."""
