"""The rules of this house that no linter knows: `python -m tests.house_rules`."""
