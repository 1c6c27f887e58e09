"""Known networks for pictures: a paper's table as layers, with the names and weights of Keras's.

With `weights=None` they are new; stored weights are read from a file, nothing is downloaded.
"""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "densenet": "DenseNet121 DenseNet169 DenseNet201",
        "mobilenet": "MobileNet",
        "mobilenet_v2": "MobileNetV2",
        "mobilenet_v3": "MobileNetV3Large MobileNetV3Small",
        "resnet": "ResNet50 ResNet101 ResNet152",
        "resnet_v2": "ResNet50V2 ResNet101V2 ResNet152V2",
        "vgg16": "VGG16",
        "vgg19": "VGG19",
    },
    (
        "densenet",
        "imagenet_utils",
        "mobilenet",
        "mobilenet_v2",
        "mobilenet_v3",
        "resnet",
        "resnet50",
        "resnet_v2",
        "vgg16",
        "vgg19",
    ),
)
