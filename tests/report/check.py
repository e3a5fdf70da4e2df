"""Opens report/index.html of a data set in headless Chromium: tests/report/check.py DATASET [--pictures DIR] [--most-seconds S]

No console message, nothing loaded from anywhere, sorting, filters, the search and themes work, everything that can be pressed
or seen has a name in the accessibility tree and is reached by the keyboard, a narrow screen needs no scrolling sideways, paper
gets the first rows of long tables, and the page is there within --most-seconds. Exits 1 on the first thing that is not so.
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


def search(page):
    """The search over all tables: rows without the word and sections without a row go, and come back."""
    field = page.find_element(By.ID, "search")
    sections = "return Array.from(document.querySelectorAll('main > section')).filter(s => !s.hidden).length"
    visible = "return Array.from(document.querySelectorAll('tbody tr')).filter(r => r.checkVisibility()).map(r => r.textContent.toLowerCase())"
    every, of_sections = len(page.execute_script(visible)), page.execute_script(sections)
    word = "patient"
    field.send_keys(word)
    shown = page.execute_script(visible)
    if not shown or len(shown) >= every or not all(word in text for text in shown):
        wrong("the search shows what does not fit")
    if page.execute_script(sections) >= of_sections:
        wrong("the search leaves sections in which nothing was found")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.DELETE)
    if len(page.execute_script(visible)) != every or page.execute_script(sections) != of_sections:
        wrong("the search does not let go")
    return len(shown)


def keyboard(page):
    """Tab reaches everything that can be pressed, typed into or scrolled, in the order of the page."""
    wanted = page.execute_script(
        "return document.querySelectorAll('a[href], button, input, [tabindex=\"0\"]').length")
    page.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
    reached = page.execute_script("""
        const all = Array.from(document.querySelectorAll('a[href], button, input, [tabindex="0"]'));
        return all.filter(e => { e.focus(); return document.activeElement === e && e.tabIndex === 0; }).length""")
    if reached != wanted or wanted < 10:
        wrong(f"the keyboard reaches {reached} of {wanted}")
    page.execute_script("document.activeElement.blur()")
    body = page.find_element(By.TAG_NAME, "body")
    seen = []
    for _ in range(5):
        body.send_keys(Keys.TAB)
        body = page.switch_to.active_element
        seen.append(body.get_attribute("id") or body.tag_name)
    # The first of them may be the page itself.
    if [name for name in seen if name != "body"][:4] != ["search", "theme", "a", "a"]:
        wrong(f"Tab goes to {seen}")


def papers(page):
    """A narrow screen is not scrolled sideways; paper has the first rows of long tables, and says so."""
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True})
    wide = page.execute_script("return document.documentElement.scrollWidth")
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    if wide > 360:
        wrong(f"a screen of 360 pixels is scrolled to {wide}")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    rows = page.execute_script(
        "return Array.from(document.querySelectorAll('.long tbody'), b => Array.from(b.rows).filter(r => r.checkVisibility()).length)")
    told = page.execute_script("return Array.from(document.querySelectorAll('.paper')).filter(p => p.checkVisibility()).length")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    if any(count != 30 for count in rows) or told != len(rows):
        wrong(f"on paper long tables have {rows} rows, and {told} say so")
    return len(rows)


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
        keyboard(page)
        told = f"{search(page)} rows found, {papers(page)} long tables, "
        told += f"{sorting(page)} tables sort, {filters(page)} filters, {names(page)} names"
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
