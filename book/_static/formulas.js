// Typeset the formulas of a page with KaTeX: those of the text and those in HTML that a cell wrote, both of class "math".
for (const element of document.querySelectorAll(".math")) {
  renderMathInElement(element, { throwOnError: false, strict: false, errorColor: "#cc0000" });
}
