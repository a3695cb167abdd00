"""The real services and the real store, on a clock moved by hand and platforms that misbehave by a seed."""
