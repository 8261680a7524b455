/* A card that links a page of another site, in the place of a frame that would show it.

   In the text: <figure class="link-card"><a href="…">Title</a><figcaption>Words</figcaption></figure>. Address and
   title are asked for, the words are written in place. What is pasted or typed as a frame becomes a card here, so that
   the editor shows what will stay; the server does the same, and knows the players' own pages (articles/embeds.py). */

(() => {
  const CARD = "link-card"
  // Pasted markup keeps its attributes and loses its classes.
  const MARK = "data-news-card"
  const FRAMES = "iframe, frame, embed, video, audio, object"
  const PASTED_CODE = /^\s*<(iframe|embed|object|video|audio|blockquote|div|figure|script)\b[^>]*>[\s\S]*>\s*$/i

  CKEDITOR.plugins.add("newscard", {
    requires: "widget",

    init(editor) {
      const { words, icon, quotes } = editor.config.newsCard
      const quotations = quotes.map((name) => `blockquote.${name}`).join(", ")

      editor.widgets.add("newscard", {
        requiredContent: `figure(${CARD})`,
        pathName: words.card,
        parts: { link: "a", caption: "figcaption" },
        editables: {
          caption: {
            selector: "figcaption",
            allowedContent: "a[!href]; strong; em; q; cite; code; sub; sup; span[lang,dir]; br",
          },
        },
        upcast(element) {
          if (element.name !== "figure" || !element.hasClass(CARD) || !element.getFirst("a")) return false
          if (!element.getFirst("figcaption")) element.add(new CKEDITOR.htmlParser.element("figcaption"))
          return true
        },
        downcast(element) {
          const caption = element.getFirst("figcaption")
          if (caption && !caption.getHtml().replace(/<br[^>]*>|&nbsp;|\s/g, "")) caption.remove()
          else if (caption) caption.attributes = {}
          return element
        },
        init() {
          if (this.parts.caption) this.parts.caption.setAttribute("data-placeholder", words.caption)
          this.on("doubleclick", (event) => {
            event.cancel()
            ask(this)
          })
          this.on("key", (event) => {
            if (event.data.keyCode === 13) {
              ask(this)
              return false
            }
          })
        },
      })

      editor.addCommand("newscard", {
        requiredContent: `figure(${CARD})`,
        exec() {
          const focused = editor.widgets.focused
          ask(focused && focused.name === "newscard" ? focused : null)
        },
      })
      editor.ui.addButton("NewsCard", { label: words.button, command: "newscard", icon })

      editor.on("toHtml", (event) => (event.data.dataValue = withCards(event.data.dataValue)), null, null, 1)
      editor.on(
        "paste",
        (event) => {
          // The code that other sites give for it is pasted as text.
          const text = event.data.dataTransfer.getData("text/plain") || ""
          const isCode = PASTED_CODE.test(text) && withCards(text) !== text
          if (isCode) event.data.type = "html"
          event.data.dataValue = withCards(isCode ? text : event.data.dataValue, MARK)
        },
        null,
        null,
        // Before the filter of pasted markup, which knows no frames (6).
        5,
      )

      /* Put a card in the place of each frame; nothing in the markup runs or is loaded meanwhile. */
      function withCards(html, mark = "") {
        if (typeof html !== "string" || !/<(iframe|frame|embed|video|audio|object|blockquote)\b|data-news-card/i.test(html)) {
          return html
        }
        const page = new DOMParser().parseFromString(html, "text/html")
        let changed = false
        for (const card of page.querySelectorAll(mark ? "none" : `figure[${MARK}]`)) {
          card.className = CARD
          card.removeAttribute(MARK)
          changed = true
        }
        for (const frame of page.querySelectorAll(FRAMES)) {
          const inside = frame.querySelector("source[src], embed[src], param[name=movie]")
          const address = addressOf(frame) || (inside && addressOf(inside))
          if (!address || !frame.isConnected) continue
          frame.replaceWith(cardFor(page, address, mark))
          changed = true
        }
        for (const quote of quotations ? page.querySelectorAll(quotations) : []) {
          const links = quote.querySelectorAll("a[href]")
          const address =
            quote.dataset.instgrmPermalink ||
            quote.dataset.textPostPermalink ||
            quote.getAttribute("cite") ||
            (links.length && links[links.length - 1].getAttribute("href"))
          if (!address) continue
          quote.removeAttribute("class")
          quote.after(cardFor(page, address, mark))
          changed = true
        }
        return changed ? page.body.innerHTML : html
      }

      function ask(widget) {
        const dialog = new CardDialog(editor, words)
        dialog.onDone = ({ address, title }) => (widget ? change(widget, address, title) : insert(address, title))
        dialog.ask(widget ? widget.parts.link : null)
      }

      function change(widget, address, title) {
        editor.fire("saveSnapshot")
        widget.parts.link.setAttributes({ href: address, "data-cke-saved-href": address })
        widget.parts.link.setText(title)
        editor.fire("saveSnapshot")
        widget.focus()
      }

      function insert(address, title) {
        const figure = CKEDITOR.dom.element.createFromHtml(
          `<figure class="${CARD}"><a></a><figcaption></figcaption></figure>`,
          editor.document,
        )
        const link = figure.findOne("a")
        link.setAttributes({ href: address, "data-cke-saved-href": address })
        link.setText(title)
        leaveBlock(editor)
        const wrapper = editor.widgets.wrapElement(figure, "newscard")
        const holder = new CKEDITOR.dom.documentFragment(wrapper.getDocument())
        holder.append(wrapper)
        editor.widgets.initOn(figure, "newscard")
        editor.widgets.finalizeCreation(holder)
      }
    },
  })

  function addressOf(frame) {
    const address = ["src", "data-src", "data", "value"].map((name) => frame.getAttribute(name)).find(Boolean) || ""
    const whole = address.startsWith("//") ? `https:${address}` : address
    return /^https?:\/\//i.test(whole) ? whole : ""
  }

  function cardFor(page, address, mark) {
    const figure = page.createElement("figure")
    if (mark) figure.setAttribute(mark, "1")
    else figure.className = CARD
    const link = page.createElement("a")
    link.setAttribute("href", address)
    // Its address is its title until somebody writes one; the server shortens it.
    link.textContent = address
    figure.append(link)
    return figure
  }

  /* A card stands between blocks. */
  function leaveBlock(editor) {
    const path = editor.elementPath()
    const block = path && path.elements.find((element) => editor.editable().equals(element.getParent()))
    if (!block || !block.getText().trim()) return
    const range = editor.createRange()
    range.moveToPosition(block, CKEDITOR.POSITION_AFTER_END)
    range.select()
  }

  class CardDialog extends window.newsDialog.Dialog {
    constructor(editor, words) {
      super(editor, words.title, "link-dialog")
      this.words = words
    }

    ask(link) {
      const { make } = window.newsDialog
      this.element.append(
        this.title,
        make("form", { method: "dialog", className: "link-dialog__form", noValidate: true }, [
          make("label", { htmlFor: "card-dialog-address", textContent: this.words.address }),
          (this.address = make("input", {
            id: "card-dialog-address",
            type: "text",
            inputMode: "url",
            autocomplete: "off",
            maxLength: 2000,
            placeholder: "https://",
            attributes: { "aria-describedby": "card-dialog-status" },
          })),
          (this.status = make("p", {
            id: "card-dialog-status",
            className: "photo-dialog__status",
            attributes: { role: "status" },
          })),
          make("label", { htmlFor: "card-dialog-headline", textContent: this.words.headline }),
          (this.headline = make("input", { id: "card-dialog-headline", type: "text", autocomplete: "off", maxLength: 200 })),
          make("p", { className: "help", textContent: this.words.help }),
          this.buttons(make("button", { type: "submit", className: "default", textContent: this.words.done })),
        ]),
      )
      this.headline.lang = this.editor.config.contentsLanguage || ""
      if (link) {
        this.address.value = link.data("cke-saved-href") || link.getAttribute("href") || ""
        this.headline.value = link.getText()
      }
      this.address.form.addEventListener("submit", (event) => {
        const address = window.newsDialog.addressOf(this.address.value)
        if (!/^(https?:\/)?\/\S+$/i.test(address)) {
          event.preventDefault()
          this.status.textContent = this.words.missing
          this.address.focus()
          return
        }
        this.result = { address, title: this.headline.value.trim() || address }
      })
      this.show()
      this.address.focus()
    }
  }
})()
