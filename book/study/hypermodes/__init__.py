"""Chapter 05: hypermodes."""
