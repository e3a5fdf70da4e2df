"""The text-finding network: layer table, PyTorch module, and folding for export.

The table `LAYERS` is the single description of the network; training, export and the Rust program
all follow it. Convolutions are dense, padded with zeros, and followed by batch norm (training only,
folded into weights and bias at export) and ReLU where the row says so.
"""

import torch
from torch import nn
from torch.nn import functional as F

from layers import row

#: Layers in order of execution. The map comes out at 1/4 of the input's sides.
LAYERS = [
    row("c0", "conv3x3", 1, 16, stride=2),
    row("c1", "conv3x3", 16, 16),
    row("c2", "conv3x3", 16, 32, stride=2),
    row("c3", "conv3x3", 32, 32),
    row("c5", "conv3x3", 32, 48, stride=2),
    row("c6", "conv3x3", 48, 48),
    row("c7", "conv3x3", 48, 48),
    row("c8", "conv3x3", 48, 64, stride=2),
    row("c9", "conv3x3", 64, 64),
    row("c10", "conv3x3", 64, 64),
    row("u0", "conv1x1", 64, 48, relu=False, add="c7", upsample=True),
    row("d0", "conv3x3", 48, 48),
    row("u1", "conv1x1", 48, 32, relu=False, add="c3", upsample=True),
    row("d1", "conv3x3", 32, 32),
    row("head", "conv1x1", 32, 1, relu=False),
]

#: The input's sides are padded with zeros, right and bottom, to a multiple of this.
ALIGN = 16
#: One cell of the map is this many pixels wide and high.
CELL = 4


def weight_count():
    """Weights and biases of the exported network."""
    taps = {"conv3x3": 9, "conv1x1": 1}
    return sum(r["in"] * r["out"] * taps[r["op"]] + r["out"] for r in LAYERS)


def macs_per_pixel():
    """Multiply-adds per input pixel."""
    taps, scale, total = {"conv3x3": 9, "conv1x1": 1}, 1.0, 0.0
    for r in LAYERS:
        scale /= r["stride"] ** 2
        total += r["in"] * r["out"] * taps[r["op"]] * scale
        scale *= 4 if r["upsample"] else 1
    return total


class TextNet(nn.Module):
    """Logits at a quarter of the input's sides; input N x 1 x H x W, sides multiples of 16."""

    def __init__(self, norm=True):
        super().__init__()
        self.convs, self.norms = nn.ModuleDict(), nn.ModuleDict()
        for r in LAYERS:
            size = 3 if r["op"] == "conv3x3" else 1
            batch = norm and r["relu"]
            self.convs[r["name"]] = nn.Conv2d(r["in"], r["out"], size, r["stride"], size // 2, bias=not batch)
            if batch:
                self.norms[r["name"]] = nn.BatchNorm2d(r["out"])
        if norm:
            nn.init.constant_(self.convs["head"].bias, -2.0)

    def forward(self, x):
        kept = {}
        for r in LAYERS:
            name = r["name"]
            x = self.convs[name](x)
            if name in self.norms:
                x = self.norms[name](x)
            if r["relu"]:
                x = F.relu(x)
            if r["upsample"]:
                x = F.interpolate(x, scale_factor=2, mode="nearest")
            if r["add"]:
                x = x + kept[r["add"]]
            kept[name] = x
        return x


def folded(net):
    """The same network without batch norm, weights rounded to f16 and held as f32."""
    flat = TextNet(norm=False).eval()
    with torch.no_grad():
        for r in LAYERS:
            conv, out = net.convs[r["name"]], flat.convs[r["name"]]
            weight = conv.weight.double()
            bias = conv.bias.double() if conv.bias is not None else torch.zeros(r["out"], dtype=torch.float64)
            if r["name"] in net.norms:
                norm = net.norms[r["name"]]
                gain = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
                weight = weight * gain[:, None, None, None]
                bias = (bias - norm.running_mean.double()) * gain + norm.bias.double()
            out.weight.copy_(weight.half().float())
            out.bias.copy_(bias.half().float())
    return flat


def probabilities(net, view):
    """Map of text probability of one view (H x W, f32, 0..1), cropped to ceil(H/4) x ceil(W/4)."""
    height, width = view.shape
    pad = F.pad(torch.as_tensor(view, dtype=torch.float32)[None, None],
                (0, -width % ALIGN, 0, -height % ALIGN))
    with torch.inference_mode():
        out = torch.sigmoid(net(pad))[0, 0]
    return out[: -(-height // CELL), : -(-width // CELL)].numpy()
