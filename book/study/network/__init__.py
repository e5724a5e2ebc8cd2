"""Chapter 02: the network."""
