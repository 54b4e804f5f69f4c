// The corner of a table heads nothing.
for (const corner of document.querySelectorAll("thead th")) {
  if (!corner.textContent.trim()) corner.replaceWith(document.createElement("td"));
}
// Names for what the theme and the gallery leave without one: a screen reader says them.
for (const link of document.querySelectorAll(".sphx-glr-thumbcontainer p > a")) {
  link.setAttribute("aria-label", link.textContent.trim());
}
for (const summary of document.querySelectorAll("details > summary")) {
  if (!summary.textContent.trim()) {
    const above = summary.closest("li")?.querySelector("a")?.textContent.trim() ?? "this";
    summary.setAttribute("aria-label", `Pages below ${above}`);
  }
}
