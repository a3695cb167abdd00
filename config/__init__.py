"""Settings, read once at start from POSTROAD_* variables; values are passed down from here."""
