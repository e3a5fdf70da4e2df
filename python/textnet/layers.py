"""A row of a network's layer table, as it is written into the header of a weights file."""


def row(name, op, cin, cout, stride=1, relu=True, add=None, upsample=False):
    """One layer: its name, `conv3x3` or `conv1x1`, channels in and out, and what follows."""
    return {"name": name, "op": op, "in": cin, "out": cout, "stride": stride, "relu": relu,
            "add": add, "upsample": upsample}
