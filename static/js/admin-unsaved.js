/* Asks before somebody leaves a form in which something is written and not saved; `data-unsaved` marks the form, and
   says "written" where it came back with what was refused. */
"use strict";

for (const mark of document.querySelectorAll("[data-unsaved]")) {
  const form = mark.closest("form");
  let written = mark.dataset.unsaved === "written";
  let sent = false;
  const note = () => (written = true);
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  // The admin's choices with a search tell of a change by jQuery alone.
  window.django?.jQuery(form).on("change", note);
  form.addEventListener("submit", () => (sent = true));
  window.addEventListener("beforeunload", (event) => {
    // The editor is no field of the form: it says by itself whether its text was changed.
    const editors = Object.values(window.CKEDITOR?.instances ?? {});
    if (!sent && (written || editors.some((editor) => editor.checkDirty()))) {
      event.preventDefault();
    }
  });
}
