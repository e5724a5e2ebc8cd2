// Typeset the formulas of a page with KaTeX: those of the text and those in HTML that a cell wrote, both of class "math".
for (const element of document.querySelectorAll(".math")) {
  renderMathInElement(element, { throwOnError: false, strict: false, errorColor: "#cc0000" });
}

// A comma or a full stop stays on the line of the formula before it, which may be broken itself.
for (const formula of document.querySelectorAll("span.math")) {
  const after = formula.nextSibling;
  const mark = after?.nodeType === Node.TEXT_NODE && after.data.match(/^[.,;:!?)’”]+/)?.[0];
  if (mark) {
    const line = document.createElement("span");
    line.style.whiteSpace = "nowrap";
    formula.style.whiteSpace = "normal";
    formula.replaceWith(line);
    line.append(formula, mark);
    after.data = after.data.slice(mark.length);
  }
}
