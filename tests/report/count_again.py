"""Counts again, with pandas over the Parquet files, what report/index.html shows of a data set: tests/report/count_again.py DATASET...

Every number of the charts and tables of images, people, splits, copies, scores, series, messages, results, alerts, links and
unknown values must be that of the files, be withheld where it is under five or would tell one that is, and no count may be
left out. Exits 1 on the first thing that is not so.
"""

import html.parser
import json
import pathlib
import sys

import pandas
import pyarrow.parquet

WITHHELD = "withheld"
SEXES = {"male": "M", "female": "F", "other": "O"}


class Page(html.parser.HTMLParser):
    """Tables of the page by id: rows of cells; and the text of the page."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.table, self.cell, self.text = {}, None, None, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.table = self.tables.setdefault(dict(attributes)["id"], [])
        elif tag == "tr" and self.table is not None:
            self.table.append([])
        elif tag == "td":
            self.cell = []

    def handle_endtag(self, tag):
        if tag == "td":
            self.table[-1].append("".join(self.cell))
            self.cell = None
        elif tag == "table":
            self.table = None

    def handle_data(self, data):
        self.text.append(data)
        if self.cell is not None:
            self.cell.append(data)

    def rows(self, name):
        return [row for row in self.tables.get(name, []) if row]


def wrong(what):
    sys.exit(f"report: {what}")


def table(dataset, folder):
    """All files of a table, or None without any."""
    one = dataset / f"{folder}.parquet"
    files = [one] if one.exists() else sorted((dataset / folder).glob("*.parquet"))
    return pandas.concat([pandas.read_parquet(file) for file in files]) if files else None


def compare(what, told, found):
    """Told and found counts by word; withheld ones are small, or at least two that hide one another."""
    if set(told) != set(found):
        wrong(f"{what}: {sorted(set(told) ^ set(found))} told or found only")
    hidden = [found[word] for word, count in told.items() if count == WITHHELD]
    for word, count in told.items():
        if count != WITHHELD and int(count) != found[word]:
            wrong(f"{what}: {word} is {found[word]}, told {count}")
        if count != WITHHELD and 0 < found[word] < 5:
            wrong(f"{what}: {word} is told and under five")
    if hidden and len(told) > len(hidden) and (len(hidden) < 2 or sum(hidden) < 5):
        wrong(f"{what}: what is withheld follows from the rest")
    if len(hidden) > 1 and all(count >= 5 for count in hidden):
        wrong(f"{what}: withheld without need")
    return len(told)


def counts(series):
    return series.fillna("unknown").value_counts().to_dict()


def spacing(values):
    if values is None or len(values) == 0:
        return "unknown"
    first = values[0]
    return f"{first:.2f} mm" if first < 0.5 else f"{first:.1f} mm"


def age(years):
    if pandas.isna(years):
        return "unknown"
    bands = [(90, "90+"), (80, "80-89"), (65, "65-79"), (45, "45-64"), (18, "18-44")]
    return next((word for least, word in bands if years >= least), "0-17")


def by_what(rows):
    told = {}
    for what, word, count in rows:
        told.setdefault(what, {})[word] = count
    return told


def images(page, dataset):
    manifest = table(dataset, "manifest")
    frame = manifest if manifest is not None else table(dataset, "scores")
    if frame is None:
        return 0
    told = by_what(page.rows("images-table"))
    named = {"Modality": "modality", "Body part": "body_part", "Manufacturer": "manufacturer", "Photometric interpretation": "photometric"}
    checked = sum(compare(what, told[what], counts(frame[column])) for what, column in named.items())
    syntaxes = sorted(v for v in counts(frame["transfer_syntax"]).values() if v >= 5)
    shown = sorted(int(v) for v in told["Transfer syntax: how pixels are stored"].values() if v != WITHHELD)
    if not set(shown) <= set(syntaxes):
        wrong(f"transfer syntaxes: {shown} of {syntaxes}")
    checked += compare("Matrix", told["Matrix (rows x columns)"], (frame["rows"].astype(str) + " x " + frame["columns"].astype(str)).value_counts().to_dict())
    checked += compare("Pixel spacing", told["Pixel spacing"], frame["pixel_spacing_mm"].map(spacing).value_counts().to_dict())
    years = frame["study_date"].map(lambda day: "unknown" if pandas.isna(day) else str(pandas.Timestamp(day).year))
    if "Year of the study, shifted" in told:
        checked += compare("Year", told["Year of the study, shifted"], years.value_counts().to_dict())
    else:
        decades = years.map(lambda year: year if len(year) != 4 else f"{year[:3]}0 to {year[:3]}9")
        checked += compare("Decade", told["Decade of the study, shifted"], decades.value_counts().to_dict())
    splits = {row[0]: row[1] for row in page.rows("splits-table")}
    checked += compare("Images by split", splits, counts(frame["split"]))
    persons = {row[0]: row[2] for row in page.rows("splits-table")}
    patients = table(dataset, "patients")
    checked += compare("Patients by split", persons, {split: int((patients["split"] == split).sum()) for split in persons})
    straddling = int((frame.groupby("patient_id")["split"].nunique() > 1).sum())
    if straddling or "no patient has images in two splits" not in " ".join(page.text):
        wrong(f"{straddling} patients in two splits")
    return checked


def people(page, dataset):
    patients, scores = table(dataset, "patients"), table(dataset, "scores")
    told = by_what(page.rows("people-table"))
    years = patients.set_index("patient_id")["age_years"]
    if scores is not None:
        years = years.fillna(scores.dropna(subset=["patient_age_years"]).groupby("patient_id")["patient_age_years"].first())
    checked = compare("Age", told["Age of the patients, years"], years.map(age).value_counts().to_dict())
    checked += compare("Sex", told["Sex of the patients"], counts(patients["sex"].map(lambda sex: SEXES.get(sex, sex))))
    known = {}
    for patient in patients.itertuples():
        rows = json.loads(patient.rows_by_table) if patient.rows_by_table else {}
        has = (patient.images > 0 or "scores" in rows, any(name != "scores" for name in rows))
        word = {(True, False): "images alone", (False, True): "messages or tables alone", (True, True): "both"}.get(has)
        if word:
            known[word] = known.get(word, 0) + 1
    return checked + compare("What is known", told["Patients by what is known of them"], known)


def quality(page, dataset):
    scores = table(dataset, "scores")
    if scores is None:
        return 0
    lowest = scores["quality_score"].dropna().sort_values().head(50)
    rows = page.rows("scores-table")
    # Half a tenth of rounding, after thousandths were rounded.
    if len(rows) != len(lowest) or any(abs(float(row[2]) - score) > 0.0506 for row, score in zip(rows, lowest)):
        wrong("the lowest scores are others")
    by_name = scores.set_index("tensor_id")["quality_score"]
    if any(abs(float(row[2]) - by_name[row[0]]) > 0.0506 for row in rows):
        wrong("a score is another image's")
    told = {word: sum(modality == word for modality in scores["modality"].fillna("unknown")) for word in {row[1] for row in rows}}
    if any(count < 5 for word, count in told.items() if word != WITHHELD):
        wrong("the list of lowest scores names a modality of few images")
    checked = len(rows)
    found = {}
    for words in table(dataset, "series")["findings"]:
        for word in words:
            found[word] = found.get(word, 0) + 1
    for word, count in page.rows("series-table"):
        if count != (WITHHELD if found[word] < 5 else str(found[word])):
            wrong(f"series with {word}: {found[word]}, told {count}")
    copies = table(dataset, "duplicates")
    want = [[kind, str(len(rows)), str(int(rows["leak"].sum()))] for kind, rows in copies.groupby("kind")]
    if page.rows("copies-table") != want:
        wrong(f"copies: {page.rows('copies-table')} for {want}")
    return checked + len(found) + len(want)


def records(page, dataset):
    checked, told = 0, by_what(page.rows("volumes-table"))
    messages = table(dataset, "hl7/messages")
    if messages is not None:
        checked += compare("Messages", told["Messages by type"], counts(messages["message_type"]))
    results = [frame["code"] for frame in (table(dataset, "hl7/observations"), table(dataset, "ehr/observations")) if frame is not None]
    if results:
        found = counts(pandas.concat(results))
        for code, count in told["Results by code"].items():
            if count != WITHHELD and int(count) != found[code]:
                wrong(f"results of {code}: {found[code]}, told {count}")
            checked += 1
    alerts = table(dataset, "alerts")
    if alerts is not None and len(alerts):
        found = alerts.groupby(["severity", "rule"]).size().to_dict()
        for severity, rule, count in page.rows("alerts-table"):
            if count != WITHHELD and int(count) != found[severity, rule]:
                wrong(f"alerts of {rule}: {found[severity, rule]}, told {count}")
            checked += 1
    links = table(dataset, "links")
    for kind, rule, count, studies, _ in page.rows("links-table"):
        rows = links[links["kind"] == kind]
        rows = rows if rule == "any rule" else rows[rows["rule"] == rule]
        for number, is_told in ((len(rows), count), (rows["study_uid"].nunique(), studies)):
            if is_told != (WITHHELD if 0 < number < 5 else str(number)):
                wrong(f"links {kind} by {rule}: {number}, told {is_told}")
        checked += 1
    return checked


def unknown(page, dataset):
    frames, checked = {}, 0
    for name, column, rows, share in page.rows("missing-table"):
        if name not in frames:
            frames[name] = table(dataset, name)
        frame = frames[name]
        nulls = int(frame[column].isna().sum())
        small = 0 < nulls < 5 or 0 < len(frame) - nulls < 5
        want = WITHHELD if small else f"{100 * nulls / len(frame):.1f}%"
        # Halves are rounded to even by both, but of other doubles.
        near = share != WITHHELD and want != WITHHELD and abs(float(share[:-1]) - float(want[:-1])) < 0.11
        if not (share == want or near) or rows != (WITHHELD if len(frame) < 5 else str(len(frame))):
            wrong(f"{name}.{column}: {nulls} of {len(frame)}, told {share} of {rows}")
        checked += 1
    return checked


def treatments(page, dataset):
    card = json.loads((dataset / "dataset.json").read_text())
    found = {}
    for facts in card["tables"]:
        if not facts["rows"]:
            continue
        path = facts["path"].removesuffix(".parquet").removesuffix("/*")
        frame = table(dataset, path)
        flat = set()
        files = [dataset / f"{path}.parquet"] if (dataset / f"{path}.parquet").exists() else sorted((dataset / path).glob("*.parquet"))
        for field in pyarrow.parquet.read_schema(files[0]):
            if not pyarrow.types.is_nested(field.type):
                flat.add(field.name)
        for column in facts["columns"]:
            empty = int(frame[column["name"]].isna().sum()) if column["name"] in flat else 0
            columns, values = found.get(column["treatment"], (0, 0))
            found[column["treatment"]] = (columns + 1, values + len(frame) - empty)
    want = [[word, str(columns), WITHHELD if 0 < values < 5 else str(values)] for word, (columns, values) in sorted(found.items())]
    if page.rows("privacy-table") != want:
        wrong(f"rules: {page.rows('privacy-table')} for {want}")
    return len(want)


def main():
    for name in sys.argv[1:]:
        dataset = pathlib.Path(name)
        page = Page((dataset / "report" / "index.html").read_text())
        checked = sum(check(page, dataset) for check in (images, people, quality, records, unknown, treatments))
        if checked < 40:
            wrong(f"only {checked} numbers of {dataset.name} were compared")
        print(f"report of {dataset.name}: {checked} numbers are those of its files")


main()
