"""Write `weights.bin`, and the golden vectors that the Rust program is compared with.

Layout, little-endian: magic `VXTN`, u32 version (1), u32 length of the header, the header (JSON,
padded with spaces to a multiple of 4), then per layer, in the header's order, f16 weights
[out][in][row][column] and f16 biases [out].
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import torch

import postprocess
from model import ALIGN, CELL, LAYERS, TextNet, folded, macs_per_pixel, probabilities, weight_count
from postprocess import boxes
from views import relief

MAGIC, VERSION = b"VXTN", 1


def header_of(checkpoint, commit):
    """Layers, postprocessing and provenance."""
    return {
        "layers": LAYERS, "align": ALIGN, "cell": CELL, "postprocess": postprocess.RULES,
        "provenance": {"steps": checkpoint["state"]["step"], "seed": checkpoint["seed"], "commit": commit,
                       "weights": weight_count(), "macs_per_pixel": round(macs_per_pixel())},
    }


def written(path, parts, header):
    """A weights file; `parts` are (weights, biases) by the names of the header's layers."""
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    with open(path, "wb") as out:
        out.write(MAGIC + struct.pack("<II", VERSION, len(text)) + text)
        for layer in header["layers"]:
            for part in parts[layer["name"]]:
                out.write(part.detach().numpy().astype("<f2").tobytes())


def load(path):
    """(network, header) of a weights file."""
    raw = Path(path).read_bytes()
    version, size = struct.unpack_from("<II", raw, 4)
    if raw[:4] != MAGIC or version != VERSION:
        raise ValueError("not a weights file of this version")
    header, at, net = json.loads(raw[12:12 + size]), 12 + size, TextNet(norm=False).eval()
    if header["layers"] != LAYERS:
        raise ValueError("the file's layers are not this code's")
    with torch.no_grad():
        for layer in LAYERS:
            conv = net.convs[layer["name"]]
            for part in (conv.weight, conv.bias):
                values = np.frombuffer(raw, "<f2", part.numel(), at).astype(np.float32)
                part.copy_(torch.from_numpy(values).view_as(part))
                at += 2 * part.numel()
    return net, header


def golden_view():
    """A 90 x 150 picture from arithmetic alone: slope, waves, noise, and letters drawn as blocks."""
    ys, xs = np.mgrid[0:90, 0:150]
    view = 0.2 + 0.002 * xs + 0.1 * np.sin(ys / 9.0) + 0.05 * np.random.default_rng(7).random((90, 150))
    glyphs = ("10001 11111 11110 01110", "11011 10000 10001 10001", "10101 11110 11110 10000",
              "10001 10000 10010 10001", "10001 11111 10001 01110")
    for row, line in enumerate(glyphs):
        for column, dot in enumerate(line):
            if dot == "1":
                view[20 + 2 * row:22 + 2 * row, 10 + 2 * column:12 + 2 * column] = 0.95
                view[50 + 4 * row:54 + 4 * row, 30 + 4 * column:34 + 4 * column] = 0.05
    return view.astype(np.float32)


def golden_map():
    """A 60 x 90 map by hand for the boxes alone: a tilted line, an L, a thick block, and pieces too small or too faint."""
    ys, xs = np.mgrid[0:60, 0:90]
    chance = np.full((60, 90), 0.05)
    chance[(np.abs(ys - 8 - 0.25 * xs) < 2.2) & (xs > 4) & (xs < 70)] = 0.9
    chance[30:34, 2:30], chance[34:50, 2:6] = 0.8, 0.7
    chance[36:57, 40:64] = 0.55
    chance[45, 50] = 0.7
    chance[36:58, 68:90] = 0.75
    chance[2, 80:82], chance[5:7, 84:88], chance[12:14, 84:88], chance[12, 84] = 0.9, 0.5, 0.4, 0.61
    chance[0:2, 0:3], chance[57:60, 10:36] = 0.65, 0.95
    return chance.astype(np.float32)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("checkpoint", type=Path)
    args.add_argument("--out", type=Path, required=True, help="the weights file")
    args.add_argument("--golden", type=Path, help="folder for view.npy, relief.npy, probability.npy, boxes.json, map.npy, map-boxes.json, map-boxes-half.json")
    args.add_argument("--commit", default="", help="the commit that trained it")
    args = args.parse_args()
    checkpoint = torch.load(args.checkpoint, weights_only=True)
    net = TextNet()
    net.load_state_dict(checkpoint["average"])
    convs = folded(net.eval()).convs
    written(args.out, {name: (conv.weight, conv.bias) for name, conv in convs.items()}, header_of(checkpoint, args.commit))
    net, header = load(args.out)
    print(args.out.stat().st_size, "bytes", header["provenance"])
    if args.golden:
        args.golden.mkdir(parents=True, exist_ok=True)
        view = golden_view()
        chance = probabilities(net, view)
        np.save(args.golden / "view.npy", view)
        np.save(args.golden / "relief.npy", relief(view))
        np.save(args.golden / "probability.npy", chance)
        found = [list(b) for b in boxes(chance, *view.shape)]
        (args.golden / "boxes.json").write_text(json.dumps(found) + "\n")
        np.save(args.golden / "map.npy", golden_map())
        by_hand = [list(b) for b in boxes(golden_map(), 238, 360)]
        (args.golden / "map-boxes.json").write_text(json.dumps(by_hand) + "\n")
        halved = [list(b) for b in boxes(golden_map(), 476, 719, postprocess.RULES["shrunk"], 2)]
        (args.golden / "map-boxes-half.json").write_text(json.dumps(halved) + "\n")
        print("golden", chance.shape, float(chance.max()), len(found), "and", len(by_hand), "boxes")


if __name__ == "__main__":
    main()
