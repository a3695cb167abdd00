"""Figures in the reader's words and digits, the same in every rendering."""
