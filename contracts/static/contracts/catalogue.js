// The catalogue with a script: the key / leads to the search box, unless the reader has turned it off, and links that
// lead back here keep up with the filters. Without a script, every filter waits for its button.
"use strict";

(function () {
  var box = document.getElementById("q");
  var hint = document.getElementById("search-key");
  var words = document.createElement("span");
  var turn = document.createElement("button");

  function isOn() {
    try { return window.localStorage.getItem("search-key") !== "off"; } catch (error) { return true; }
  }

  function show() {
    words.textContent = isOn() ? hint.dataset.on : hint.dataset.off;
    turn.textContent = isOn() ? hint.dataset.turnOff : hint.dataset.turnOn;
    if (isOn()) box.setAttribute("aria-keyshortcuts", "/");
    else box.removeAttribute("aria-keyshortcuts");
  }

  turn.type = "button";
  turn.className = "btn quiet small";
  turn.addEventListener("click", function () {
    try { window.localStorage.setItem("search-key", isOn() ? "off" : "on"); } catch (error) { return; }
    show();
  });
  hint.append(words, " ", turn);
  hint.hidden = !window.matchMedia("(hover: hover)").matches;
  show();

  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !isOn()) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // The way back is the browser's own: two answers under way could come in the wrong order.
  if (window.htmx) window.htmx.config.refreshOnHistoryMiss = true;

  // Sign in, language and theme lead back to the page as it is now.
  document.addEventListener("htmx:pushedIntoHistory", function () {
    document.querySelectorAll("a[href*='next=']").forEach(function (link) {
      var url = new URL(link.href);
      url.searchParams.set("next", window.location.pathname + window.location.search);
      link.href = url;
    });
  });
})();
