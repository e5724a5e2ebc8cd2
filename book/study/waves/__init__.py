"""Chapter 03: the four waves, and the solver that makes them again."""
