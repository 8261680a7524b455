/* While an article's form is open: says that it is, and keeps what is typed, in this browser at once and on the server
   a little later. It saves nothing and never touches a field.

   The server's row of this tab (articles/models/sittings.py) is what counts: what only this browser holds, because the
   server did not answer, is brought there when a form is opened next, and the server knows what was saved meanwhile.
   Each tab holds a Web Lock with its name, so that others in this browser know whether it is there. */
"use strict";

for (const form of document.querySelectorAll("form[data-sitting]")) {
  const { user, article, beat, keepAfter, keepAtLatest } = form.dataset;
  const STORE = "newsroom.kept.";
  const FORMER = "newsroom.sitting";
  // Entries in this browser, and how long they stay; as long as the server keeps what it was sent.
  const MOST = 20;
  const LONGEST = 30 * 24 * 3600 * 1000;
  const LOCAL_AFTER = Math.min(1000, keepAfter);
  const LOCAL_AT_LATEST = Math.min(5000, keepAtLatest);
  // What a page that goes away can still send (browsers take 64 KiB).
  const MOST_AT_THE_END = 60_000;

  const presentLine = document.querySelector("[data-sitting-present]");
  const keptLine = document.querySelector("[data-sitting-kept]");
  const offers = document.querySelector("[data-sitting-offers]");
  const words = (name) => document.querySelector(`template[data-sitting-${name}]`).content.cloneNode(true);

  let uid = form.elements.sitting.value;
  const address = (of) => form.dataset.sitting.replace(/[^/]+\/$/, `${of}/`);
  const begunFrom = [...form.querySelectorAll("[name=sitting_from]")].map((field) => field.value);
  // A page that came back with what was refused, or with what was kept, holds what is saved nowhere.
  const wasWritten = form.dataset.unsaved === "written";
  const initial = wasWritten ? "" : JSON.stringify(asOpened());
  let acknowledged = initial;
  let submitted = false;
  let typedSinceSent = false;
  let busy = false;
  let again = false;
  let left = false;
  let ended = false;
  // What is to be said with the next word.
  let pending = {};

  // What the form would send

  /* As the server made it: a browser may have filled in again what stood there before. */
  function asOpened() {
    const twin = form.cloneNode(true);
    twin.reset();
    return typed.pairs(new FormData(twin));
  }

  const snapshot = () => JSON.stringify(typed.now(form));

  const language = () => form.elements.language?.value || form.dataset.language;

  // This browser

  const entryKey = (of) => `${STORE}${user}.${article || "new"}.${of}`;

  function entries() {
    const found = [];
    try {
      for (const key of Object.keys(localStorage).filter((name) => name.startsWith(STORE))) {
        try {
          found.push({ key, ...JSON.parse(localStorage.getItem(key)) });
        } catch {
          localStorage.removeItem(key);
        }
      }
    } catch {
      // No storage in this browser: the server's remains.
    }
    return found.sort((one, other) => other.at - one.at);
  }

  function forget(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // Nothing there to forget.
    }
  }

  function tidy() {
    entries().forEach((entry, place) => {
      if (place >= MOST || Date.now() - entry.at > LONGEST) forget(entry.key);
    });
  }

  /* Keep the text in this browser; with no room left, without the oldest others. */
  function remember(text = snapshot()) {
    const key = entryKey(uid);
    if (text === initial) return forget(key);
    const entry = { uid, user, article, language: language(), fields: JSON.parse(text), at: Date.now() };
    const value = JSON.stringify({ ...entry, sent: text === acknowledged });
    for (const oldest of [null, ...entries().reverse()]) {
      if (oldest && oldest.key !== key) forget(oldest.key);
      try {
        localStorage.setItem(key, value);
        return;
      } catch {
        // Full, or none at all.
      }
    }
  }

  const lockOf = (of) => `newsroom.sitting.${of}`;

  function holdLock() {
    navigator.locks?.request(lockOf(uid), () => new Promise(() => {}));
  }

  /* Whether a tab of this browser is gone; `patient` gives a page that is just going the time to go. */
  async function isGone(entry, patient = false) {
    if (!navigator.locks) return Date.now() - entry.at > 60_000;
    const options = patient ? { signal: AbortSignal.timeout(1000) } : { ifAvailable: true };
    try {
      return await navigator.locks.request(lockOf(entry.uid), options, (lock) => lock !== null);
    } catch {
      return false;
    }
  }

  // The server

  const token = () => typed.token(form);

  async function post(of, word) {
    try {
      const response = await fetch(address(of), {
        method: "POST",
        credentials: "same-origin",
        redirect: "error",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ user, article, language: language(), ...word }),
        signal: AbortSignal.timeout(30_000),
      });
      const isOurs = response.headers.get("Content-Type")?.startsWith("application/json");
      return { status: response.status, ...(isOurs ? await response.json() : {}) };
    } catch {
      return { status: 0 };
    }
  }

  /* Say that this tab is there, and what was typed since it was last said. One word at a time. */
  async function speak(more = {}) {
    // A word that overtakes the last one would say that the tab is there again.
    if (left) return;
    pending = { ...pending, ...more };
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    clearTimeout(keepTimer);
    keepSince = 0;
    const text = submitted ? acknowledged : snapshot();
    const said = pending;
    pending = {};
    const word = { from: begunFrom, ...said };
    if (text !== acknowledged) word.fields = text === initial ? null : JSON.parse(text);
    typedSinceSent = false;
    const answer = await post(uid, word);
    busy = false;
    if (answer.status !== 200) pending = { ...said, ...pending };
    hear(answer, text);
    if (again) {
      again = false;
      keepSoon();
    }
  }

  function hear(answer, text) {
    if (answer.status === 401 || answer.status === 403 || answer.status === 409) {
      return sessionEnded(answer.other);
    }
    if (answer.status !== 200) {
      if (text !== acknowledged) keptLine.replaceChildren(answer.refused || words("unsent"));
      return;
    }
    sessionIsThere();
    form.dataset.heard = "";
    if (presentLine.textContent !== answer.present) presentLine.textContent = answer.present;
    if (answer.offers !== undefined && offers.innerHTML.trim() !== answer.offers.trim()) {
      offers.innerHTML = answer.offers;
    }
    if (answer.done) {
      // This form was saved, and its page is still here: whatever is typed from now on is another matter.
      if (!submitted && text !== acknowledged) anew();
      return;
    }
    if (text !== acknowledged) {
      acknowledged = text;
      remember(text);
    }
    keptLine.replaceChildren([answer.refused, answer.kept].filter(Boolean).join(" "));
  }

  /* Go on under a new name. */
  function anew() {
    if (!globalThis.crypto?.randomUUID) return;
    uid = form.elements.sitting.value = crypto.randomUUID();
    acknowledged = "";
    note();
    holdLock();
    sitDown();
  }

  function sitDown() {
    try {
      sessionStorage.setItem(FORMER, uid);
    } catch {
      // Then a reload is told by its page alone.
    }
  }

  // Typing

  let keepTimer = 0;
  let keepSince = 0;
  let localTimer = 0;
  let localSince = 0;

  function keepSoon() {
    clearTimeout(keepTimer);
    keepSince ||= Date.now();
    keepTimer = setTimeout(speak, Math.max(0, Math.min(+keepAfter, keepSince + +keepAtLatest - Date.now())));
  }

  function note() {
    submitted = false;
    typedSinceSent = true;
    keepSoon();
    clearTimeout(localTimer);
    localSince ||= Date.now();
    const wait = Math.max(0, Math.min(LOCAL_AFTER, localSince + LOCAL_AT_LATEST - Date.now()));
    localTimer = setTimeout(rememberNow, wait);
  }

  function rememberNow() {
    clearTimeout(localTimer);
    localSince = 0;
    remember();
  }

  typed.listen(form, note);

  form.addEventListener("submit", () => {
    // If the answer never comes, this browser has it.
    rememberNow();
    submitted = true;
    clearTimeout(keepTimer);
  });

  // Coming and going

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && typedSinceSent) {
      rememberNow();
      speak();
    }
  });

  window.addEventListener("pagehide", () => {
    left = true;
    const word = { user, article, language: language(), closed: true, from: begunFrom };
    if (!submitted) {
      const text = snapshot();
      if (text !== acknowledged) {
        remember(text);
        if (text.length < MOST_AT_THE_END) word.fields = text === initial ? null : JSON.parse(text);
      }
    }
    const last = new FormData();
    last.append("csrfmiddlewaretoken", token());
    last.append("word", JSON.stringify(word));
    navigator.sendBeacon(address(uid), last);
  });
  // Kept whole by the browser and shown again.
  window.addEventListener("pageshow", (event) => {
    left = false;
    if (event.persisted) anew();
  });

  /* Bring to the server what only this browser has, and say of the tabs that are gone that they are. */
  async function begin() {
    let former = "";
    try {
      former = sessionStorage.getItem(FORMER) ?? "";
    } catch {
      // No storage.
    }
    sitDown();
    holdLock();
    tidy();
    for (const entry of entries().filter((one) => String(one.user) === user && one.uid !== uid)) {
      if (!(await isGone(entry, entry.uid === former))) continue;
      const word = { article: entry.article, language: entry.language, closed: true };
      if (!entry.sent) word.fields = entry.fields;
      const answer = await post(entry.uid, word);
      if (answer.status === 200) forget(entry.key);
    }
    const word = wasWritten ? {} : { offers: true };
    // A tab that was copied has the name of the one that it is a copy of, and that one is still there.
    if (former && former !== uid && (await isGone({ uid: former, at: 0 }, true))) word.former = [former];
    await speak(word);
    setInterval(speak, beat);
  }

  // Logging in again, in place

  let panel = null;
  let later = false;
  let focusBefore = null;

  function sessionIsThere() {
    ended = later = false;
    closePanel();
    // Whoever logged in anew, here or in another tab, got a new token.
    const fresh = typed.cookieToken();
    if (fresh) for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = fresh;
  }

  function sessionEnded(other) {
    if (!ended) {
      keptLine.replaceChildren(words("again"));
      keptLine.querySelector("button").addEventListener("click", () => openPanel(other, true));
    }
    ended = true;
    if (!later) openPanel(other);
  }

  function openPanel(other, focus = false) {
    if (!panel) {
      document.body.append(words("login"));
      panel = document.querySelector(".login-again");
      panel.querySelector("form").addEventListener("submit", logIn);
      panel.querySelector("[data-later]").addEventListener("click", dismiss);
      panel.addEventListener("focusin", (event) => {
        if (event.relatedTarget && !panel.contains(event.relatedTarget)) focusBefore = event.relatedTarget;
      });
    }
    if (other) panel.querySelector("[data-ended]").textContent = other;
    if (focus) {
      focusBefore = document.activeElement;
      panel.querySelector("[data-name=password]").focus();
    }
  }

  function closePanel() {
    if (!panel) return;
    const hadFocus = panel.contains(document.activeElement);
    panel.remove();
    panel = null;
    if (hadFocus) (focusBefore?.isConnected ? focusBefore : form.elements.headline)?.focus();
  }

  function dismiss() {
    later = true;
    closePanel();
  }

  document.addEventListener("keydown", (event) => {
    if (panel && event.key === "Escape" && !event.defaultPrevented) dismiss();
  });

  async function logIn(event) {
    event.preventDefault();
    const wrong = panel.querySelector(".login-again__wrong");
    const button = panel.querySelector("[type=submit]");
    const action = event.target.action;
    wrong.textContent = "";
    button.disabled = true;
    try {
      // The cookie of the token may have gone with the session.
      await fetch(action, { credentials: "same-origin" });
      const fields = new URLSearchParams({ csrfmiddlewaretoken: token() });
      for (const field of panel.querySelectorAll("[data-name]")) fields.set(field.dataset.name, field.value);
      const answer = await fetch(action, {
        method: "POST",
        credentials: "same-origin",
        // Django sends on whoever is logged in, and shows the form again to everybody else.
        redirect: "manual",
        body: fields,
      });
      if (answer.type === "opaqueredirect") {
        await speak();
      } else {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        wrong.replaceChildren(page.querySelector(".errornote, .errorlist")?.textContent.trim() || words("failed"));
      }
    } catch {
      wrong.replaceChildren(words("failed"));
    }
    button.disabled = false;
    if (wrong.textContent) panel?.querySelector("[data-name=password]").select();
  }

  begin();
}
