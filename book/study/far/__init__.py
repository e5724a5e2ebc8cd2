"""Chapter 07: far steps along hypermodes."""
