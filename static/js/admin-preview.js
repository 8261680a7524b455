/* The preview beside the form: sends the form's text to be looked at a moment after the last key, and shows the answer
   in a frame. Only looks: it saves nothing, takes no focus, and the form neither sends itself nor knows of it.

   Each answer comes into a frame of its own, behind the one that is seen: nothing flashes, the place to which somebody
   has scrolled stays, and the browser's way back is as long as before. */
"use strict";

for (const button of document.querySelectorAll("button[data-preview-after]")) {
  const form = button.form;
  const bar = button.closest(".sheet__bar");
  const part = (name) => document.querySelector(`template[data-preview-${name}]`).content.cloneNode(true).children[0];
  const failed = document.querySelector("template[data-preview-failed]").content.textContent;
  // An answer that takes longer does not come.
  const PATIENCE = 30_000;
  // For this tab only: whoever saves goes on with the preview open.
  const STORE = "newsroom.preview";
  const WIDE = window.matchMedia("(min-width: 1280px)");

  let panel = null;
  let stage = null;
  let frame = null;
  let width = 390;
  let shown = "";
  let timer = 0;
  let busy = null;
  let again = false;
  let number = 0;

  function remember(value) {
    try {
      sessionStorage.setItem(STORE, value);
    } catch {
      // No storage: it is closed on the next page.
    }
  }

  // The answer

  function send(fields, target) {
    const twin = document.createElement("form");
    Object.assign(twin, { method: "post", action: button.formAction, enctype: "multipart/form-data", target });
    twin.hidden = true;
    for (const [name, value] of fields) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      twin.append(field);
    }
    document.body.append(twin);
    HTMLFormElement.prototype.submit.call(twin);
    twin.remove();
  }

  /* The page in a frame; null where the browser shows a page of its own, since no answer came. */
  function inside(one) {
    try {
      return one.contentDocument;
    } catch {
      return null;
    }
  }

  function show() {
    clearTimeout(timer);
    if (!panel) return;
    if (busy) {
      again = true;
      return;
    }
    const fields = typed.now(form);
    const text = JSON.stringify(fields);
    if (text === shown) return;
    const fresh = part("frame");
    // A frame keeps the name that it began with, whatever its element is called later: each has one of its own.
    fresh.name = `preview-${(number += 1)}`;
    fresh.classList.add("beside__frame--coming");
    stage.append(fresh);
    const giveUp = setTimeout(() => answered(null), PATIENCE);
    busy = { fresh, giveUp };
    fresh.addEventListener("load", () => {
      const page = inside(fresh);
      // What stands in a new frame at first is no answer.
      if (page?.URL !== "about:blank") answered(page);
    });
    send([...fields, ["csrfmiddlewaretoken", typed.token(form)], ["framed", "1"]], fresh.name);

    function answered(page) {
      if (busy?.fresh !== fresh) return;
      clearTimeout(giveUp);
      busy = null;
      panel.querySelector("[data-preview-state]").textContent = page ? "" : failed;
      if (page) {
        // A page that says why there is no preview is asked for again.
        shown = page.querySelector(".preview-bar--unsaved") ? text : "";
        take(fresh, page);
      } else {
        fresh.remove();
      }
      if (again) {
        again = false;
        later();
      }
    }
  }

  /* Let a new frame take the place of the former one. */
  function take(fresh, page) {
    const former = frame;
    const scrolled = former && inside(former)?.scrollingElement;
    frame = fresh;
    calm(page);
    fit();
    if (scrolled) {
      fresh.contentWindow.scrollTo({ left: scrolled.scrollLeft, top: scrolled.scrollTop, behavior: "instant" });
    }
    fresh.classList.remove("beside__frame--coming");
    if (former && document.activeElement === former) fresh.focus({ preventScroll: true });
    former?.remove();
    fresh.name = "preview";
  }

  /* Nothing in the preview leads away; the sandbox sees to it, and this keeps the console quiet. */
  function calm(page) {
    const stay = (event) => {
      const link = event.target.closest?.("a[href], button");
      if (!link) return;
      event.preventDefault();
      const to = link.getAttribute("href") ?? "";
      if (event.type === "click" && to.startsWith("#")) page.getElementById(to.slice(1))?.scrollIntoView();
    };
    page.addEventListener("click", stay);
    page.addEventListener("auxclick", stay);
    page.addEventListener("submit", (event) => event.preventDefault());
  }

  function later() {
    clearTimeout(timer);
    if (panel) timer = setTimeout(show, +button.dataset.previewAfter);
  }

  // The panel

  const sizes = new ResizeObserver(fit);

  /* A page as wide as the device, made smaller where there is no room for it. */
  function fit() {
    if (!panel) return;
    form.style.setProperty("--bar", `${bar.offsetHeight}px`);
    const scale = Math.min(1, stage.clientWidth / width);
    stage.style.setProperty("--width", `${width}px`);
    stage.style.setProperty("--height", `${stage.clientHeight / scale}px`);
    stage.style.setProperty("--left", `${Math.max(0, (stage.clientWidth - width * scale) / 2)}px`);
    stage.style.setProperty("--scale", scale);
    // The bar in the frame is for whoever writes: it stays as large as it is.
    if (frame) inside(frame)?.documentElement.style.setProperty("--shrunk", scale);
  }

  function choose(wanted) {
    width = wanted;
    form.dataset.beside = width;
    for (const one of panel.querySelectorAll("[data-preview-width]")) {
      one.setAttribute("aria-pressed", String(+one.dataset.previewWidth === width));
    }
    fit();
    remember(width);
  }

  function open() {
    panel = part("panel");
    stage = panel.querySelector("[data-preview-stage]");
    form.append(panel);
    form.classList.add("sheet--beside");
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", panel.id);
    for (const one of panel.querySelectorAll("[data-preview-width]")) {
      one.addEventListener("click", () => choose(+one.dataset.previewWidth));
    }
    panel.querySelector("[data-preview-close]").addEventListener("click", close);
    panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
    sizes.observe(stage);
    sizes.observe(bar);
    choose(width);
    show();
  }

  function close() {
    const hadFocus = panel.contains(document.activeElement);
    clearTimeout(timer);
    clearTimeout(busy?.giveUp);
    sizes.disconnect();
    panel.remove();
    panel = stage = frame = busy = null;
    again = false;
    shown = "";
    form.classList.remove("sheet--beside");
    delete form.dataset.beside;
    button.setAttribute("aria-expanded", "false");
    button.removeAttribute("aria-controls");
    if (hadFocus) button.focus();
    remember("");
  }

  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (panel) close();
    else open();
  });
  typed.listen(form, later);

  let before = 0;
  try {
    before = +sessionStorage.getItem(STORE);
  } catch {
    // No storage.
  }
  if (before && WIDE.matches) {
    width = before === 1280 ? 1280 : 390;
    open();
  }
}
