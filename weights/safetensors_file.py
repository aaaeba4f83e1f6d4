"""Safetensors files, and the manifest that records the hashes of a file and of each tensor."""
import hashlib
import json
import os
import re
import struct

import numpy as np

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
          "U8": "u1", "BOOL": "?"}
WRITTEN = {np.dtype(DTYPES[name]): name for name in ("F64", "F32", "F16")}


class ConvertError(Exception):
    """A fault that the user can mend; the message says how."""


def write_safetensors(path, tensors, metadata):
    """Writes beside, then renames; a different file is never replaced. By hand, because the safetensors package (0.8.0)
    orders the metadata differently in every process, and the file's hash has to come out the same again."""
    header, offset = {"__metadata__": metadata}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": WRITTEN[array.dtype], "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(array.tobytes())
    if path.exists() and path.read_bytes() != partial.read_bytes():
        partial.unlink()
        raise ConvertError(f"{path} exists and differs: give another folder by --output, or delete it first")
    os.replace(partial, path)


def decode(data, dtype, shape):
    """An array of the stored numbers; bfloat16, which NumPy does not have, as float32."""
    array = np.frombuffer(data, DTYPES[dtype])
    if dtype == "BF16":
        array = (array.astype("<u4") << 16).view("<f4")
    return array.reshape(shape)


def read_safetensors(path):
    """Returns the tensors (name -> array) and the metadata (string -> string)."""
    data = path.read_bytes()
    try:
        start = 8 + struct.unpack_from("<Q", data)[0]
        header = json.loads(data[8:start])
        metadata = header.pop("__metadata__", {})
        tensors = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            tensors[name] = decode(data[start + begin:start + end], entry["dtype"], entry["shape"])
    except (struct.error, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ConvertError(f"{path}: not a safetensors file, or an incomplete one ({error})") from None
    return tensors, metadata


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def manifest_entry(path, tensors, metadata):
    """What the manifest records of one file."""
    described = [{"name": name, "shape": list(array.shape), "dtype": str(array.dtype),
                  "sha256": sha256(array.tobytes())} for name, array in tensors.items()]
    return {"application": metadata.get("application"), "include_top": metadata.get("include_top") == "true",
            "source": metadata.get("source"), "licence": metadata.get("licence"),
            "attribution": metadata.get("attribution"), "bytes": path.stat().st_size,
            "sha256": sha256(path.read_bytes()), "tensors": described}


def read_manifest(path):
    return json.loads(path.read_text()) if path.exists() else {"files": {}}


def update_manifest(path, name, entry):
    """Adds or replaces one file's entry; a tensor stays on one line."""
    manifest = read_manifest(path)
    manifest["files"][name] = entry
    text = json.dumps(manifest, indent=2)
    text = re.sub(r'\{\s+"name"[^}]*\}', lambda match: json.dumps(json.loads(match[0])), text)
    path.write_text(text + "\n")
