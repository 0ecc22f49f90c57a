"""Clauses to audio."""
