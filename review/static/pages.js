// What pages gain with JavaScript; every one of them works without it.
(() => {
  "use strict";
  // One key presses the button or link that bears it, in the mode the person chose (WCAG 2.1.4).
  const form = document.querySelector("[data-keys]");
  const writes = (e) => e.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  if (form && form.dataset.keys !== "off") {
    document.addEventListener("keydown", (event) => {
      const alt = form.dataset.keys === "alt";
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey !== alt || writes(event.target)) return;
      const button = [...document.querySelectorAll("[data-key]")].find((b) => b.dataset.key === event.key.toLowerCase());
      if (button) { event.preventDefault(); button.click(); }
    });
  }
  // A box that ticks all those of its table.
  for (const all of document.querySelectorAll("[data-all]")) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const one of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) one.checked = all.checked;
    });
  }
  // Communes proposed while one types.
  for (const input of document.querySelectorAll("[data-communes]")) {
    const list = document.getElementById(input.getAttribute("list"));
    let asked = "";
    input.addEventListener("input", async () => {
      const text = input.value.trim();
      if (text.length < 2 || text === asked) return;
      asked = text;
      const answer = await fetch(`/communes?debut=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } });
      if (!answer.ok || asked !== text) return;
      list.replaceChildren(...(await answer.json()).map((name) => Object.assign(document.createElement("option"), { value: name })));
    });
  }
})();
