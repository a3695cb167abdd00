"""The account matrix, and what opens its channels: connecting, secrets at rest, and their renewal."""
