"""The report as a page, on paper, and as the letter that brings it."""
