"""The operator's hand on this machine."""
