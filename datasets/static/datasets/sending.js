// Sends one file to its upload link in pieces, and goes on where the exchange has stopped (tus 1.0.0). It knows no
// page: `told` is called with what happens, `link` answers a promise of a fresh upload link.
"use strict";

(function () {
  var PIECE = 8 * 1024 * 1024;
  var SILENCE = 30000;
  var WAITS = [500, 1000, 2000, 4000, 8000];
  var sender = senderOfThisTab();

  // The exchange lets one sender at a time write a file. A tab stays the same sender when it is loaded anew.
  function senderOfThisTab() {
    var fresh = Array.from(crypto.getRandomValues(new Uint8Array(12)), function (byte) {
      return byte.toString(16).padStart(2, "0");
    }).join("");
    try {
      var kept = sessionStorage.getItem("comptoir-sender") || fresh;
      sessionStorage.setItem("comptoir-sender", kept);
      return kept;
    } catch (error) {
      return fresh;
    }
  }

  function Sending(file, link, told) {
    this.file = file;
    this.link = link;
    this.told = told;
    this.url = "";
    this.sent = 0;
    this.isOut = false;
    this.failures = 0;
    this.turns = 0;
    this.run = 0;
    this.request = null;
    this.timer = this.watch = 0;
    this.steps = [];
    this.note = "modified " + btoa(String(file.lastModified));
  }

  Sending.prototype.start = function () {
    this.stop();
    this.failures = this.turns = 0;
    this.steps = [];
    this.find();
  };

  // Stop at once. What has arrived stays at the exchange.
  Sending.prototype.stop = function () {
    this.run += 1;
    window.clearTimeout(this.timer);
    window.clearTimeout(this.watch);
    if (this.request) this.request.abort();
    this.request = null;
  };

  // The browser knows that it is cut off: what is on its way will not be answered.
  Sending.prototype.lose = function () {
    this.stop();
    this.again("lost");
  };

  // Call the upload off: what has arrived is forgotten.
  Sending.prototype.forget = function () {
    this.stop();
    if (this.url) this.ask("DELETE", {}, null, function () { /* else it is swept when its days are over */ });
  };

  Sending.prototype.find = function () {
    var sending = this;
    var run = sending.run;
    sending.told("starts");
    sending.link().then(function (url) {
      if (run !== sending.run) return;
      sending.url = url;
      sending.look();
    }).catch(function (error) {
      if (run !== sending.run) return;
      if (error.code === "already_received") return sending.end("stored");  // by another tab or program
      if (error.isLost) sending.again("lost"); else sending.end("failed", error.message);
    });
  };

  // Where to go on: at the exchange's offset, if it has the beginning of this very file.
  Sending.prototype.look = function () {
    var sending = this;
    this.turns += 1;
    if (this.turns > 50) return this.end("paused", "lost");
    this.ask("HEAD", {}, null, function (request) {
      var offset = Number(request.getResponseHeader("Upload-Offset"));
      var length = Number(request.getResponseHeader("Upload-Length"));
      var note = request.getResponseHeader("Upload-Metadata");
      if (request.status === 404) return sending.begin();
      if (request.status !== 200) return sending.refused(request);
      if (length !== sending.file.size || (note && note !== sending.note)) return sending.begin();
      sending.send(offset);
    });
  };

  Sending.prototype.begin = function () {
    var sending = this;
    var headers = {"Upload-Length": String(this.file.size), "Upload-Metadata": this.note};
    this.ask("POST", headers, null, function (request) {
      if (request.status === 201) sending.send(0); else sending.refused(request);
    });
  };

  Sending.prototype.send = function (offset) {
    var sending = this;
    var last = this.steps[this.steps.length - 1];
    if (offset > this.sent) this.failures = this.turns = 0;
    if (!last || last.sent > offset) this.steps = [{at: performance.now(), sent: offset}];
    this.sent = offset;
    this.isOut = false;
    if (offset >= this.file.size) return this.end("stored");
    this.told("sent", offset, 0);
    var headers = {"Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream"};
    var until = Math.min(offset + PIECE, this.file.size);
    this.ask("PATCH", headers, this.file.slice(offset, until), function (request) {
      if (request.status === 204) return sending.send(Number(request.getResponseHeader("Upload-Offset")));
      if ([404, 409, 423].indexOf(request.status) >= 0) return sending.later(sending.look, 300);
      sending.refused(request);
    }, function (loaded) { sending.progressed(offset + loaded, until); });
  };

  Sending.prototype.progressed = function (sent, until) {
    var now = performance.now();
    window.clearTimeout(this.watch);
    if (sent < until) {
      this.watch = window.setTimeout(this.lose.bind(this), SILENCE);
    }
    var steps = this.steps;
    this.isOut = sent >= this.file.size;
    steps.push({at: now, sent: sent});
    while (steps.length > 2 && now - steps[0].at > 3000) steps.shift();
    this.told("sent", sent, (sent - steps[0].sent) / Math.max(0.001, (now - steps[0].at) / 1000));
  };

  // What may pass is tried again, a little later each time; what was refused for good ends it.
  Sending.prototype.refused = function (request) {
    if (request.status === 423 && this.isOut) {  // by us: the whole is being put away
      this.told("sent", this.file.size, 0);
      return this.later(this.look, 3000);
    }
    if (request.status === 423) return this.again("busy");
    if (request.status === 403 && this.failures === 0) return this.again("old");
    if (request.status === 408 || request.status >= 500) return this.again("lost", request.responseText);
    this.end("failed", request.responseText, true);
  };

  Sending.prototype.again = function (why, text) {
    if (this.failures >= WAITS.length) return this.end("paused", why, text);
    if (why !== "old") this.told("waits", why);
    this.later(this.find, WAITS[this.failures]);
    this.failures += 1;
  };

  Sending.prototype.later = function (step, wait) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(step.bind(this), wait);
  };

  Sending.prototype.end = function (state, why, text) {
    this.stop();
    this.told(state, why, text);
  };

  Sending.prototype.ask = function (method, headers, body, answered, progressed) {
    var sending = this;
    var run = this.run;
    var request = new XMLHttpRequest();
    var live = function (act) {
      return function (event) {
        if (run !== sending.run) return;
        if (event.type !== "progress") {
          window.clearTimeout(sending.watch);
          sending.request = null;
        }
        act(event);
      };
    };
    this.request = request;
    request.addEventListener("load", live(function () { answered(request); }));
    request.addEventListener("error", live(function () { sending.again("lost"); }));
    if (progressed) request.upload.addEventListener("progress", live(function (event) { progressed(event.loaded); }));
    request.open(method, this.url);
    request.setRequestHeader("Tus-Resumable", "1.0.0");
    request.setRequestHeader("Upload-Sender", sender);
    Object.keys(headers).forEach(function (name) { request.setRequestHeader(name, headers[name]); });
    request.send(body);
  };

  window.Sending = Sending;
})();
