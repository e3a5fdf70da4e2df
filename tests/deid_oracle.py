"""An independent answer: what Table E.1-1, as data, asks for each attribute of each file, compared with what `voxmill deid`
wrote, both read by pydicom.

usage: deid_oracle.py TABLE.json KEY_FILE OUT PRIVATE      (a run of the default options; files named by their suffix)

Counts: attributes that must go, be empty, be a dummy, be replaced, be shifted; attributes that must stay; pixels by
SHA-256. Exit code 1 if one is not so. Attributes that the table does not name are expected to stay as they are, with the
exceptions named in ALLOWED."""
import base64, collections, csv, glob, hashlib, hmac, json, re, struct, sys, warnings

import pydicom

warnings.filterwarnings("ignore")
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
TABLE, KEY, OUT, PRIVATE = sys.argv[1:5]
rows = {row["id"].lower(): row for row in json.load(open(TABLE))}
assert len(rows) == 621
key = bytes.fromhex(open(KEY).read().strip())
# Not in the table, changed all the same: marks of the de-identification, and texts by their content.
ALLOWED = {
    "DeidentificationMethod", "DeidentificationMethodCodeSequence", "PatientIdentityRemoved", "SpecificCharacterSet",
    "LongitudinalTemporalInformationModified", "TextValue", "CodeMeaning", "CodeValue",
}
words = set()
wrong, seen, examples = collections.Counter(), collections.Counter(), {}


def note(what, element, path):
    wrong[what] += 1
    examples.setdefault(what, f"{element.tag} {element.keyword} in {path}")


def row_of(tag):
    if tag.is_private:
        return rows["ggggeeee-where-gggg-is-odd"]
    if tag.group & 0xFF00 == 0x5000:
        return rows["50xxxxxx"]
    if tag.group & 0xFF00 == 0x6000 and tag.element in (0x3000, 0x4000):
        return rows[f"60xx{tag.element:04x}"]
    return rows.get(f"{tag.group:04x}{tag.element:04x}")


def words_of(data):
    """Words by which a file names people: a text with one of them may be changed."""
    found = set()
    for element in data.iterall():
        named = element.VR == "PN" or element.keyword in ("PatientID", "OtherPatientIDs", "AccessionNumber", "InstitutionName")
        if named and element.value:
            text = str(element.value).lower()
            found.update(word for word in re.split(r"[^a-z0-9]+", text) if len(word) > 1)
            # Letters of a patient's id may be a name: SMITH1234. Those of an accession number are none: FUJI95706.
            if element.keyword in ("PatientID", "OtherPatientIDs"):
                found.update(re.findall(r"[a-z]{4,}", text))
    return found


def inside(old, new, path):
    if len(old.value) == len(new.value):
        for pair in zip(old.value, new.value):
            compare(*pair, path)
    elif old.keyword not in ALLOWED:
        note("items", old, path)


def compare(old, new, path):
    for element in old:
        tag = element.tag
        if tag.element == 0 or tag.group < 8:
            continue
        try:
            empty = element.value in (None, "", b"") or element.VR == "SQ" and len(element.value) == 0
            after = new[tag].value if tag in new else None
        except Exception:
            seen["unreadable"] += 1
            continue
        seen["attributes"] += 1
        row, there = row_of(tag), tag in new
        if row is None:
            seen["unlisted"] += 1
            if not there:
                note("removed though not listed", element, path) if element.keyword not in ALLOWED else None
            elif element.VR == "SQ":
                inside(element, new[tag], path)
            elif after != element.value and element.keyword not in ALLOWED and element.VR not in ("UI", "DA", "DT"):
                text = str(element.value).lower()
                if any(word in text for word in words) and element.VR in ("LO", "SH", "ST", "LT", "UT", "UC"):
                    seen["texts that name somebody"] += 1
                else:
                    note("changed though not listed", element, path)
            continue
        code = row["basicProfile"]
        seen[code] += 1
        if "rtnLongModifDatesOpt" in row:
            if element.VR in ("DA", "DT") and there and not empty and after == element.value:
                note("date not shifted", element, path)
            if code == "Z" and not there:
                note("Z is gone", element, path)
            continue
        if code == "X" and there:
            note("X is there", element, path)
        elif code in ("Z", "D", "U") and not there:
            note(f"{code} is gone", element, path)
        elif code == "D" and not empty and element.VR != "SQ" and after in (None, "", b""):
            note("D is empty", element, path)
        elif there and element.VR == "UI" and not empty:
            both = [v if isinstance(v, pydicom.multival.MultiValue) else [v] for v in (element.value, after)]
            if any(a == b and not str(a).startswith("1.2.840.10008.") for a, b in zip(*both)):
                note("UID is the same", element, path)
        elif there and element.VR == "SQ" and not empty and len(new[tag].value):
            inside(element, new[tag], path)
        elif there and not empty and element.VR != "SQ" and after == element.value:
            note(f"{code} is the same", element, path)


def suffix(line):
    mac = hmac.new(key, digestmod="sha256")
    for part in (b"tensor", line["sha256"].encode(), struct.pack("<Q", int(line["ordinal"]))):
        mac.update(struct.pack("<Q", len(part)) + part)
    return base64.b32encode(mac.digest()[:13]).decode().lower()[:8]


def pixels(data):
    return hashlib.sha256(data.PixelData).hexdigest() if "PixelData" in data else None


written = {path[-12:-4]: path for path in glob.glob(OUT + "/dicom/**/*.dcm", recursive=True)}
compared = 0
for line in csv.DictReader(open(PRIVATE + "/inputs.csv", newline="")):
    if line["outcome"] != "written" or "!" in line["path"]:
        continue
    path = line["path"]
    try:
        old = pydicom.dcmread(path, force=True)
    except Exception:
        seen["files that pydicom cannot read"] += 1
        continue
    new = pydicom.dcmread(written[suffix(line)])
    if "PatientName" not in old and "SOPClassUID" not in old:
        seen["files of which pydicom reads nothing"] += 1
        continue
    compared += 1
    words = words_of(old)
    compare(old, new, path)
    if pixels(old) != pixels(new) and new.file_meta.TransferSyntaxUID == old.file_meta.get("TransferSyntaxUID"):
        wrong["pixels"] += 1
        examples.setdefault("pixels", path)
print(compared, "files compared:", dict(seen))
for what, count in wrong.most_common():
    print(f"{count:6} {what}: {examples[what]}")
assert compared > 300 or "corpus" not in OUT, compared
sys.exit(1 if wrong else 0)
