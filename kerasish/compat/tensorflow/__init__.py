"""What `tensorflow` means where TensorFlow is not installed: a table from its names to the operations that are here."""
