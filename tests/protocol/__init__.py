"""The publishing protocol, proved: a model of it explored whole, and a simulation of the real services."""
