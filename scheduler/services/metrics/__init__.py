"""Counters read back from the platforms or entered by hand: when, how many, at what cost, and kept."""
