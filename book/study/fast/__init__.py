"""Chapter 08: fast evaluation, FastLRNR."""
