/* What stands in a form with the editor in it, read without touching anything: neither caret nor focus, and the editor
   goes on knowing what was changed. For admin-sitting.js and admin-preview.js. */
"use strict";

const typed = {
  // What is about the form, and no content.
  ABOUT: new Set(["csrfmiddlewaretoken", "sitting", "sitting_from"]),

  pairs(data) {
    return [...data].filter(([name, value]) => typeof value === "string" && !typed.ABOUT.has(name));
  },

  /* What the form would send now, as names and values. */
  now(form) {
    const texts = new Map();
    for (const editor of Object.values(window.CKEDITOR?.instances ?? {})) {
      if (editor.status === "ready" && editor.checkDirty()) {
        texts.set(editor.element.getAttribute("name"), editor.getData());
      }
    }
    return typed.pairs(new FormData(form)).map(([name, value]) => [name, texts.get(name) ?? value]);
  },

  /* Call back whenever something is typed or chosen. */
  listen(form, note) {
    form.addEventListener("input", note);
    form.addEventListener("change", note);
    // The admin's choices with a search tell of a change by jQuery alone.
    window.django?.jQuery(form).on("change", note);
    const hear = (editor) => editor.on("change", note);
    Object.values(window.CKEDITOR?.instances ?? {}).forEach(hear);
    window.CKEDITOR?.on("instanceReady", ({ editor }) => hear(editor));
  },

  cookieToken() {
    const cookie = document.cookie.split("; ").find((pair) => /^(__Host-)?csrf=/.test(pair));
    return cookie ? cookie.slice(cookie.indexOf("=") + 1) : "";
  },

  /* The token of today: whoever logged in anew in another tab has a new one. */
  token(form) {
    return typed.cookieToken() || form.elements.csrfmiddlewaretoken.value;
  },
};
