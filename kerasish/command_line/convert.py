"""`kerasish convert old.h5 new.keras`: a model's file in another format."""

from __future__ import annotations

import argparse
import os

from kerasish.command_line.told import told

MODELS = (".keras", ".h5", ".hdf5")
WEIGHTS = (".weights.h5", ".npz")
ONNX = ".onnx"


def main(arguments: list[str]) -> int:
    """Load a model and write it as the new file's ending says."""
    parser = argparse.ArgumentParser(
        "kerasish convert",
        description="Read a model that Keras 1, 2, 3 or kerasish saved, and write it in the format that the ending of "
        "the new file's name tells.",
    )
    parser.add_argument("old", help="a .keras or .h5 file with a model")
    parser.add_argument(
        "new", help="ends in .keras or .h5 (models), .onnx (for ONNX Runtime), .weights.h5 or .npz (weights)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the new file if it is there")
    parser.add_argument(
        "--no-training",
        action="store_true",
        help="leave out optimizer, loss and metrics: for models that name a loss of your own",
    )
    asked = parser.parse_args(arguments)
    return told(parser.prog, lambda: _convert(asked.old, asked.new, asked.overwrite, not asked.no_training))


def _check(new: str, overwrite: bool) -> None:
    known = (*MODELS, ONNX, *WEIGHTS)
    if not new.lower().endswith(known):
        raise ValueError(f"the new file ends in one of {', '.join(known)}, which tells its format; received {new}")
    if os.path.exists(new) and not overwrite:
        raise FileExistsError(f"{new} is there already; --overwrite replaces it")


def _convert(old: str, new: str, overwrite: bool, with_training: bool) -> None:
    from kerasish.models import load_model

    _check(new, overwrite)
    ending = new.lower()
    is_model = ending.endswith(MODELS) and not ending.endswith(WEIGHTS)
    model = load_model(old, compile=with_training and is_model)
    if is_model:
        model.save(new)
    elif ending.endswith(ONNX):
        model.export(new, format="onnx", verbose=False)
    else:
        model.save_weights(new)
    print(f"{new}: {model.count_params():,} parameters, {os.path.getsize(new) / 1e6:.1f} MB")
