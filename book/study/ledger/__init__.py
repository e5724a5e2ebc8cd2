"""What a claim and its verdict are, which models they speak of, and where records lie."""
