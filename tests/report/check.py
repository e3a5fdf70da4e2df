"""Opens report/index.html of a data set in headless Chromium: tests/report/check.py DATASET [--pictures DIR] [--most-seconds S]

No console message, nothing loaded from anywhere, sorting, filters and themes work, everything that can be pressed or seen
has a name in the accessibility tree, and the page is there within --most-seconds. Exits 1 on the first thing that is not so.
"""

import argparse
import json
import pathlib
import shutil
import sys
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

ROLES = {"button", "searchbox", "textbox", "img", "image", "link", "heading", "table", "navigation", "region"}


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    for word in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1400"]:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


def wrong(what):
    sys.exit(f"report: {what}")


def rows(table):
    """Cells of the rows that are shown, one call for all."""
    script = "return Array.from(arguments[0].tBodies[0].rows).filter(r => !r.hidden).map(r => Array.from(r.cells, c => c.textContent))"
    return table.parent.execute_script(script, table)


def column(table, place):
    return [row[place] for row in rows(table)]


def sorting(page):
    tables = [t for t in page.find_elements(By.CSS_SELECTOR, "table[data-sort]") if len(rows(t)) > 1]
    if len(tables) < 4:
        wrong(f"only {len(tables)} tables to sort")
    for table in tables:
        heads = table.find_elements(By.TAG_NAME, "th")
        for place, head in enumerate(heads):
            before = sorted(column(table, place))
            for want in ["ascending", "descending"]:
                # By the keyboard: a heading is a button.
                head.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
                if head.get_attribute("aria-sort") != want:
                    wrong(f"a heading of {table.get_attribute('id')} does not sort {want}")
            values = column(table, place)
            if sorted(values) != before:
                wrong(f"sorting {table.get_attribute('id')} loses rows")
            numbers = [v.replace("%", "") for v in values]
            if all(v.replace(".", "", 1).isdigit() for v in numbers):
                found = [float(v) for v in numbers]
                if found != sorted(found, reverse=True):
                    wrong(f"{table.get_attribute('id')} is not in order")
    return len(tables)


def filters(page):
    inputs = page.find_elements(By.CSS_SELECTOR, "input[data-filter]")
    for field in inputs:
        name = field.get_attribute("data-filter")
        table = page.find_element(By.ID, name)
        every = len(column(table, 0))
        word = column(table, 1)[0].split(" ")[0].lower()
        field.send_keys(word)
        shown = [" ".join(row).lower() for row in rows(table)]
        if not shown or len(shown) > every or not all(word in text for text in shown):
            wrong(f"the filter of {name} shows what does not fit")
        if not page.find_element(By.ID, f"{name}-told").text.startswith(f"{len(shown)} of {every}"):
            wrong(f"the filter of {name} does not say how many rows it shows")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE)
        if len(column(table, 0)) != every:
            wrong(f"the filter of {name} does not let go")
    return len(inputs)


def names(page):
    nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    seen = 0
    for node in nodes:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in ROLES:
            continue
        seen += 1
        if not node.get("name", {}).get("value", "").strip():
            wrong(f"a {role} without a name: {json.dumps(node)[:300]}")
    if seen < 40:
        wrong(f"only {seen} named things in the accessibility tree")
    return seen


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("dataset", type=pathlib.Path)
    words.add_argument("--pictures", type=pathlib.Path)
    words.add_argument("--most-seconds", type=float, default=10.0)
    asked = words.parse_args()
    file = (asked.dataset / "report" / "index.html").resolve()
    page = browser()
    try:
        began = time.monotonic()
        page.get(file.as_uri())
        took = time.monotonic() - began
        if took > asked.most_seconds:
            wrong(f"it took {took:.1f} s to open")
        paper = lambda: page.execute_script("return getComputedStyle(document.body).backgroundColor")
        light = paper()
        if asked.pictures:
            asked.pictures.mkdir(parents=True, exist_ok=True)
            page.save_screenshot(str(asked.pictures / "light.png"))
        page.find_element(By.ID, "theme").send_keys(Keys.ENTER)
        if paper() == light:
            wrong("the theme does not change")
        if asked.pictures:
            page.save_screenshot(str(asked.pictures / "dark.png"))
            height = page.execute_script("return document.documentElement.scrollHeight")
            page.set_window_size(1280, min(height, 12000))
            page.save_screenshot(str(asked.pictures / "whole.png"))
        told = f"{sorting(page)} tables sort, {filters(page)} filters, {names(page)} names"
        messages = [entry for entry in page.get_log("browser")]
        if messages:
            wrong(f"the console says {messages[0]['message'][:200]}")
        loads = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
        urls = {m["params"]["request"]["url"] for m in loads if m["method"] == "Network.requestWillBeSent"}
        strange = [url for url in urls if not url.startswith(("file://", "data:"))]
        if strange:
            wrong(f"it loads {strange[0]}")
        print(f"report of {asked.dataset.name}: {told}, opened in {took:.2f} s")
    finally:
        page.quit()


main()
