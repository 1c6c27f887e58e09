"""Pictures under Keras's older name: `keras.preprocessing.image`."""

from kerasish.preprocessing.image_data_generator import ImageDataGenerator
from kerasish.preprocessing.image_iterators import DirectoryIterator, Iterator, NumpyArrayIterator
from kerasish.utils.image_utils import array_to_img, img_to_array, load_img, save_img, smart_resize

__all__ = [
    "DirectoryIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
    "array_to_img",
    "img_to_array",
    "load_img",
    "save_img",
    "smart_resize",
]
