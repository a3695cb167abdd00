"""From due to live: planned, paced, staged, sent, looked for, read back, taken down."""
