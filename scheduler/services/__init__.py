"""The use cases: each opens short transactions and never holds one across the network."""
