"""Where chat comes from."""
