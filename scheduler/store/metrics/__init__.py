"""Readings as they come in, and what is derived from them at once: standings, days, weeks."""
