"use strict";
// Sorting by any column, a filter for each table, light and dark. Everything is in the page; nothing is loaded.
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
  for (const input of document.querySelectorAll("input[data-filter]")) {
    const table = document.getElementById(input.dataset.filter);
    const told = document.getElementById(input.dataset.filter + "-told");
    const rows = Array.from(table.tBodies[0].rows, function (row) { return [row.textContent.toLowerCase(), row]; });
    input.addEventListener("input", function () {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const pair of rows) {
        const fits = words.every(function (word) { return pair[0].includes(word); });
        pair[1].hidden = !fits;
        shown += fits ? 1 : 0;
      }
      told.textContent = shown + " of " + rows.length + " rows";
    });
  }
})();
