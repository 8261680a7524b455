/* The editor's links: to an article of this site, found by its words, or to any address; to a document of the library.

   It takes the place of CKEditor's own command, so button, shortcut, menu and double click lead here. An article is
   linked by an address that follows its slug; the server makes the same of a pasted address of this site. */

(() => {
  const TYPING_PAUSE = 200

  CKEDITOR.plugins.add("newslink", {
    requires: "link",

    init(editor) {
      editor.addCommand("link", {
        requiredContent: "a[href]",
        exec: () => open(editor),
      })
      editor.addCommand("newsdocument", {
        requiredContent: "a[href]",
        exec: () => new LinkDialog(editor, editor.config.newsDocument),
      })
      editor.ui.addButton("NewsDocument", {
        label: editor.config.newsDocument.words.title,
        command: "newsdocument",
        icon: editor.config.newsDocument.icon,
      })
      editor.on(
        "doubleclick",
        (event) => {
          if (event.data.dialog !== "link") return
          event.data.dialog = ""
          open(editor)
        },
        null,
        null,
        // After CKEditor has named its own dialog and selected the link, before it opens one (999).
        30,
      )
    },
  })

  const ARTICLE = /^\/admin\/articles\/article\/[0-9a-f-]{36}\/go\//
  const DOCUMENT = /^\/admin\/articles\/attachment\/[0-9a-f-]{36}\/file\/$/

  function addressNow(link) {
    return (link && (link.data("cke-saved-href") || link.getAttribute("href"))) || ""
  }

  function open(editor) {
    const { newsDocument, newsLink } = editor.config
    const isDocument = DOCUMENT.test(addressNow(CKEDITOR.plugins.link.getSelectedLink(editor)))
    new LinkDialog(editor, isDocument ? newsDocument : newsLink)
  }

  class LinkDialog extends window.newsDialog.Dialog {
    constructor(editor, settings) {
      super(editor, settings.words.title, "link-dialog")
      const { make } = window.newsDialog
      this.settings = settings
      this.words = this.settings.words
      this.link = CKEDITOR.plugins.link.getSelectedLink(editor)
      this.asksForWords = !this.link && this.ranges.every((range) => range.collapsed)
      this.element.append(
        this.title,
        make("form", { method: "dialog", className: "link-dialog__form", noValidate: true }, [
          make("label", { htmlFor: "link-dialog-query", textContent: this.words.query }),
          (this.query = make("input", {
            id: "link-dialog-query",
            type: "text",
            autocomplete: "off",
            maxLength: 500,
            attributes: {
              role: "combobox",
              "aria-expanded": "false",
              "aria-autocomplete": "list",
              "aria-controls": "link-dialog-found",
              "aria-describedby": "link-dialog-status",
            },
          })),
          (this.found = make("ul", {
            id: "link-dialog-found",
            className: "link-dialog__found",
            attributes: { role: "listbox", "aria-label": this.words.found },
          })),
          (this.status = make("p", {
            id: "link-dialog-status",
            className: "photo-dialog__status",
            attributes: { role: "status" },
          })),
          ...(settings.add ? [make("a", { href: settings.add, target: "_blank", textContent: this.words.add })] : []),
          ...(this.words.address ? this.addressField(make) : []),
          ...(this.asksForWords
            ? [
                make("label", { htmlFor: "link-dialog-words", textContent: this.words.words }),
                (this.text = make("input", { id: "link-dialog-words", type: "text", autocomplete: "off" })),
              ]
            : []),
          this.buttons(
            make("button", { type: "submit", className: "default", textContent: this.words.done }),
            this.link && this.removal(make),
          ),
        ]),
      )
      this.onDone = ({ address, words }) => apply(editor, this.ranges, this.link, address, words)
      this.listen()
      if (settings.add) {
        // Coming back from the tab in which a document was added, it is there.
        const refresh = () => this.chosen || this.load(this.query.value)
        window.addEventListener("focus", refresh)
        this.element.addEventListener("close", () => window.removeEventListener("focus", refresh))
      }
      this.start()
      this.show()
      this.query.focus()
    }

    addressField(make) {
      this.address = make("input", {
        id: "link-dialog-address",
        type: "text",
        inputMode: "url",
        autocomplete: "off",
        maxLength: 2000,
        placeholder: "https://",
      })
      return [make("label", { htmlFor: "link-dialog-address", textContent: this.words.address }), this.address]
    }

    removal(make) {
      const button = make("button", { type: "button", textContent: this.words.remove })
      button.addEventListener("click", () => {
        this.element.close()
        // The dialog tells of its end a moment later; then the selection is back.
        this.element.addEventListener("close", () => this.editor.execCommand("unlink"))
      })
      return button
    }

    listen() {
      this.query.addEventListener("input", () => {
        this.chosen = null
        clearTimeout(this.timer)
        this.timer = setTimeout(() => this.load(this.query.value), TYPING_PAUSE)
      })
      this.query.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
        if (step) {
          event.preventDefault()
          this.move(step)
        } else if (event.key === "Enter" && this.active) {
          event.preventDefault()
          this.choose(this.active)
        }
      })
      this.found.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]")
        if (option) this.choose(option)
      })
      this.query.form.addEventListener("submit", (event) => {
        const written = this.address ? this.address.value.trim() : ""
        const typed = written || (this.chosen || !this.address ? "" : this.query.value.trim())
        const address = typed ? window.newsDialog.addressOf(typed) : this.chosen && this.chosen.address
        // Words to look for are no address.
        if (!address || /\s/.test(address)) {
          event.preventDefault()
          this.status.textContent = this.words.missing
          ;(written ? this.address : this.query).focus()
          return
        }
        const words = this.text ? this.text.value.trim() : ""
        if (this.text && !words && this.chosen && !typed) {
          event.preventDefault()
          this.status.textContent = this.words.unsaid
          this.text.focus()
          return
        }
        this.result = { address, words: words || address }
      })
    }

    /* Begin with what the link is now, else with the newest articles. */
    async start() {
      const now = addressNow(this.link)
      const inside = (this.address ? ARTICLE : DOCUMENT).test(now)
      if (now && !inside && this.address) this.address.value = now
      await this.load(inside ? now : "")
      const [first] = this.rows
      if (inside && first && !this.query.value) {
        // With the place in the article that it led to.
        this.take({ ...first, address: now })
      }
    }

    async load(query) {
      const asked = (this.asked = {})
      const parameters = new URLSearchParams({ q: query, language: this.editor.config.contentsLanguage || "" })
      let rows = null
      try {
        const response = await fetch(`${this.settings.find}?${parameters}`, {
          headers: { Accept: "application/json" },
        })
        if (response.ok && !response.redirected) rows = (await response.json()).rows
      } catch {
        // Offline, or logged out: said below.
      }
      if (asked !== this.asked) return
      this.rows = rows || []
      this.activate(null)
      this.found.replaceChildren(...this.rows.map((row, number) => this.option(row, number)))
      this.query.setAttribute("aria-expanded", String(this.rows.length > 0))
      this.status.textContent = rows === null ? this.words.failed : rows.length ? "" : this.words.none
    }

    option(row, number) {
      const { make } = window.newsDialog
      const option = make(
        "li",
        { id: `link-dialog-option-${number}`, attributes: { role: "option", "aria-selected": "false" } },
        [
          make("span", { className: "link-dialog__title", lang: row.language || "", dir: row.direction || "auto", textContent: row.title }),
          " ",
          make("span", { className: "link-dialog__about", textContent: row.about }),
        ],
      )
      option.row = row
      return option
    }

    move(step) {
      const options = [...this.found.children]
      if (!options.length) return
      const at = options.indexOf(this.active)
      this.activate(options[at < 0 ? (step > 0 ? 0 : options.length - 1) : (at + step + options.length) % options.length])
    }

    activate(option) {
      if (this.active) this.active.setAttribute("aria-selected", "false")
      this.active = option
      if (option) {
        option.setAttribute("aria-selected", "true")
        option.scrollIntoView({ block: "nearest" })
        this.query.setAttribute("aria-activedescendant", option.id)
      } else {
        this.query.removeAttribute("aria-activedescendant")
      }
    }

    choose(option) {
      this.take(option.row)
      if (this.text) this.text.focus()
      else this.query.form.requestSubmit()
    }

    take(row) {
      clearTimeout(this.timer)
      this.asked = {}
      this.chosen = row
      this.query.value = row.title
      if (this.address) this.address.value = ""
      this.activate(null)
      this.found.replaceChildren()
      this.query.setAttribute("aria-expanded", "false")
      this.status.textContent = row.about
      // The headline of what readers do not see yet is not for them either.
      if (this.text && !this.text.value && row.is_open) this.text.value = row.title
    }
  }

  function apply(editor, ranges, link, address, words) {
    const attributes = { href: address, "data-cke-saved-href": address }
    editor.fire("saveSnapshot")
    if (link) {
      link.setAttributes(attributes)
    } else {
      const range = ranges[0] || editor.createRange()
      if (!ranges.length) range.moveToElementEditEnd(editor.editable())
      if (range.collapsed) {
        const text = new CKEDITOR.dom.text(words, editor.document)
        range.insertNode(text)
        range.selectNodeContents(text)
      }
      const style = new CKEDITOR.style({ element: "a", attributes })
      style.type = CKEDITOR.STYLE_INLINE
      style.applyToRange(range, editor)
      range.select()
    }
    editor.fire("saveSnapshot")
  }
})()
