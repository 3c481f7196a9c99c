// Uploads on the page of an open revision: drop or choose files, and each is announced, then sent to its own link by
// sending.js. Without a script the page announces a file by its name. Words stand in the data- attributes of the page.
"use strict";

(function () {
  var drop = document.getElementById("drop");
  var list = document.getElementById("files-list");
  if (!drop || !list || !window.Sending || !window.fetch) return;
  var words = drop.dataset;
  var language = document.documentElement.lang || "en";
  var refusals = JSON.parse(words.refusals || "{}");
  var told = document.getElementById("told");
  var atOnce = 2;
  var uploads = [];

  drop.hidden = false;
  document.getElementById("by-name").open = Boolean(document.querySelector("#by-name .field.bad"));

  function number(value, places) {
    return new Intl.NumberFormat(language, {maximumFractionDigits: places || 0}).format(value);
  }

  function size(bytes) {
    var units = language.startsWith("fr") ? ["o", "ko", "Mo", "Go", "To"] : ["B", "kB", "MB", "GB", "TB"];
    var step = 0;
    while (bytes >= 999.95 && step < units.length - 1) { bytes /= 1000; step += 1; }
    return number(bytes, step === 0 || (step === 1 && bytes >= 9.95) ? 0 : 1) + "\u00a0" + units[step];
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (all, name) { return name in values ? values[name] : all; });
  }

  function percent(share) {
    return new Intl.NumberFormat(language, {style: "percent"}).format(Math.floor(100 * share) / 100);
  }

  function duration(seconds) {
    if (seconds < 90) return fill(words.seconds, {n: number(Math.max(1, Math.round(seconds)))});
    if (seconds < 5400) return fill(words.minutes, {n: number(Math.round(seconds / 60))});
    return fill(words.hours, {n: number(seconds / 3600, 1)});
  }

  function Upload(file) {
    this.file = file;
    this.state = "waiting";
    this.assetId = "";
    this.share = 0;
    this.sending = new window.Sending(file, this.link.bind(this), this.told.bind(this));
    this.row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
    this.bar = this.row.querySelector("progress");
    this.row.dataset.name = this.part("name").textContent = file.name;
    this.part("size").textContent = size(file.size);
    this.row.querySelectorAll("[data-part=said]").forEach(function (said) { said.textContent = " " + file.name; });
    this.bar.setAttribute("aria-label", file.name);
    this.row.addEventListener("click", this.clicked.bind(this));
  }

  Upload.prototype.part = function (name) { return this.row.querySelector("[data-part=" + name + "]"); };

  Upload.prototype.say = function (text, strong) {
    var place = this.part("status");
    place.textContent = "";
    if (!strong) { place.textContent = text; return; }
    var word = document.createElement("span");
    word.className = strong + " strong";
    word.textContent = text;
    place.append(word);
  };

  Upload.prototype.become = function (state) {
    this.state = state;
    var acts = {
      waiting: ["cancel"], sending: ["pause", "cancel"], paused: ["resume", "dismiss"], failed: ["retry", "dismiss"],
      stored: [],
    }[state];
    var held = this.row.contains(document.activeElement);
    this.row.querySelectorAll("[data-act]").forEach(function (button) {
      button.hidden = acts.indexOf(button.dataset.act) < 0;
    });
    var first = this.row.querySelector("[data-act]:not([hidden])");
    if (held && first) first.focus();
    this.bar.className = {failed: "bad", paused: "paused"}[state] || "";
    this.bar.hidden = state === "stored";
  };

  Upload.prototype.clicked = function (event) {
    var button = event.target.closest("[data-act]");
    if (!button) return;
    if (button.dataset.act === "retry" || button.dataset.act === "resume") { this.wait(); begin(); }
    if (button.dataset.act === "pause") this.pause();
    if (button.dataset.act === "cancel") this.cancel();
    if (button.dataset.act === "dismiss") this.dismiss();
  };

  Upload.prototype.wait = function () {
    this.become("waiting");
    this.say(words.waiting);
  };

  Upload.prototype.start = function () {
    this.become("sending");
    this.sending.start();
  };

  // Announce the file, or take a fresh link where it was announced before.
  Upload.prototype.link = function () {
    var upload = this;
    var form = new FormData(document.getElementById("announce"));
    form.set("name", this.file.name);
    form.set("media_type", "");
    var asked = this.assetId ? ask(addressOf(this.assetId), {})
      : ask(words.announce, {method: "POST", body: new URLSearchParams(form)});
    return asked.then(function (answer) {
      upload.assetId = answer.id;
      return answer.upload_url;
    });
  };

  // What becomes of the bytes, as sending.js tells it.
  Upload.prototype.told = function (what, more, text) {
    if (what === "starts") this.say(words.starting);
    if (what === "sent") this.progressed(more, text);
    if (what === "waits") this.say(more === "busy" ? words.busy : words.waits);
    if (what === "stored") this.arrived();
    if (what === "paused") this.paused(more === "busy" ? words.busy : reasonOf(text, words.lost));
    if (what === "failed") this.fail(text ? reasonOf(more, words.failed) : more);
  };

  Upload.prototype.progressed = function (sent, rate) {
    var whole = this.file.size;
    this.share = whole ? sent / whole : 0;
    this.bar.value = Math.floor(100 * this.share);
    if (sent >= whole) return this.say(words.ending);
    if (!rate) return;
    this.say(fill(words.running, {
      percent: percent(this.share), sent: size(sent), whole: size(whole), rate: size(rate),
      left: duration((whole - sent) / rate),
    }));
  };

  Upload.prototype.pause = function () {
    this.sending.stop();
    this.paused("");
  };

  // Stopped, by the reader or because it cannot go on now; what has arrived is kept.
  Upload.prototype.paused = function (reason) {
    this.become("paused");
    this.isLost = reason === words.lost;
    var kept = this.share ? fill(words.paused, {percent: percent(this.share)}) : words.pausedEmpty;
    this.say(reason ? reason + " " + kept : kept);
    told.textContent = fill(words.pausedAloud, {name: this.file.name}) + " " + reason;
    begin();
  };

  Upload.prototype.arrived = function () {
    this.become("stored");
    this.say(words.stored, "c-ok");
    told.textContent = fill(words.storedAloud, {name: this.file.name});
    begin();
  };

  Upload.prototype.fail = function (reason) {
    this.become("failed");
    this.bar.value = 100;
    this.say(reason, "c-stop");
    told.textContent = fill(words.failedAloud, {name: this.file.name, reason: reason});
    begin();
  };

  Upload.prototype.cancel = function () {
    this.sending.forget();
    this.share = this.bar.value = 0;
    this.become("failed");
    this.say(words.cancelled);
    begin();
  };

  // Forget a file that failed: one that was announced is taken out of the revision too.
  Upload.prototype.dismiss = function () {
    var upload = this;
    this.sending.stop();
    var gone = function () {
      uploads.splice(uploads.indexOf(upload), 1);
      upload.row.remove();
      refresh();
    };
    if (!upload.assetId) return gone();
    var form = new FormData(document.getElementById("announce"));
    ask(addressOf(upload.assetId) + "/remove", {method: "POST", body: new URLSearchParams(form)})
      .then(gone).catch(function (error) { upload.say(error.message, "c-stop"); });
  };

  function addressOf(assetId) { return words.file.replace(/[0-]{36}$/, assetId); }

  // Ask a page of ours for JSON; what it refuses becomes an error with its sentence.
  function ask(url, options) {
    var given = {headers: {Accept: "application/json"}, redirect: "manual", credentials: "same-origin"};
    return fetch(url, Object.assign(given, options)).catch(function () {
      throw Object.assign(new Error(words.lost), {isLost: true});
    }).then(function (answer) {
      if (answer.type === "opaqueredirect") throw new Error(words.ended);
      if (answer.status === 204) return {};
      return answer.text().then(function (text) {
        if (!answer.ok) throw Object.assign(new Error(reasonOf(text, words.failed)), {code: codeOf(text)});
        return JSON.parse(text);
      });
    });
  }

  function codeOf(text) {
    try { return String(JSON.parse(text).type || "").split(":").pop(); } catch (error) { return ""; }
  }

  function reasonOf(text, otherwise) {
    try {
      var problem = JSON.parse(text);
      var detail = refusals[codeOf(text)] || problem.detail || otherwise;
      return detail.charAt(0).toUpperCase() + detail.slice(1) + (/[.!?…]$/.test(detail) ? "" : ".");
    } catch (error) {
      return otherwise;
    }
  }

  function add(files) {
    Array.prototype.forEach.call(files, function (file) {
      var upload = new Upload(file);
      var before = Array.prototype.find.call(list.children, function (row) { return row.dataset.name === file.name; });
      if (before && !before.dataset.here) take(before, upload); else list.append(upload.row);
      uploads.push(upload);
      if (file.size === 0) upload.fail(words.empty);
      else if (file.size > Number(words.most)) upload.fail(words.large);
      else upload.wait();
    });
    document.querySelectorAll("[data-live=none]").forEach(function (nothing) { nothing.hidden = true; });
    begin();
  }

  // A file that the page knows already, from before it was loaded or from now: its asset goes on.
  function take(before, upload) {
    var known = uploads.findIndex(function (other) { return other.row === before; });
    upload.assetId = before.dataset.file || (known >= 0 ? uploads[known].assetId : "");
    if (Number(before.dataset.size) === upload.file.size) upload.progressed(Number(before.dataset.sent), 0);
    if (known >= 0) {
      uploads[known].sending.stop();
      uploads.splice(known, 1);
    }
    before.replaceWith(upload.row);
  }

  function begin() {
    var running = uploads.filter(function (upload) { return upload.state === "sending"; }).length;
    uploads.filter(function (upload) { return upload.state === "waiting"; })
      .slice(0, Math.max(0, atOnce - running)).forEach(function (upload) { upload.start(); });
    if (!busy()) refresh();
  }

  function busy() {
    return uploads.some(function (upload) { return upload.state === "sending" || upload.state === "waiting"; });
  }

  // What else the page says of its files is asked for anew; the rows of files that came become the page's own.
  function refresh() {
    fetch(window.location.href, {headers: {Accept: "text/html"}, redirect: "manual"}).then(function (answer) {
      return answer.ok ? answer.text() : "";
    }).then(function (text) {
      if (!text || busy()) return;
      var fresh = new DOMParser().parseFromString(text, "text/html");
      document.querySelectorAll("[data-live]").forEach(function (old) {
        var one = fresh.querySelector("[data-live=" + old.dataset.live + "]");
        if (one) old.replaceWith(one); else old.remove();
      });
      uploads.filter(function (upload) { return upload.state === "stored"; }).forEach(function (upload) {
        var row = fresh.querySelector("[data-file='" + upload.assetId + "']");
        if (row) upload.row.replaceWith(row);
        uploads.splice(uploads.indexOf(upload), 1);
      });
    }).catch(function () { /* the next one that comes tells */ });
  }

  document.getElementById("choose").addEventListener("change", function (event) {
    add(event.target.files);
    event.target.value = "";
  });
  list.querySelectorAll("[data-act=choose]").forEach(function (button) { button.hidden = false; });
  list.addEventListener("click", function (event) {
    if (event.target.closest("[data-act=choose]")) document.getElementById("choose").click();
  });
  window.addEventListener("offline", function () {
    uploads.forEach(function (upload) { if (upload.state === "sending") upload.sending.lose(); });
  });
  window.addEventListener("online", function () {
    uploads.forEach(function (upload) { if (upload.state === "paused" && upload.isLost) upload.wait(); });
    begin();
  });
  ["dragenter", "dragover"].forEach(function (name) {
    drop.addEventListener(name, function (event) { event.preventDefault(); drop.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    drop.addEventListener(name, function () { drop.classList.remove("over"); });
  });
  drop.addEventListener("drop", function (event) {
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", function (event) { if (busy()) event.preventDefault(); });
})();
