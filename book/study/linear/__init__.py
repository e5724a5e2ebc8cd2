"""The opening chapter: why waves defeat linear spaces."""
