"""keras.ops.image: pictures resized, bent, cut, filtered and recoloured."""

from kerasish.ops.colors import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from kerasish.ops.filtering import gaussian_blur, sobel_edges, ssim
from kerasish.ops.framing import crop_images, pad_images
from kerasish.ops.patches import extract_patches, extract_patches_3d
from kerasish.ops.resampling import resize, scale_and_translate
from kerasish.ops.warping import affine_transform, elastic_transform, map_coordinates, perspective_transform

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]
