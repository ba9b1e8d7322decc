// The queue, fast: the next card is shown before the server answers, and comes back if it refuses.
// Without this file every button still works (plain forms). No dependency; strict CSP.
"use strict";
(() => {
  const queue = document.getElementById("queue");
  if (!queue) return;
  const { query, token, mode } = queue.dataset;
  const keys = JSON.parse(queue.dataset.keys);
  const said = document.getElementById("said");
  const empty = document.getElementById("empty");
  const help = document.getElementById("aide");
  const WANTED = 8, LOW = 5;
  let until = queue.dataset.until, shownAt = performance.now(), asking = false, dry = false;
  let active = Date.now();
  const sending = new Map(); // initiative → its card, until the server has answered
  const told = () => { queue.dataset.sending = sending.size; };
  document.documentElement.classList.add("js");

  const cards = () => [...queue.children];
  const first = () => queue.firstElementChild;

  function say(text, bad = false) {
    said.textContent = text;
    said.classList.toggle("bad", bad);
  }

  function shown() {
    shownAt = performance.now();
    empty.hidden = Boolean(first()) || asking || !dry;
    first()?.querySelector("h2").focus({ preventScroll: true });
    if (window.scrollY > queue.offsetTop) window.scrollTo(0, queue.offsetTop);
    if (cards().length < LOW && !dry) more();
  }

  function count(id, by) {
    const at = document.getElementById(id);
    const now = Math.max(0, Number(at.textContent.replace(/\D/g, "")) + by);
    at.textContent = now.toLocaleString("fr-FR");
  }

  function parsed(html) {
    const found = new DOMParser().parseFromString(html, "text/html");
    return [...found.querySelectorAll("article.card")].map((one) => document.adoptNode(one));
  }

  async function more() {
    if (asking) return;
    asking = true;
    try {
      const held = [...cards().map((one) => one.dataset.id), ...sending.keys()];
      const answer = await fetch(`/file/cartes?${query}&tenues=${held.join(",")}`, { headers: { accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      until = answer.headers.get("x-jusqu") || until;
      const here = new Set([...cards().map((one) => one.dataset.id), ...sending.keys()]);
      const found = parsed(await answer.text()).filter((one) => !here.has(one.dataset.id));
      dry = found.length === 0 && held.length < WANTED;
      const was = first();
      queue.append(...found);
      if (!was && first()) { asking = false; shown(); }
    } catch {
      if (!first()) say("Les fiches suivantes n'arrivent pas : vérifiez le réseau, puis rechargez la page.", true);
    } finally {
      asking = false;
      empty.hidden = Boolean(first()) || !dry;
    }
  }

  function back(card, text) {
    sending.delete(card.dataset.id); told();
    queue.prepend(card);
    empty.hidden = true;
    count("left", 1); count("mine", -1);
    say(text, true);
    card.querySelector("h2").focus({ preventScroll: true });
  }

  async function decide(act) {
    const card = first();
    if (!card || sending.has(card.dataset.id)) return;
    const form = card.querySelector("form");
    const data = new URLSearchParams(new FormData(form));
    data.set("acte", act);
    data.set("secondes", ((performance.now() - shownAt) / 1000).toFixed(2));
    if (act === "note") return note(data);
    sending.set(card.dataset.id, card);
    told();
    card.remove();
    count("left", -1); count("mine", 1);
    say(`${{ approve: "Validée", reject: "Écartée", skip: "Passée" }[act]} : ${card.querySelector("h2").textContent}`);
    shown();
    const answer = await post("/file/decision", data, true);
    if (answer.ok) {
      sending.delete(card.dataset.id); told();
      until = answer.json.until || until;
    } else if (answer.status === 409 || answer.status === 404) {
      await refreshed(card, answer.json.message);
    } else {
      back(card, answer.json.message);
    }
  }

  // Somebody else decided, or the announcement changed: show the card as it is now, if it is ours.
  async function refreshed(card, message) {
    const kept = card.querySelector("textarea").value;
    const url = `/file/cartes?${query}&initiative=${encodeURIComponent(card.dataset.id)}`;
    const answer = await fetch(url).catch(() => null);
    const fresh = answer?.ok ? parsed(await answer.text())[0] : null;
    if (!fresh) {
      sending.delete(card.dataset.id); told();
      count("mine", -1);
      say(`${message} (${card.querySelector("h2").textContent})`, true);
      return;
    }
    fresh.querySelector("textarea").value = kept;
    back(fresh, "Cette fiche a changé depuis qu'elle vous a été montrée : la voici à jour, décidez à nouveau.");
  }

  async function note(data) {
    const answer = await post("/file/decision", data, false);
    say(answer.json.message, !answer.ok);
  }

  async function undo() {
    const data = new URLSearchParams(new FormData(document.getElementById("undo")));
    await Promise.resolve();
    while (sending.size) await new Promise((done) => setTimeout(done, 30));
    const answer = await post("/file/annuler", data, false);
    const card = answer.ok ? parsed(answer.text)[0] : null;
    if (!card) return say(answer.ok ? "Rien à annuler." : answer.json.message, !answer.ok);
    queue.querySelector(`[data-id="${CSS.escape(card.dataset.id)}"]`)?.remove();
    queue.prepend(card);
    empty.hidden = true;
    count("left", 1); count("mine", -1);
    say("Décision annulée : la fiche est de nouveau devant vous.");
    card.querySelector("h2").focus({ preventScroll: true });
  }

  // The key of the form makes sending twice harmless: a lost answer is asked for again, once.
  async function post(url, body, again) {
    try {
      const json = url !== "/file/annuler";
      const answer = await fetch(url, {
        method: "POST", body, keepalive: true,
        headers: { "x-jeton": token, accept: json ? "application/json" : "application/json, text/html" },
      });
      const text = await answer.text();
      const isJson = (answer.headers.get("content-type") || "").includes("json");
      const said = isJson ? JSON.parse(text) : { message: text.slice(0, 200) };
      return { ok: answer.ok, status: answer.status, json: said, text };
    } catch {
      if (again) {
        await new Promise((done) => setTimeout(done, 800));
        return post(url, body, false);
      }
      return { ok: false, status: 0, json: { message: "Le réseau ne répond pas : la fiche est revenue, rien n'est perdu." } };
    }
  }

  const acts = {
    approve: () => decide("approve"),
    reject: () => decide("reject"),
    skip: () => decide("skip"),
    duplicate: () => first()?.querySelector("a.duplicate").click(),
    note: () => first()?.querySelector("textarea").focus(),
    undo,
    next: () => { if (cards().length > 1) { queue.append(first()); shown(); } },
    previous: () => { if (cards().length > 1) { queue.prepend(queue.lastElementChild); shown(); } },
    open: () => first()?.querySelector("a.source")?.click(),
    help: () => {
      help.classList.toggle("open");
      if (help.classList.contains("open")) help.scrollIntoView();
    },
  };
  for (let n = 1; n <= 5; n++) {
    acts[`theme${n}`] = () => first()?.querySelector(`[data-key="theme${n}"]`).click();
  }

  const typing = (at) => at.isContentEditable || /^(TEXTAREA|SELECT)$/.test(at.tagName)
    || (at.tagName === "INPUT" && !/^(checkbox|radio)$/.test(at.type));

  addEventListener("keydown", (event) => {
    active = Date.now();
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (event.repeat || event.isComposing || mode === "off" || event.ctrlKey || event.metaKey) return;
    if (event.altKey !== (mode === "alt") || typing(event.target)) return;
    const pressed = event.key.toLowerCase();
    // On a French keyboard the row of digits needs Shift: the physical key counts as well.
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    const name = Object.keys(keys).find((one) => keys[one] === pressed)
      || Object.keys(keys).find((one) => keys[one] === digit);
    if (!name) return;
    event.preventDefault();
    acts[name]();
  });

  queue.addEventListener("submit", (event) => {
    event.preventDefault();
    decide(event.submitter?.value || "approve");
  });
  document.getElementById("undo").addEventListener("submit", (event) => {
    event.preventDefault();
    undo();
  });
  document.getElementById("ask").addEventListener("click", (event) => {
    event.preventDefault();
    acts.help();
  });
  addEventListener("pointerdown", () => { active = Date.now(); });

  // Somebody at work keeps the cards; a page that is left gives them back.
  setInterval(() => {
    if (document.visibilityState === "visible" && Date.now() - active < 300000) more();
  }, 180000);
  addEventListener("pagehide", () => {
    navigator.sendBeacon("/file/liberer", new URLSearchParams({ jeton: token, jusqu: until }));
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  shown();
})();
