/* What the dialogs of our buttons share, loaded before they are. The browser's own <dialog> holds focus and closes with Escape. */

(() => {
  function make(name, properties = {}, children = []) {
    const { attributes = {}, ...rest } = properties
    const element = Object.assign(document.createElement(name), rest)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    element.append(...children)
    return element
  }

  /* Focus and selection go back to the text; `onDone` gets the result, if there is one. */
  class Dialog {
    constructor(editor, title, className) {
      const selection = editor.getSelection()
      this.ranges = selection ? selection.getRanges() : []
      this.editor = editor
      this.element = make("dialog", {
        className: `photo-dialog ${className}`,
        attributes: { "aria-labelledby": "news-dialog-title" },
      })
      this.title = make("h2", { id: "news-dialog-title", textContent: title })
      this.element.addEventListener("close", () => {
        this.element.remove()
        editor.focus()
        if (this.ranges.length) editor.getSelection().selectRanges(this.ranges)
        if (this.result) this.onDone(this.result)
      })
      document.body.append(this.element)
    }

    buttons(...first) {
      const words = this.editor.config.newsWords
      const cancel = make("button", { type: "button", textContent: words.cancel })
      cancel.addEventListener("click", () => this.element.close())
      return make("div", { className: "photo-dialog__buttons" }, [...first.filter(Boolean), cancel])
    }

    show() {
      if (!this.element.open) this.element.showModal()
    }
  }

  /* "example.org/a" and "a@example.org" are what people write. */
  function addressOf(text) {
    const address = text.trim()
    if (!address || /^(https?:|mailto:|\/)/i.test(address)) return address
    if (/^[^\s/@]+@[^\s/@]+$/.test(address)) return `mailto:${address}`
    return `https://${address}`
  }

  window.newsDialog = { make, Dialog, addressOf }
})()
