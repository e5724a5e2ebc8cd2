"""The reproduction behind the book: a folder for each chapter, on the library `lrnrbook`.

`ledger` says what a claim and a verdict are, which models they speak of, and where records lie; `instruments` holds
what several chapters measure and draw with. Each chapter has its claims, measurements, figures and tables in a folder
of its own and imports no other chapter; `evidence` (all claims, differences, reproduction) and `sizes` (the paper's own
sizes) stand on the chapters. The notebooks beside this folder import it as `study`; ``python -m study`` makes its
records.
"""
