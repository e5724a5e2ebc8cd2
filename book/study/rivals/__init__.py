"""Rivals: what a user would pick instead of an LRNR, on the same waves."""
