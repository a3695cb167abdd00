"""What each platform counts, as dated data with sources: one module a platform, connected yet or not."""
