/* Takes the small picture away when another photo is chosen: it shows the one that was saved. */
"use strict";

for (const image of document.querySelectorAll("img[data-photo-of]")) {
  // The choice is Django's autocomplete, which speaks through jQuery only.
  django.jQuery(`#${image.dataset.photoOf}`).on("change", () => image.remove());
}
