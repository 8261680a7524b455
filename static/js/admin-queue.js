/* Keys for the moderators' queue: each presses what bears it (data-key), and nothing that has none on this page. What
   asks for words is opened and gets the caret. A form is sent once, however often somebody presses. */
"use strict";

(() => {
  const dialog = document.querySelector("[data-keys]");
  const opener = document.querySelector("[data-keys-open]");
  let sent = false;

  const bearer = (key) => document.querySelector(`[data-key="${key}"]`);

  // What a key would do at another comment is told too, and that it does nothing at this one.
  const tellKeys = () => {
    for (const row of dialog.querySelectorAll("[data-for-key]")) {
      const isIdle = !bearer(row.dataset.forKey);
      row.classList.toggle("keys__idle", isIdle);
      row.querySelector("dd > span").hidden = !isIdle;
    }
    dialog.showModal();
  };

  if (opener && dialog) {
    opener.hidden = false;
    opener.addEventListener("click", tellKeys);
  }

  for (const form of document.querySelectorAll("[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (sent) {
        event.preventDefault();
      }
      sent = true;
    });
  }
  // Back from another page, the browser may show this one as it was left.
  window.addEventListener("pageshow", () => {
    sent = false;
  });

  const press = (target) => {
    if (!target.matches("summary")) {
      target.click();
      return;
    }
    const details = target.parentElement;
    details.open = true;
    details.querySelector("input:not([type=hidden]), textarea")?.focus();
  };

  const close = () => {
    const open = document.activeElement?.closest(".decide__more[open], .card__reply[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat || dialog?.open) {
      return;
    }
    if (event.key === "Escape") {
      close();
      return;
    }
    const typing = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
    if (event.target.closest?.(typing)) {
      return;
    }
    // Only this one is typed with the help of Shift.
    if (event.key === "?" && dialog) {
      event.preventDefault();
      tellKeys();
      return;
    }
    if (event.shiftKey || !/^[a-z]$/.test(event.key) || sent) {
      return;
    }
    const target = bearer(event.key);
    if (target) {
      event.preventDefault();
      press(target);
    }
  });
})();
