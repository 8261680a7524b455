/* Gives Django's choices with a search the name of their field, which select2 leaves out (WCAG 2.2, 4.1.2). */
"use strict";

// After Django's own, which makes them when the page is ready.
django.jQuery(() => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.nextElementSibling?.querySelector("[role=combobox]");
    if (label && box) {
      const shown = box.querySelector("[role=textbox]");
      const name = label.textContent.trim().replace(/:$/, "");
      shown?.setAttribute("aria-label", name);
      box.setAttribute("aria-label", name);
      box.removeAttribute("aria-labelledby");
      // What is chosen is read after the name.
      if (shown) {
        box.setAttribute("aria-describedby", shown.id);
      }
    }
  }
});
