"""Networks of the paper's own sizes."""
