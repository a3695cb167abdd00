"""The `postroad` command: one module a noun, nothing decided here."""
