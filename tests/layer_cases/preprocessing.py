"""Cases of the layers of `kerasish/layers/preprocessing`."""

import numpy as np

from tests.layer_cases.case import Case, Cases

CASES = {
    "AugMix": Cases(
        Case((4, 5, 3), (0, 1), seed=2),
    ),
    "AutoContrast": Cases(
        Case((4, 5, 3), (0, 1)),
    ),
    "CategoryEncoding": Cases(
        Case((4,), num_tokens=6, of="int32", below=6),
        Case((4,), 5, output_mode="count", of="int32"),
        Case((4,), 6, output_mode="count", of="int32", below=6),
        Case((4,), 6, output_mode="multi_hot", of="int32", below=6),
        Case((1,), 6, output_mode="one_hot", of="int32", below=6, refused="output_mode='one_hot'"),
        num_tokens=[8], output_mode=["count"], sparse=[False],
    ),
    "CenterCrop": Cases(
        Case((4, 5, 3), 2, 3),
    ),
    "ContrastLimitedAdaptiveHistogramEqualization": Cases(
        Case((4, 5, 3), (-3, 3), 2.0, (2, 3)),
    ),
    "CutMix": Cases(
        Case((4, 5, 3), (0.2, 0.4), seed=2),
    ),
    "Discretization": Cases(
        Case((4,), bin_boundaries=[-1.0, 0.5]),
        Case((1,), bin_boundaries=[-0.5, 0.5], output_mode="one_hot", refused="output_mode='one_hot'"),
        Case((4,), [-1.0, 0.0, 1.5]),
        bin_boundaries=[[0.0]], num_bins=[None], epsilon=[0.5], sparse=[False], dtype=["float32"],
        output_mode=["int"], name=["bins"],
    ),
    "HashedCrossing": Cases(
        Case([(1,), (1,)], 7, of="int64"),
    ),
    "Hashing": Cases(
        Case((4,), 7, salt=[3, 4], of="int64"),
    ),
    "IntegerLookup": Cases(
        Case((4,), vocabulary=[1, 2], output_mode="multi_hot", of="int64"),
    ),
    "MaxNumBoundingBoxes": Cases(
        Case((4, 5, 3), 3),
    ),
    "MelSpectrogram": Cases(
        Case((40,), 16, 6, sampling_rate=800, num_mel_bins=5),
        Case((40,), 16, 5, 12, "hamming", 800, 4, 30.0, 350.0, mag_exp=1.0, min_power=0.02, ref_power=2.0, top_db=9.0),
        Case((40,), 16, 5, window=None, sampling_rate=800, num_mel_bins=5, power_to_db=False),
    ),
    "MixUp": Cases(
        Case((4, 5, 3), 0.3, seed=1),
    ),
    "Normalization": Cases(
        Case((3, 4), mean=0.5, variance=4.0),
        Case((2,), mean=[1.0, 2.0], variance=[2.0, 3.0]),
        Case((2,), mean=[1.0, 2.0], variance=[2.0, 3.0], invert=True),
        axis=[None], mean=[-1.0], variance=[0.0, 9.0], invert=[True],
    ),
    "RandAugment": Cases(
        Case((4, 5, 3), (0, 1), seed=2),
    ),
    "RandomBrightness": Cases(
        Case((4, 5, 3), 0.2, (0, 1), seed=2),
    ),
    "RandomColorDegeneration": Cases(
        Case((4, 5, 3), 0.2, seed=2),
    ),
    "RandomColorJitter": Cases(
        Case((4, 5, 3), (0, 1), 0.2, (0.1, 0.3), None, 0.1, seed=2),
    ),
    "RandomContrast": Cases(
        Case((4, 5, 3), 0.2, seed=2),
    ),
    "RandomCrop": Cases(
        Case((4, 5, 3), 4, 5, seed=2),
    ),
    "RandomElasticTransform": Cases(
        Case((4, 5, 3), 0.3, (0.2, 0.4), seed=2),
    ),
    "RandomErasing": Cases(
        Case((4, 5, 3), 0.2, (0.1, 0.3), seed=2),
    ),
    "RandomFlip": Cases(
        Case((4, 5, 3), "horizontal", seed=3),
    ),
    "RandomGaussianBlur": Cases(
        Case((4, 5, 3), 0.2, 5, (0.1, 0.3), seed=2),
    ),
    "RandomGrayscale": Cases(
        Case((4, 5, 3), 0.3, seed=2),
    ),
    "RandomHue": Cases(
        Case((4, 5, 3), 0.2, seed=2),
    ),
    "RandomInvert": Cases(
        Case((4, 5, 3), 0.2, seed=2),
    ),
    "RandomPerspective": Cases(
        Case((4, 5, 3), 0.5, 0.2, seed=4),
    ),
    "RandomPosterization": Cases(
        Case((4, 5, 3), 4, seed=2),
    ),
    "RandomRotation": Cases(
        Case((4, 5, 3), 0.2, "constant", seed=5),
    ),
    "RandomSaturation": Cases(
        Case((4, 5, 3), 0.2, seed=2),
    ),
    "RandomSharpness": Cases(
        Case((4, 5, 3), 0.2, seed=2),
    ),
    "RandomShear": Cases(
        Case((4, 5, 3), 0.2, 0.3, seed=6),
    ),
    "RandomTranslation": Cases(
        Case((4, 5, 3), 0.2, 0.3, seed=7),
    ),
    "RandomZoom": Cases(
        Case((4, 5, 3), 0.2, (0.1, 0.3), seed=8),
    ),
    "Rescaling": Cases(
        Case((2, 3), scale=2.0),
        Case((2,), [1.0, 2.0], offset=[0.5, 0.0]),
        Case((3, 3), 0.00784313725490196, offset=-1),
        Case((3, 3), [1.0, 2.0, 3.0], [0.0, 1.0, 0.0], of="uint8", below=256),
        Case((4,), 2.0, 0.5),
        Case((3, 2), [1.0, 2.0], [0.5, 0.0]),
        scale=[[1.0, 2.0, 3.0]], offset=[0.5, np.arange(3)],
    ),
    "Resizing": Cases(
        Case((4, 5, 3), 3, 2, "bicubic"),
    ),
    "Solarization": Cases(
        Case((4, 5, 3), 0.2, 0.3, seed=2),
    ),
    "STFTSpectrogram": Cases(
        Case((40, 2), "magnitude", 8),
        Case((40, 2), "log", 8, 3, 16, "hamming", True, "spectrum", "same", True),
        *(Case((40, 2), mode, 8, scaling=None) for mode in ("psd", "real", "imag", "stft")),
        Case((40, 2), "stft", 8, window="blackman", expand_dims=True),
        Case((2, 40), "psd", 8, data_format="channels_first"),
        Case((2, 40), "real", 8, expand_dims=True, data_format="channels_first"),
    ),
    "StringLookup": Cases(
        Case((4,), vocabulary=["a", "b"], num_oov_indices=2, of="string"),
    ),
    "TextVectorization": Cases(
        Case((1,), vocabulary=["a", "b"], output_sequence_length=3, of="string"),
    ),
}  # fmt: skip
