"use strict";
// Sorting by any column, a filter for each table, one search over all of them, light and dark. Everything is in the page;
// nothing is loaded.
(function () {
  const root = document.documentElement;
  const toggle = document.getElementById("theme");
  toggle.addEventListener("click", function () {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    toggle.setAttribute("aria-pressed", String(!dark));
  });
  function value(row, place) {
    const text = row.cells[place].textContent.trim();
    const number = text === "" ? NaN : Number(text.replace("%", ""));
    return Number.isNaN(number) ? text : number;
  }
  function compare(a, b) {
    if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
    return typeof a === "number" ? -1 : 1;
  }
  for (const table of document.querySelectorAll("table[data-sort]")) {
    const body = table.tBodies[0];
    for (const head of table.tHead.rows[0].cells) {
      head.querySelector("button").addEventListener("click", function () {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = Array.from(body.rows, function (row) { return [value(row, head.cellIndex), row]; });
        rows.sort(function (a, b) { return compare(a[0], b[0]) * (up ? 1 : -1); });
        for (const pair of rows) body.appendChild(pair[1]);
      });
    }
  }
  const search = document.getElementById("search");
  const tables = Array.from(document.querySelectorAll("table[data-sort]"), function (table) {
    const filter = document.querySelector("input[data-filter=" + table.id + "]");
    const told = document.getElementById(table.id + "-told");
    const rows = Array.from(table.tBodies[0].rows, function (row) { return [row.textContent.toLowerCase(), row]; });
    return { table: table, filter: filter, told: told, rows: rows };
  });
  function words(input) {
    return input ? input.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
  }
  // Rows that fit both the table's own filter and the search.
  function show(one) {
    const wanted = words(one.filter).concat(words(search));
    let shown = 0;
    for (const pair of one.rows) {
      const fits = wanted.every(function (word) { return pair[0].includes(word); });
      pair[1].hidden = !fits;
      shown += fits ? 1 : 0;
    }
    if (one.told) one.told.textContent = shown + " of " + one.rows.length + " rows";
    return shown;
  }
  for (const one of tables) {
    if (one.filter) one.filter.addEventListener("input", function () { show(one); });
  }
  search.addEventListener("input", function () {
    const searching = words(search).length > 0;
    const found = new Set();
    for (const one of tables) {
      const shown = show(one);
      if (shown > 0) found.add(one.table.closest("section"));
    }
    // While something is searched for, sections without it stand aside.
    for (const section of document.querySelectorAll("main > section")) section.hidden = searching && !found.has(section);
  });
})();
