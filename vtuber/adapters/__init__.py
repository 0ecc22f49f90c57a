"""The foreign things, a folder per port, a file per thing."""
