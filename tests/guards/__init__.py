"""The guards of the real code, each taken out by itself: a test of what users rely on has to notice."""
