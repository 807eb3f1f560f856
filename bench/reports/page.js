// What of a page is wrong for who looks at it; run in the page, given the setting's name.
() => {
  const wrong = [];
  const wide = document.documentElement.clientWidth;
  const name = (one) => `${one.tagName.toLowerCase()}.${one.getAttribute("class") || ""}`
    + ` “${(one.textContent || "").trim().slice(0, 40)}”`;
  const scrolled = (one) => one.parentElement?.closest(".wide")
    || getComputedStyle(one.closest("thead") || document.body).position === "absolute";
  if (document.documentElement.scrollWidth > wide)
    wrong.push(`the page is ${document.documentElement.scrollWidth} px wide on ${wide}`);
  for (const one of document.body.querySelectorAll("*")) {
    const box = one.getBoundingClientRect();
    if (!box.width || scrolled(one)) continue;
    // Blanks at the end of a line hang over the edge of an inline box, and nobody sees them.
    const inline = getComputedStyle(one).display === "inline";
    if (!inline && (box.right > wide + 1 || box.left < -1)) wrong.push(`sticks out: ${name(one)}`);
    const style = getComputedStyle(one);
    if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth && style.overflowX !== "visible"
        && !one.matches(".wide")) wrong.push(`is cut: ${name(one)}`);
    const text = [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim().length > 3);
    if (text && !one.closest("svg") && parseFloat(style.fontSize) < 10)
      wrong.push(`letters of ${style.fontSize}: ${name(one)}`);
    if (text && one.matches("td, th, dd, p, li") && box.width < 60 && one.textContent.length > 12)
      wrong.push(`a column of ${Math.round(box.width)} px: ${name(one)}`);
  }
  for (const picture of document.querySelectorAll("svg")) {
    const around = picture.getBoundingClientRect();
    if (picture.getAttribute("role") !== "img" || !picture.querySelector(":scope > title")?.textContent)
      wrong.push("a picture without words");
    for (const text of picture.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.right > around.right + 1 || box.bottom > around.bottom + 1)
        wrong.push(`out of the picture: ${name(text)}`);
      const scale = around.width / (picture.viewBox.baseVal.width || around.width);
      const size = parseFloat(getComputedStyle(text).fontSize) * scale;
      if (around.width && size < 9) wrong.push(`letters of ${size.toFixed(1)} px in the picture`);
    }
  }
  for (const image of document.querySelectorAll("img"))
    wrong.push(`an image: ${image.src}`);
  for (const link of document.querySelectorAll("a[href]")) {
    const to = link.getAttribute("href");
    if (!to.startsWith("#") || !document.getElementById(to.slice(1)))
      wrong.push(`leads nowhere: ${to}`);
  }
  const count = {};
  for (const one of wrong) count[one] = (count[one] || 0) + 1;
  return Object.entries(count).map(([one, times]) => times > 1 ? `${one} (${times}×)` : one);
}
