"""What pydicom reads of the synthetic archive, compared with what was drawn.

usage: demo_check.py ARCHIVE TRUTH.tsv     (target/tmp/demo target/tmp/demo-truth.tsv, made by tests/demo_archive.rs)
needs: pydicom numpy pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg pyjpegls

Every file outside UNSORTED must be read; the arrays of lossless files must have the digest of the drawn samples,
lossy ones the right shape. Exit code 1 and a line per difference otherwise.
"""
import ast, collections, hashlib, pathlib, sys, warnings
import numpy as np, pydicom

warnings.simplefilter("error")  # a value that breaks its VR is a difference too
root, table = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
truth = {}
for line in table.read_text(encoding="utf-8").splitlines():
    name, syntax, lossless, shape, digest = line.split("\t")
    truth[name] = (syntax, lossless == "true", ast.literal_eval(shape), digest)

faults, seen, modalities = [], collections.Counter(), collections.Counter()
for path in sorted((root / "dicom").rglob("*.dcm")):
    name = path.relative_to(root).as_posix()
    if "/UNSORTED/" in name:
        continue
    try:
        data = pydicom.dcmread(path)
        str(data)  # reads every value
        modalities[data.Modality] += 1
        want = truth.pop(name, None)
        if want is None:
            if "PixelData" in data:
                faults.append(f"{name}: pixels that nobody drew")
            continue
        syntax, lossless, (frames, rows, columns, samples), digest = want
        if data.file_meta.TransferSyntaxUID != syntax:
            faults.append(f"{name}: transfer syntax {data.file_meta.TransferSyntaxUID}")
        # raw=True: no colour conversion.
        array = pydicom.pixels.pixel_array(data, raw=True)
        shape = ((frames,) if frames > 1 else ()) + (rows, columns) + ((samples,) if samples > 1 else ())
        if array.shape != shape:
            faults.append(f"{name}: shape {array.shape}, drawn {shape}")
        elif lossless:
            stored = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
            if hashlib.sha256(stored).hexdigest() != digest:
                faults.append(f"{name}: other samples than drawn")
        seen[data.file_meta.TransferSyntaxUID.name] += 1
    except Exception as error:
        faults.append(f"{name}: {type(error).__name__}: {error}")
faults += [f"{name}: drawn, but not in the archive" for name in truth]
for line in faults:
    print(line)
print(dict(modalities))
print(dict(seen), sum(seen.values()), "pictures,", len(faults), "faults")
sys.exit(1 if faults or not seen else 0)
