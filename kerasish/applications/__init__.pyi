# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.applications import densenet as densenet
from kerasish.applications import imagenet_utils as imagenet_utils
from kerasish.applications import mobilenet as mobilenet
from kerasish.applications import mobilenet_v2 as mobilenet_v2
from kerasish.applications import mobilenet_v3 as mobilenet_v3
from kerasish.applications import resnet as resnet
from kerasish.applications import resnet50 as resnet50
from kerasish.applications import resnet_v2 as resnet_v2
from kerasish.applications import vgg16 as vgg16
from kerasish.applications import vgg19 as vgg19
from kerasish.applications.densenet import DenseNet121 as DenseNet121
from kerasish.applications.densenet import DenseNet169 as DenseNet169
from kerasish.applications.densenet import DenseNet201 as DenseNet201
from kerasish.applications.mobilenet import MobileNet as MobileNet
from kerasish.applications.mobilenet_v2 import MobileNetV2 as MobileNetV2
from kerasish.applications.mobilenet_v3 import MobileNetV3Large as MobileNetV3Large
from kerasish.applications.mobilenet_v3 import MobileNetV3Small as MobileNetV3Small
from kerasish.applications.resnet import ResNet101 as ResNet101
from kerasish.applications.resnet import ResNet152 as ResNet152
from kerasish.applications.resnet import ResNet50 as ResNet50
from kerasish.applications.resnet_v2 import ResNet101V2 as ResNet101V2
from kerasish.applications.resnet_v2 import ResNet152V2 as ResNet152V2
from kerasish.applications.resnet_v2 import ResNet50V2 as ResNet50V2
from kerasish.applications.vgg16 import VGG16 as VGG16
from kerasish.applications.vgg19 import VGG19 as VGG19
