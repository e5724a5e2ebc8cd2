"""All claims on one page, the paper's slips, every record, and the book run again."""
