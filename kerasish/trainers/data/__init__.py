"""Any kind of data as batches."""
