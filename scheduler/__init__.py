"""Postroad's desk: decisions (core), truth (store), use cases (services), reports, and the command line."""
