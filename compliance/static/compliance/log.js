// The log as anyone can read it: its public key, signed heads and tiles, and the tree of hashes they make. No page and
// no words of the exchange come in here; what does not fit is a Finding.
"use strict";

window.comptoirLog = (function () {
  const WIDTH = 256;
  const HASH_BYTES = 32;
  const ED25519 = 1;
  const text = new TextEncoder();

  // What is found wrong: `words` names the finding, `values` are what it is about.
  class Finding extends Error {
    constructor(words, values) {
      super(words);
      this.words = words;
      this.values = values || {};
    }
  }

  // Bytes and their spellings.

  function joined(parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  function fromBase64(spelled) {
    try {
      return Uint8Array.from(atob(spelled), (character) => character.charCodeAt(0));
    } catch (error) {
      throw new Finding("unreadable");
    }
  }

  function hex(bytes) {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function sha256(...parts) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(parts)));
  }

  // The log's public files (C2SP tlog-tiles).

  async function download(log, path) {
    let answer;
    try {
      answer = await fetch(log + path, { cache: "no-store", credentials: "omit" });
    } catch (error) {
      throw new Finding("unreachable", { path });
    }
    if (!answer.ok) throw new Finding("missing", { path });
    return new Uint8Array(await answer.arrayBuffer());
  }

  function tilePath(level, index, width) {
    const digits = String(index);
    const parts = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
    const last = parts.pop();
    const place = parts.map((part) => "x" + part + "/").join("") + last;
    return "tile/" + level + "/" + place + (width < WIDTH ? ".p/" + width : "");
  }

  // The hashes of the tiles as they are in a log of `size` leaves. A partial tile that was taken away since is the
  // beginning of the full one.
  function tilesOf(log, size) {
    const kept = new Map();

    async function read(level, index) {
      const width = Math.min(WIDTH, Math.floor(size / WIDTH ** level) - index * WIDTH);
      const path = tilePath(level, index, width);
      let data;
      try {
        data = await download(log, path);
      } catch (finding) {
        if (width === WIDTH || finding.words !== "missing") throw finding;
        data = (await download(log, tilePath(level, index, WIDTH))).slice(0, width * HASH_BYTES);
      }
      if (data.length !== width * HASH_BYTES) throw new Finding("misshapen", { path });
      return Array.from({ length: width }, (_, n) => data.slice(n * HASH_BYTES, (n + 1) * HASH_BYTES));
    }

    return function (level, index) {
      const name = level + "/" + index;
      if (!kept.has(name)) kept.set(name, read(level, index));
      return kept.get(name);
    };
  }

  // The tree of RFC 6962.

  function node(left, right) {
    return sha256(Uint8Array.of(1), left, right);
  }

  async function rootOf(cells) {
    let row = cells;
    while (row.length > 1) {
      const above = [];
      for (let n = 0; n + 1 < row.length; n += 2) above.push(await node(row[n], row[n + 1]));
      row = above;
    }
    return row[0];
  }

  // The hash over the leaves from `start` to `end`, which is a node's range: its full subtrees, joined from the right.
  async function rangeHash(tiles, start, end) {
    const parts = [];
    while (start < end) {
      let height = 0;
      while (2 ** (height + 1) <= end - start) height += 1;
      const level = Math.floor(height / 8);
      const first = start / WIDTH ** level;
      const cells = await tiles(level, Math.floor(first / WIDTH));
      const from = first % WIDTH;
      parts.push(await rootOf(cells.slice(from, from + 2 ** (height % 8))));
      start += 2 ** height;
    }
    let found = parts.pop();
    while (parts.length) found = await node(parts.pop(), found);
    return found;
  }

  // The root that a leaf's hash at `index` leads to, with every hash beside its way taken from the tiles.
  async function climb(tiles, leaf, index, size) {
    const way = [];
    let [start, end] = [0, size];
    while (end - start > 1) {
      let left = 1;
      while (left * 2 < end - start) left *= 2;
      const middle = start + left;
      if (index < middle) {
        way.push([false, middle, end]);
        end = middle;
      } else {
        way.push([true, start, middle]);
        start = middle;
      }
    }
    let found = leaf;
    for (const [isLeft, from, to] of way.reverse()) {
      const given = await rangeHash(tiles, from, to);
      found = isLeft ? await node(given, found) : await node(found, given);
    }
    return { root: found, steps: way.length };
  }

  // Keys and signed heads (C2SP signed-note, tlog-checkpoint).

  async function keyId(name, typed) {
    return (await sha256(text.encode(name + "\n"), typed)).slice(0, 4);
  }

  async function readKey(line) {
    const [name, id, ...rest] = line.trim().split("+");
    const typed = fromBase64(rest.join("+"));
    if (typed.length !== 33 || typed[0] !== ED25519) throw new Finding("unreadable");
    if (hex(await keyId(name, typed)) !== id) throw new Finding("unreadable");
    return { name, typed, line: line.trim(), short: id };
  }

  function readNote(bytes) {
    const whole = new TextDecoder().decode(bytes);
    const cut = whole.lastIndexOf("\n\n");
    const lines = whole.slice(0, cut + 1).split("\n");
    const size = Number(lines[1]);
    const root = fromBase64(lines[2] || "");
    const isHead = cut > 0 && lines[0] && /^(0|[1-9][0-9]{0,14})$/.test(lines[1] || "");
    if (!isHead || root.length !== HASH_BYTES) throw new Finding("unreadable");
    const signatures = whole.slice(cut + 2).split("\n").filter((line) => line.startsWith("\u2014 "));
    return { origin: lines[0], size, root, signed: whole.slice(0, cut + 1), signatures };
  }

  // Whether the key's owner signed this head; null where the browser knows no Ed25519.
  async function isSigned(note, key) {
    const id = hex(await keyId(note.origin, key.typed));
    for (const line of note.signatures) {
      const [, name, spelled] = line.split(" ");
      const signature = fromBase64(spelled || "");
      if (name !== note.origin || hex(signature.slice(0, 4)) !== id) continue;
      let own;
      try {
        own = await crypto.subtle.importKey("raw", key.typed.slice(1), "Ed25519", false, ["verify"]);
      } catch (error) {
        return null;
      }
      return crypto.subtle.verify("Ed25519", own, signature.slice(4), text.encode(note.signed));
    }
    return false;
  }

  return { Finding, WIDTH, climb, download, hex, isSigned, rangeHash, readKey, readNote, sha256, text, tilesOf };
})();
