"""Chapter 04: training."""
