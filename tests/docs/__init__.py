"""The documentation is true: generated pages are fresh, links lead somewhere, commands exist."""
