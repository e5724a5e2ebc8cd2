"""Chapter 04: what each ingredient of training does, and other networks."""
