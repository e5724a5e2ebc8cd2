"""The chapter on your own waves: a run of PyClaw in a file, and what the page shows of it."""
