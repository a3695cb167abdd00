"""What the books say about reach: reports, goals, insight, and their way to readers."""
