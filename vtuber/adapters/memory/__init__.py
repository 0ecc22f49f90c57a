"""Where events and vectors are kept."""
