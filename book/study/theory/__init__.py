"""Chapters 01 and A: how few coefficients, by construction; plane waves."""
