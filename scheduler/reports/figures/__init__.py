"""From facts to figures: pure, a module for each section of a report."""
