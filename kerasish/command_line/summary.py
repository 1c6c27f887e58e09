"""`kerasish summary model.keras`: the layers of a model in a file."""

from __future__ import annotations

import argparse

from kerasish.command_line.told import told


def main(arguments: list[str]) -> int:
    """Print the layers of a model, or the objects of a file of weights alone."""
    parser = argparse.ArgumentParser(
        "kerasish summary",
        description="Show the layers of a model that Keras 1, 2, 3 or kerasish saved, or a .weights.h5 file's weights.",
    )
    parser.add_argument("file", help="a .keras, .h5 or .weights.h5 file")
    parser.add_argument("--nested", action="store_true", help="show the layers of inner models, too")
    parser.add_argument("--trainable", action="store_true", help="tell which layers are trained")
    asked = parser.parse_args(arguments)
    return told(parser.prog, lambda: _show(asked.file, asked.nested, asked.trainable))


def _show(path: str, nested: bool, trainable: bool) -> None:
    if path.endswith(".weights.h5"):
        from kerasish.saving import KerasFileEditor

        KerasFileEditor(path).summary()
        return
    from kerasish.models import load_model

    load_model(path, compile=False).summary(expand_nested=nested, show_trainable=trainable)
