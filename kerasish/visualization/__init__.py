"""Pictures with what is known of them: galleries, boxes around things, colours over classes."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "annotations": "draw_bounding_boxes draw_segmentation_masks",
        "galleries": "plot_bounding_box_gallery plot_image_gallery plot_segmentation_mask_gallery",
    },
)
