"""Measurements: each prints figures of one run, as ratios, so that they can be compared on any machine."""
