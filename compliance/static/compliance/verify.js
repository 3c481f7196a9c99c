// Checks a leaf of the log in the reader's own browser, from the public key, checkpoint and tiles alone. Nothing that
// the page says of the leaf is believed but its bytes; each step shows what it found, and the first that fails is named.
// What is computed, and how, stands in log.js.
"use strict";

(function () {
  const box = document.querySelector("[data-verify]");
  if (!box) return;

  const { Finding, WIDTH, climb, hex, isSigned, rangeHash, readKey, readNote, sha256, text, tilesOf } = window.comptoirLog;
  const STEPS = ["key", "head", "tiles", "leaf", "growth"];

  function download(path) {
    return window.comptoirLog.download(box.dataset.log, path);
  }

  // What this browser remembers of the log: its key, and the last head that was found good.

  function memory(name) {
    try {
      return JSON.parse(window.localStorage.getItem("comptoir-log " + name));
    } catch (error) {
      return null;
    }
  }

  function remember(name, value) {
    try {
      window.localStorage.setItem("comptoir-log " + name, JSON.stringify(value));
    } catch (error) { /* a browser that keeps nothing checks all the same */ }
  }

  // The steps. Each answers the words it shows and their values, or throws a Finding.

  const given = box.querySelector("[data-key]");

  // The name of the key ends with the log's year; the key itself goes on.
  function family(name) {
    return name.slice(0, name.lastIndexOf("/"));
  }

  async function checkKey(seen) {
    seen.key = await readKey(new TextDecoder().decode(await download("vkey")));
    const known = memory(family(seen.key.name));
    const values = { id: seen.key.short, since: known ? date(known.at) : "" };
    const pinned = given.value.trim() || (known && known.key);
    if (!pinned) return ["first", values];
    let own;
    try {
      own = await readKey(pinned);
    } catch (finding) {
      throw new Finding("mistyped");
    }
    if (hex(own.typed) !== hex(seen.key.typed)) throw new Finding("other", { ...values, own: own.short });
    return [given.value.trim() ? "pinned" : "known", values];
  }

  async function checkHead(seen) {
    seen.note = readNote(await download("checkpoint"));
    const values = { size: number(seen.note.size), root: hex(seen.note.root), origin: seen.note.origin };
    const verdict = await isSigned(seen.note, seen.key);
    if (verdict === false) throw new Finding("forged", values);
    if (seen.note.size <= Number(box.dataset.place)) throw new Finding("short", values);
    if (seen.note.origin !== box.dataset.origin) throw new Finding("foreign", values);
    return [verdict === null ? "unsure" : "ok", values];
  }

  async function checkTiles(seen) {
    const place = Number(box.dataset.place);
    seen.tiles = tilesOf(box.dataset.log, seen.note.size);
    seen.cell = (await seen.tiles(0, Math.floor(place / WIDTH)))[place % WIDTH];
    const found = await climb(seen.tiles, seen.cell, place, seen.note.size);
    const values = { steps: number(found.steps), root: hex(found.root), signed: hex(seen.note.root) };
    if (values.root !== values.signed) throw new Finding("broken", values);
    return ["ok", values];
  }

  async function checkLeaf(seen) {
    const bytes = text.encode(document.querySelector("[data-leaf]").textContent);
    const values = { hash: hex(await sha256(Uint8Array.of(0), bytes)), cell: hex(seen.cell) };
    if (values.hash !== values.cell) throw new Finding("changed", values);
    return ["ok", values];
  }

  async function checkGrowth(seen) {
    const last = memory(seen.note.origin);
    if (!last) return ["first", {}];
    const values = { size: number(last.size), since: date(last.at) };
    if (last.size > seen.note.size) throw new Finding("shrunk", values);
    const begins = last.size ? hex(await rangeHash(seen.tiles, 0, last.size)) : last.root;
    if (begins !== last.root) throw new Finding("rewritten", values);
    return ["ok", values];
  }

  const CHECKS = { key: checkKey, head: checkHead, tiles: checkTiles, leaf: checkLeaf, growth: checkGrowth };

  function number(value) {
    return value.toLocaleString(document.documentElement.lang);
  }

  function date(moment) {
    return new Date(moment).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  }

  // Showing: the words stand in the page, in the reader's language; here they are only chosen and filled.
  function show(part, words, values) {
    part.dataset.state = words;
    for (const one of part.querySelectorAll("[data-when]")) {
      one.hidden = !one.dataset.when.split(" ").includes(words);
    }
    for (const one of part.querySelectorAll("[data-fill]")) {
      one.textContent = (values || {})[one.dataset.fill] ?? "";
    }
  }

  function stepOf(name) {
    return box.querySelector('[data-step="' + name + '"]');
  }

  async function run() {
    const verdict = box.querySelector("[data-verdict]");
    const seen = {};
    box.querySelector("[data-steps]").hidden = false;
    for (const name of STEPS) show(stepOf(name), "waiting");
    show(verdict, "running");
    let isSure = true;
    for (const name of STEPS) {
      try {
        const [words, values] = await CHECKS[name](seen);
        isSure = isSure && words !== "unsure";
        show(stepOf(name), words, values);
      } catch (finding) {
        if (!(finding instanceof Finding)) throw finding;
        show(stepOf(name), finding.words, finding.values);
        STEPS.slice(STEPS.indexOf(name) + 1).forEach((left) => show(stepOf(left), "skipped"));
        show(verdict, ["unreachable", "missing"].includes(finding.words) ? "cut" : "failed");
        return;
      }
    }
    if (isSure) {
      const at = Date.now();
      remember(family(seen.key.name), { key: seen.key.line, at });
      remember(seen.note.origin, { size: seen.note.size, root: hex(seen.note.root), at });
    }
    show(verdict, isSure ? "good" : "unsure", { size: number(seen.note.size) });
  }

  const button = box.querySelector("[data-run]");
  box.querySelector("[data-with-script]").hidden = false;
  box.querySelector("[data-without-script]").hidden = true;
  if (!window.crypto || !window.crypto.subtle) {
    button.disabled = true;
    show(box.querySelector("[data-verdict]"), "impossible");
    return;
  }
  button.addEventListener("click", async function () {
    button.setAttribute("aria-busy", "true");
    try {
      await run();
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
})();
