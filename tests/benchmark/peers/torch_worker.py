#!/usr/bin/env python3
"""torch in the benchmark: forward FOLDER RESULT THREADS BATCH, in whichever memory format is faster"""

import sys

import torch
from safetensors.torch import load_file

from worker import fastest, read_trunk, seconds_per_call, serve, write_result


def make_trunk():
    layers = []
    for name, (kernel, bias) in read_trunk().items():
        if name.endswith("conv1") and layers:
            layers.append(torch.nn.MaxPool2d(2))
        convolution = torch.nn.Conv2d(kernel.shape[2], kernel.shape[3], 3, padding=1)
        convolution.weight.data = torch.tensor(kernel).permute(3, 2, 0, 1).contiguous()
        convolution.bias.data = torch.tensor(bias)
        layers += [convolution, torch.nn.ReLU(inplace=True)]
    return torch.nn.Sequential(*layers, torch.nn.MaxPool2d(2)).eval()


@torch.inference_mode()
def main():
    folder, result, threads, batch = sys.argv[2:]
    torch.set_num_threads(int(threads))
    images = load_file(folder + "/images.safetensors")["x"][: int(batch)].permute(0, 3, 1, 2)

    def candidate(memory_format):
        model, x = make_trunk().to(memory_format=memory_format), images.contiguous(memory_format=memory_format)
        return lambda: model(x)

    call = fastest(candidate(torch.channels_last), candidate(torch.contiguous_format))
    write_result(result, [call().permute(0, 2, 3, 1).contiguous().numpy()])
    serve(lambda: seconds_per_call(call))


if __name__ == "__main__":
    main()
