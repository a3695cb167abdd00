"""Real servers for tests: each on free loopback ports, in a scratch folder, gone without a trace."""
