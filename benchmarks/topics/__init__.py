"""One module per topic; each has `CASES`, a tuple of cases."""
