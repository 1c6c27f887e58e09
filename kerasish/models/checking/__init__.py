"""Whether a layer keeps what a layer promises."""
