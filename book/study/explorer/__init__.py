"""The explorer in a page: what it takes."""
