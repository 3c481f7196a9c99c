// Comforts of every page that need a script; without one, every page works the same.
"use strict";

(function () {
  // A menu closes on Escape, and when the reader looks elsewhere.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // A form is sent once: its button says that it is under way, and comes back with the page. A form that answers
  // with a file leaves the page where it is, and says so with data-again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented || "again" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach(function (button) { button.removeAttribute("aria-busy"); });
    });
  });

  // On a phone the areas and sections are rows that scroll sideways: the one that is open is brought into sight.
  document.querySelectorAll(".nav [aria-current], .sub [aria-current]").forEach(function (here) {
    var row = here.closest(".nav, .sub");
    row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
  });

  // A chart of days that is wider than the page begins with today.
  document.querySelectorAll(".scroll:has(> .days:not(.early))").forEach(function (frame) { frame.scrollLeft = frame.scrollWidth; });

  // Text to take away gets a button that copies it.
  function addCopyButtons(root) {
    if (!navigator.clipboard) return;
    root.querySelectorAll("[data-copy]:not([data-ready])").forEach(function (text) {
      text.dataset.ready = "yes";
      var button = document.createElement("button");
      button.type = "button";
      button.className = "btn small";
      button.textContent = text.dataset.word;
      button.addEventListener("click", function () {
        navigator.clipboard.writeText(text.dataset.copy).then(function () {
          button.textContent = text.dataset.done;
          window.setTimeout(function () { button.textContent = text.dataset.word; }, 2000);
        });
      });
      text.after(" ", button);
    });
  }
  addCopyButtons(document);
  document.addEventListener("htmx:load", function (event) { addCopyButtons(event.target); });
})();
