/* Keeps the preview of search result and social card, and the address below the slug, at what is typed in an article's
   form. The server rendered them by the same rules (articles/admin/result.py, addresses.py) and does so after each save:
   it makes slugs out of headlines, sees which addresses are taken, and knows photos that were not chosen before. */
"use strict";

for (const result of document.querySelectorAll("[data-result]")) {
  const form = result.closest("form");
  const { elements } = form;
  const one = (name) => result.querySelector(`[data-result-${name}]`);
  const line = (text) => text.split(/\s+/).filter(Boolean).join(" ");
  const typed = (name) => line(elements[name]?.value ?? "");
  // As on the server: what first_words leaves of a text.
  const FIRST_WORDS = 160;
  const SEPARATING =
    "p, h2, h3, h4, ul, ol, li, blockquote, pre, hr, figure, figcaption, table, caption, thead, tbody, tr, th, td, br";

  /* `shortened` of articles/html.py. */
  function shortened(text, limit) {
    const letters = [...text];
    if (letters.length <= limit) return text;
    const space = letters.lastIndexOf(" ", limit - 1);
    const kept = letters.slice(0, space > Math.floor(limit / 2) ? space : limit - 1);
    return `${kept.join("").replace(/[ ,;:–—-]+$/, "")}…`;
  }

  function firstWords() {
    const editor = window.CKEDITOR?.instances[elements.body?.id];
    const html = editor?.status === "ready" ? editor.getData() : (elements.body?.value ?? "");
    // A document of its own: nothing in it runs or is fetched.
    const body = new DOMParser().parseFromString(html, "text/html").body;
    for (const element of body.querySelectorAll("script, style")) element.remove();
    for (const element of body.querySelectorAll(SEPARATING)) {
      element.before(" ");
      element.after(" ");
    }
    return shortened(line(body.textContent), FIRST_WORDS);
  }

  function showPicture() {
    const pictures = new Map();
    for (const picture of result.querySelectorAll("[data-picture-of]")) {
      pictures.set(picture.dataset.pictureOf, picture);
      picture.hidden = true;
    }
    let isLater = false;
    for (const name of ["social_photo", "photo"]) {
      const select = elements[name];
      const isSaved = select.value === asRendered.get(name);
      const picture = isSaved ? pictures.get(name) : null;
      isLater = Boolean(select.value) && !isSaved;
      if (picture) picture.hidden = false;
      if (picture || isLater) break;
    }
    one("later").hidden = !isLater;
  }

  // What the server has pictures of; a browser that goes back fills in what was chosen before that.
  const asRendered = new Map(
    ["social_photo", "photo"].map((name) => {
      const marked = elements[name].querySelector("option[selected]");
      return [name, marked?.value ?? ""];
    }),
  );

  function show() {
    const title = typed("search_title") || typed("headline");
    const description = typed("search_description") || typed("standfirst") || firstWords();
    one("title").textContent = shortened(title, Number(result.dataset.titleLimit));
    one("card-title").textContent = title;
    one("description").textContent = shortened(description, Number(result.dataset.descriptionLimit));
    one("card-description").textContent = description;
    const section = elements.section;
    const isSomewhere = Boolean(section.value);
    one("section").textContent = isSomewhere ? section.selectedOptions[0].textContent.trim() : "";
    one("section-part").hidden = !isSomewhere;
    one("kept-out").hidden = !elements.noindex.checked;
    one("found").hidden = elements.noindex.checked;
    one("elsewhere").hidden = !typed("canonical_url");
    one("elsewhere-address").textContent = typed("canonical_url");
    showPicture();
  }

  let waiting = 0;
  const showSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 150);
  };
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  // The choice of photos is Django's, which speaks through jQuery only.
  for (const name of ["social_photo", "photo"]) django.jQuery(elements[name]).on("change", show);
  window.CKEDITOR?.on("instanceReady", ({ editor }) => {
    if (form.contains(editor.element.$)) editor.on("change", showSoon);
  });
  show();

  for (const address of form.querySelectorAll("[data-address]")) {
    const { known, knownSlug, stem, slug, coming } = address.dataset;
    const was = elements.headline.value;

    function next() {
      const now = elements.slug.value.trim();
      // The server makes it out of the headline; as long as that stays, it has done so already.
      if (!now) return coming && renderedEmpty && elements.headline.value === was ? coming : `${stem}…/`;
      if (now === slug && coming) return coming;
      return known && now === knownSlug ? known : `${stem}${now}/`;
    }

    const renderedEmpty = !elements.slug.defaultValue;
    const follow = () => {
      const path = next();
      const isChanged = Boolean(known) && path !== known;
      for (const part of address.querySelectorAll("[data-address-changed]")) part.hidden = !isChanged;
      for (const part of address.querySelectorAll("[data-address-present]")) part.hidden = isChanged;
      for (const part of address.querySelectorAll("[data-address-coming]")) part.textContent = path;
      for (const part of address.querySelectorAll("[data-address-taken]")) part.hidden = path !== coming;
    };
    elements.slug.addEventListener("input", follow);
    elements.headline.addEventListener("input", follow);
    follow();
  }
}
