"""The machinery of every layer: building, calling, masks, weights, configs and the bases that families share."""
