"""Opens what the program sealed, with pyrage (rage, the other implementation of age): sealed.py make|open DIR.

`make` writes a key pair, `open` reads 0.age, 5.age and so on: as many bytes as the name says, byte i is 7 i + 3 mod 256."""

import pathlib
import sys

from pyrage import decrypt, x25519

step, folder = sys.argv[1], pathlib.Path(sys.argv[2])
if step == "make":
    identity = x25519.Identity.generate()
    (folder / "identity").write_text(str(identity))
    (folder / "recipient").write_text(str(identity.to_public()))
else:
    identity = x25519.Identity.from_str((folder / "identity").read_text())
    stranger = x25519.Identity.generate()
    lengths = []
    for sealed in folder.glob("*.age"):
        length = int(sealed.stem)
        assert decrypt(sealed.read_bytes(), [identity]) == bytes((7 * i + 3) % 256 for i in range(length)), sealed.name
        try:
            decrypt(sealed.read_bytes(), [stranger])
        except Exception:
            lengths.append(length)
        else:
            raise SystemExit(f"{sealed.name} opens with any key")
    assert sorted(lengths) == [0, 5, 65_536, 150_000], lengths
    print(f"pyrage: {len(lengths)} sealed files opened, and by nobody else")
