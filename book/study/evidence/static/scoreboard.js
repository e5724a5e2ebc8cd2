// Search and sorting for the table of claims; the table is whole, and its buttons work, without this.
(() => {
  const board = document.currentScript.previousElementSibling;
  const body = board.querySelector("tbody");
  const rows = [...body.rows];
  const find = board.querySelector(".lrnr-find");
  const shown = find.querySelector("output");
  const kind = board.querySelector("th").textContent; // claim, or observation
  const count = () => {
    const left = rows.filter((row) => getComputedStyle(row).display !== "none").length;
    shown.textContent = `${left} of ${rows.length} ${kind}s`;
  };
  const search = () => {
    const words = find.querySelector("input").value.toLowerCase().split(/\s+/);
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    count();
  };
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.order ?? (column ? cell.textContent : String(rows.indexOf(row)).padStart(4, "0"));
  };
  board.querySelectorAll("th[data-sort]").forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      board.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const sorted = [...rows].sort((a, b) => key(a, head.cellIndex).localeCompare(key(b, head.cellIndex)) * (up ? 1 : -1));
      body.append(...sorted);
    });
  });
  find.hidden = false;
  find.addEventListener("input", search);
  board.addEventListener("change", count);
  count();
})();
