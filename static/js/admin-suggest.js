/* Fills the list of names below a field while somebody types. Without it the list holds the first names only. */
"use strict";

for (const form of document.querySelectorAll("form[data-suggest-address]")) {
  let newest = 0;

  // Tags stand in one field with commas between them: the last one is being typed.
  const split = (field) => {
    if (field.dataset.suggest !== "tags") {
      return ["", field.value];
    }
    const at = field.value.lastIndexOf(",") + 1;
    return [field.value.slice(0, at) + (at ? " " : ""), field.value.slice(at).trim()];
  };

  const suggest = async (field) => {
    const [before, typed] = split(field);
    const address = new URL(form.dataset.suggestAddress.replace("KIND", field.dataset.suggest), location.href);
    address.searchParams.set("q", typed);
    address.searchParams.set("language", form.elements.language?.value ?? form.dataset.language);
    const number = ++newest;
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok || number !== newest) {
      return;
    }
    const { names } = await response.json();
    field.list.replaceChildren(
      ...names.map((name) => Object.assign(document.createElement("option"), { value: before + name })),
    );
  };

  let waiting;
  form.addEventListener("input", (event) => {
    if (event.target.dataset.suggest) {
      clearTimeout(waiting);
      // Offline or logged out: the names that are there stay.
      waiting = setTimeout(() => suggest(event.target).catch(() => {}), 150);
    }
  });
}
