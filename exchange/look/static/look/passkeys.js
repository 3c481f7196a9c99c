// Shows the buttons for passkeys where the browser knows them, and says so when none was used.
"use strict";

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach(function (part) { part.hidden = false; });
}
document.addEventListener("allauth.error", function (event) {
  event.preventDefault();
  document.querySelectorAll("[data-passkey-failed]").forEach(function (words) { words.hidden = false; });
});
