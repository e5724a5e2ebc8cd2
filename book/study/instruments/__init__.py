"""What several chapters measure, draw and tabulate with."""
