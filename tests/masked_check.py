"""What pydicom reads of files that were written after masking, compared with the files they were made of.

usage: masked_check.py FOLDER     (target/tmp/masked: NAME.old.dcm and NAME.new.dcm, made by tests/burned_in/written.rs)
needs: pydicom numpy pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg pyjpegls

Beside the box (x 3, y 2, 9 x 5) every sample of every frame must be the old one, under it all samples of a channel and a
frame must be one value; what the file says about its pixels must hold, and offset tables must lead to every frame. Exit
code 1 and a line per difference otherwise.
"""
import collections, pathlib, sys, warnings
import numpy as np, pydicom
from pydicom.encaps import generate_frames, parse_basic_offsets

warnings.simplefilter("error")  # a value that breaks its VR is a difference too
LOSSY = {"1.2.840.10008.1.2.4.91"}
# Encapsulated Uncompressed and Deflated Image Frame: pydicom 3.0 has no decoder for them.
UNKNOWN = {"1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1"}
faults, seen = [], collections.Counter()
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.new.dcm")):
    name = path.name.split(".")[0]
    try:
        old, new = pydicom.dcmread(path.with_name(f"{name}.old.dcm")), pydicom.dcmread(path)
        str(new)  # reads every value
        syntax = new.file_meta.TransferSyntaxUID
        if syntax in UNKNOWN:
            continue
        before, after = (pydicom.pixels.pixel_array(data, raw=True) for data in (old, new))
        # One pair of axes less for grey: (frames, rows, columns[, samples]).
        under = np.zeros(after.shape, bool)
        under[:, 2:7, 3:12] = True
        same = before.shape == after.shape and np.array_equal(before[~under], after[~under])
        if not same:
            faults.append(f"{name} {syntax}: samples beside the box differ")
        box = after[:, 2:7, 3:12].reshape(after.shape[0], 45, -1)
        if not (box == box[:, :1]).all():
            faults.append(f"{name} {syntax}: more than one value under the box")
        if not new.BitsStored <= new.BitsAllocated or new.HighBit != new.BitsStored - 1:
            faults.append(f"{name} {syntax}: bits {new.BitsAllocated} {new.BitsStored} {new.HighBit}")
        if new.SamplesPerPixel == 3 and new.PlanarConfiguration != 0:
            faults.append(f"{name} {syntax}: planar configuration")
        colour = {"YBR_RCT": "RGB", "YBR_ICT": "RGB"}
        told = [colour.get(data.PhotometricInterpretation, data.PhotometricInterpretation) for data in (old, new)]
        if told[0] != told[1]:
            faults.append(f"{name} {syntax}: colour space {told}")
        lossy = old.file_meta.TransferSyntaxUID in LOSSY
        if (new.get("LossyImageCompression") == "01") != lossy:
            faults.append(f"{name} {syntax}: lossy {new.get('LossyImageCompression')}")
        if syntax.is_encapsulated:
            offsets = parse_basic_offsets(new.PixelData)
            frames = list(generate_frames(new.PixelData, number_of_frames=new.NumberOfFrames))
            if len(offsets) != len(frames) or len(frames) != new.NumberOfFrames:
                faults.append(f"{name} {syntax}: {len(offsets)} offsets, {len(frames)} frames")
        seen[str(syntax)] += 1
    except Exception as error:  # noqa: BLE001
        faults.append(f"{name}: {type(error).__name__}: {error}")
print("\n".join(faults) or f"{sum(seen.values())} files in {len(seen)} syntaxes: as they were beside the box")
sys.exit(bool(faults) or sum(seen.values()) < 60)
