"""Where the show is seen and heard."""
