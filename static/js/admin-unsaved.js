/* Asks before somebody leaves a form in which something is written and not saved. */
"use strict";

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  let written = false;
  let sent = false;
  form.addEventListener("input", () => (written = true));
  form.addEventListener("submit", () => (sent = true));
  window.addEventListener("beforeunload", (event) => {
    // The editor is no field of the form: it says by itself whether its text was changed.
    const editors = Object.values(window.CKEDITOR?.instances ?? {});
    if (!sent && (written || editors.some((editor) => editor.checkDirty()))) {
      event.preventDefault();
    }
  });
}
