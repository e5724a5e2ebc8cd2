"""Chapter 09: outside the square."""
