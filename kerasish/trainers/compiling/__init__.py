"""What `compile` says: the losses, the metrics and the optimizer of a model, matched with its outputs."""
