"""Colours are of three channels."""

import numpy as np
import pytest

from kerasish import ops


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("name", ["rgb_to_hsv", "hsv_to_rgb", "rgb_to_grayscale"])
def test_pictures_of_other_channels_are_refused(name, data_format):
    shape = (1, 5, 5, 4) if data_format == "channels_last" else (1, 4, 5, 5)
    with pytest.raises(ValueError, match=f"{name} takes pictures with .*3 channels"):
        getattr(ops.image, name)(np.zeros(shape, "float32"), data_format=data_format)
