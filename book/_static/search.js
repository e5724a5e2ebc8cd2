// Search: "Fig. 9" asks for a figure by its number (pages.py gives each page such words), and results show no raw TeX.
var splitQuery = (query) => query
  .replace(/\bfig(?:ure|s)?\.?\s*(\d+)(?:\.(\d+))?/gi, (_, number, part) => `fig${number}${part ? `_${part}` : ""}`)
  .split(/[^\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu)
  .filter((term) => term);

document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return; // any other page
  const text = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const formula of page.querySelectorAll(".math")) formula.remove();
    return text(page.documentElement.outerHTML, anchor);
  };
});
