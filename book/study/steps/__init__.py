"""Chapter 06: small steps along hypermodes."""
