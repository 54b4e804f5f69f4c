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
// The versions of this site: a list where there are several, and a line above an old one.
const versions = window.siteVersions ?? [];
for (const place of document.querySelectorAll(".site-versions")) {
  const root = place.dataset.root, own = place.dataset.version;
  if (versions.length > 1) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.append("Version ", ...place.childNodes);
    const list = document.createElement("ul");
    for (const each of versions) {
      const link = document.createElement("a");
      link.href = root + each.url;
      link.textContent = each.name;
      if (each.version === own) link.setAttribute("aria-current", "true");
      const item = document.createElement("li");
      item.append(link);
      list.append(item);
    }
    details.append(summary, list);
    place.replaceChildren(details);
  }
  const newest = versions.find((each) => each.preferred);
  if (newest && newest.version !== own && !document.querySelector(".old-version")) {
    const line = document.createElement("aside");
    line.className = "old-version";
    line.setAttribute("aria-label", "Old version");
    const link = document.createElement("a");
    link.href = root + newest.url;
    link.textContent = `read that of ${newest.name}`;
    line.append(`This is the documentation of version ${own}. The newest is another one: `, link, ".");
    // Behind the link that skips to the text, which stays the first.
    const skip = document.querySelector("#pst-skip-link")?.closest("body > *");
    if (skip) skip.after(line);
    else document.body.prepend(line);
  }
}
