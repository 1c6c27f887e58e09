"""A reader of HDF5 files from strangers, with a limit on all that a file can ask for."""
