"""How fast, how late and how heavy Postroad is, each figure beside its comparison in the same run."""
