/* Takes the small picture away when another photo is chosen: it shows the one that was saved. */
"use strict";

for (const image of document.querySelectorAll("img[data-photo-of]")) {
  const select = document.getElementById(image.dataset.photoOf);
  const saved = select.value;
  // The choice is Django's autocomplete, which speaks through jQuery only, also when nothing was changed.
  django.jQuery(select).on("change", () => (image.hidden = select.value !== saved));
}
