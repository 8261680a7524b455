/* A button in the editor that puts a photo of the library into the text.

   The dialog is the browser's own: it holds focus, closes with Escape, and every choice is a button. The photo
   stands in the text as <figure class="image"><img><figcaption>; the caption is written in place. */

(() => {
  const ALIGNMENTS = ["", "left", "center", "right"]
  const TYPING_PAUSE = 300

  CKEDITOR.plugins.add("newsphoto", {
    requires: "widget",

    init(editor) {
      const settings = editor.config.newsPhoto
      const words = settings.words
      // CKEditor's own is a data: address, which the Content-Security-Policy blocks.
      CKEDITOR.tools.transparentImageData = settings.blank

      editor.widgets.add("newsphoto", {
        requiredContent: "figure(image)",
        pathName: words.photo,
        parts: { image: "img", caption: "figcaption" },
        editables: {
          caption: {
            selector: "figcaption",
            allowedContent: "a[!href]; strong; em; q; cite; code; sub; sup; span[lang,dir]; br",
          },
        },
        upcast(element) {
          if (element.name !== "figure" || !element.hasClass("image")) return false
          if (!element.getFirst("img")) return false
          if (!element.getFirst("figcaption")) {
            element.add(new CKEDITOR.htmlParser.element("figcaption"))
          }
          return true
        },
        downcast(element) {
          const caption = element.getFirst("figcaption")
          if (caption && !caption.getHtml().replace(/<br[^>]*>|&nbsp;|\s/g, "")) caption.remove()
          else if (caption) caption.attributes = {}
          return element
        },
        init() {
          if (this.parts.caption) {
            this.parts.caption.setAttribute("data-placeholder", words.caption)
          }
          this.on("doubleclick", (event) => {
            event.cancel()
            change(this)
          })
          // Enter on a selected photo; in its caption Enter is Enter.
          this.on("key", (event) => {
            if (event.data.keyCode === 13) {
              change(this)
              return false
            }
          })
        },
      })

      editor.addCommand("newsphoto", {
        requiredContent: "figure(image)",
        exec() {
          const focused = editor.widgets.focused
          if (focused && focused.name === "newsphoto") change(focused)
          else choose()
        },
      })
      editor.ui.addButton("NewsPhoto", {
        label: words.button,
        command: "newsphoto",
        icon: settings.icon,
      })

      function choose() {
        const dialog = new PhotoDialog(editor, settings)
        dialog.onDone = (photo) => insert(editor, photo)
        dialog.search()
      }

      function change(widget) {
        const dialog = new PhotoDialog(editor, settings)
        const image = widget.parts.image
        const align = ALIGNMENTS.find((side) => side && widget.element.hasClass(`align-${side}`)) || ""
        dialog.onDone = (photo) => {
          editor.fire("saveSnapshot")
          image.setAttribute("alt", photo.alt)
          align_(widget.element, photo.align)
          editor.fire("saveSnapshot")
          widget.focus()
        }
        dialog.describe({ src: image.getAttribute("src"), alt: image.getAttribute("alt") || "", align })
      }
    },
  })

  function align_(figure, align) {
    for (const side of ALIGNMENTS) if (side) figure.removeClass(`align-${side}`)
    if (align) figure.addClass(`align-${align}`)
  }

  /* A photo stands between blocks: below the one with the cursor, not in the middle of a word. */
  function leaveBlock(editor) {
    const path = editor.elementPath()
    const block = path && path.elements.find((element) => editor.editable().equals(element.getParent()))
    if (!block || !block.getText().trim()) return
    const range = editor.createRange()
    range.moveToPosition(block, CKEDITOR.POSITION_AFTER_END)
    range.select()
  }

  function insert(editor, photo) {
    editor.focus()
    leaveBlock(editor)
    const figure = CKEDITOR.dom.element.createFromHtml(
      '<figure class="image"><img alt=""><figcaption></figcaption></figure>',
      editor.document,
    )
    figure.findOne("img").setAttributes({ src: photo.src, "data-cke-saved-src": photo.src, alt: photo.alt })
    align_(figure, photo.align)
    const wrapper = editor.widgets.wrapElement(figure, "newsphoto")
    const holder = new CKEDITOR.dom.documentFragment(wrapper.getDocument())
    holder.append(wrapper)
    editor.widgets.initOn(figure, "newsphoto")
    editor.widgets.finalizeCreation(holder)
  }

  class PhotoDialog {
    constructor(editor, settings) {
      this.settings = settings
      this.words = settings.words
      this.language = editor.config.contentsLanguage || ""
      this.element = document.createElement("dialog")
      this.element.className = "photo-dialog"
      this.element.setAttribute("aria-labelledby", "photo-dialog-title")
      this.element.addEventListener("close", () => {
        this.element.remove()
        editor.focus()
        if (this.result) this.onDone(this.result)
      })
      document.body.append(this.element)
    }

    /* First step: find a photo. */
    search() {
      this.element.replaceChildren(
        make("h2", { id: "photo-dialog-title", textContent: this.words.choose }),
        make("form", { method: "dialog", className: "photo-dialog__search", role: "search" }, [
          make("label", { htmlFor: "photo-dialog-query", textContent: this.words.search }),
          (this.query = make("input", { id: "photo-dialog-query", type: "search", maxLength: 100 })),
          make("a", { href: this.settings.add, target: "_blank", textContent: this.words.add }),
        ]),
        (this.results = make("div", { className: "photo-dialog__results", tabIndex: -1 })),
        (this.status = make("p", { className: "photo-dialog__status", role: "status" })),
        this.buttons(),
      )
      this.query.form.addEventListener("submit", (event) => {
        event.preventDefault()
        this.load()
      })
      this.query.addEventListener("input", () => {
        clearTimeout(this.timer)
        this.timer = setTimeout(() => this.load(), TYPING_PAUSE)
      })
      this.results.addEventListener("click", (event) => {
        const older = event.target.closest("[data-older]")
        const choice = event.target.closest("[data-photo]")
        if (older) this.load(older.dataset.older)
        if (choice) this.describe({ ...choice.dataset, alt: "", align: "" })
      })
      this.show()
      this.query.focus()
      // Coming back from the tab in which a photo was added, it is there.
      this.refresh = () => this.results.isConnected && this.load()
      window.addEventListener("focus", this.refresh)
      this.element.addEventListener("close", () => window.removeEventListener("focus", this.refresh))
      this.load()
    }

    async load(before = "") {
      const asked = (this.asked = {})
      const query = new URLSearchParams({ q: this.query.value, language: this.language, before })
      let page
      try {
        const response = await fetch(`${this.settings.choose}?${query}`, { credentials: "same-origin" })
        if (!response.ok || response.redirected) throw new Error(response.status)
        page = await response.text()
      } catch {
        page = ""
      }
      // A slow answer to an earlier question must not replace a later one.
      if (asked !== this.asked) return
      if (!page) {
        this.status.textContent = this.words.failed
        return
      }
      const older = this.results.querySelector("[data-older]")
      if (before && older) {
        older.remove()
        const fresh = make("div", { innerHTML: page })
        const first = fresh.querySelector("[data-photo]")
        this.results.append(...fresh.childNodes)
        if (first) first.focus()
      } else {
        this.results.innerHTML = page
        this.results.scrollTop = 0
      }
      const note = this.results.querySelector("[data-status]:last-of-type")
      this.status.textContent = note ? note.dataset.status : ""
    }

    /* Second step: say what it shows and where it stands. */
    describe(photo) {
      const known = photo.words || ""
      this.element.replaceChildren(
        make("h2", { id: "photo-dialog-title", textContent: this.words.place }),
        make("form", { method: "dialog", className: "photo-dialog__place" }, [
          make("img", { src: photo.src, alt: "" }),
          make("label", { htmlFor: "photo-dialog-alt", textContent: this.words.alt }),
          (this.alt = make("textarea", { id: "photo-dialog-alt", rows: 3, maxLength: 300 })),
          make("p", { className: "help", textContent: this.altHelp(photo) }),
          make("label", { htmlFor: "photo-dialog-align", textContent: this.words.align }),
          (this.align = make(
            "select",
            { id: "photo-dialog-align" },
            ALIGNMENTS.map((side) => make("option", { value: side, textContent: this.words.sides[side] })),
          )),
          this.buttons(make("button", { type: "submit", className: "default", textContent: this.words.done })),
        ]),
      )
      this.alt.lang = this.language
      this.alt.value = photo.alt
      this.alt.placeholder = known
      this.align.value = photo.align
      this.alt.form.addEventListener("submit", () => {
        this.result = { src: photo.src, alt: this.alt.value.trim(), align: this.align.value }
      })
      this.show()
      this.alt.focus()
    }

    altHelp(photo) {
      if (photo.decorative) return this.words.decorative
      if (photo.words) return this.words.known
      return photo.uid ? this.words.unknown : this.words.kept
    }

    buttons(...first) {
      const cancel = make("button", { type: "button", textContent: this.words.cancel })
      cancel.addEventListener("click", () => this.element.close())
      return make("div", { className: "photo-dialog__buttons" }, [...first, cancel])
    }

    show() {
      if (!this.element.open) this.element.showModal()
    }
  }

  function make(name, properties, children = []) {
    const element = Object.assign(document.createElement(name), properties)
    if (properties.role) element.setAttribute("role", properties.role)
    element.append(...children)
    return element
  }
})()
