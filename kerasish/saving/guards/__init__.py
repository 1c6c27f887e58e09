"""What a hostile file meets: bounded reading of HDF5, JSON, zip archives and paths, and no switch that turns it off."""
