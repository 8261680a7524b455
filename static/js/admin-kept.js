/* Sends a kept form with the token of today: who logged in meanwhile, in another tab, got a new one. */
"use strict";

for (const form of document.querySelectorAll("form[data-fresh-token]")) {
  form.addEventListener("submit", () => {
    const cookie = document.cookie.split("; ").find((pair) => /^(__Host-)?csrf=/.test(pair));
    if (cookie) {
      form.elements.csrfmiddlewaretoken.value = cookie.slice(cookie.indexOf("=") + 1);
    }
  });
}
