# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.visualization.annotations import draw_bounding_boxes as draw_bounding_boxes
from kerasish.visualization.annotations import draw_segmentation_masks as draw_segmentation_masks
from kerasish.visualization.galleries import plot_bounding_box_gallery as plot_bounding_box_gallery
from kerasish.visualization.galleries import plot_image_gallery as plot_image_gallery
from kerasish.visualization.galleries import plot_segmentation_mask_gallery as plot_segmentation_mask_gallery
