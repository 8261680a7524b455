/* Says below a field how long its text is beside what fits (`data-meter`), and below the editor how many words it has. */
"use strict";

{
  const form = document.querySelector("[data-meter-text]");
  const letters = new Intl.Segmenter();
  const words = new Intl.Segmenter(form?.dataset.language, { granularity: "word" });

  function lengthOf(text) {
    return [...letters.segment(text.trim())].length;
  }

  function wordsOf(text) {
    return [...words.segment(text)].filter((part) => part.isWordLike).length;
  }

  function meterBelow(field) {
    const meter = document.createElement("p");
    meter.className = "field__meter";
    meter.id = `${field.id}_meter`;
    const described = field.getAttribute("aria-describedby");
    field.setAttribute("aria-describedby", described ? `${described} ${meter.id}` : meter.id);
    field.closest(".field").append(meter);
    return meter;
  }

  for (const field of form?.querySelectorAll("[data-meter]") ?? []) {
    const meter = meterBelow(field);
    const most = Number(field.dataset.meter);
    const show = () => {
      const length = lengthOf(field.value);
      meter.textContent = form.dataset.meterText.replace("{n}", length).replace("{most}", most);
      meter.classList.toggle("field__meter--over", length > most);
    };
    field.addEventListener("input", show);
    show();
  }

  // The editor tells of each change many times a second; counting waits until it is quiet.
  window.CKEDITOR?.on("instanceReady", ({ editor }) => {
    if (!form?.contains(editor.element.$)) return;
    const meter = meterBelow(editor.element.$);
    let waiting = 0;
    const show = () => {
      const text = editor.editable().$.textContent;
      meter.textContent = form.dataset.meterWords.replace("{n}", wordsOf(text));
    };
    editor.on("change", () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, 300);
    });
    show();
  });
}
