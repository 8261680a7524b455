/* What the editor's text lacks by itself: the name of its field, its language, and a mended paste. */

(() => {
  const LIBRARY = /\ssrc="\/admin\/articles\/photo\//

  // CKEditor 4.22 looks for the picture of a drawing in its parent, and stops the whole paste if the drawing
  // stands at the top: there the parent is a fragment, which has no `find`.
  const fragment = CKEDITOR.htmlParser.fragment.prototype
  fragment.find ||= CKEDITOR.htmlParser.element.prototype.find

  CKEDITOR.plugins.add("newstext", {
    init(editor) {
      editor.on("contentDom", () => {
        const editable = editor.editable()
        const label = document.querySelector(`label[for="${editor.name}"]`)
        if (label) editable.setAttribute("aria-label", label.textContent.trim().replace(/:$/, ""))
        // For spelling, hyphens and voices: the language of the article, not of the admin.
        const { contentsLanguage, contentsLangDirection } = editor.config
        if (contentsLanguage) editable.setAttribute("lang", contentsLanguage)
        if (contentsLangDirection) editable.setAttribute("dir", contentsLangDirection)
      })

      // The server would do the same when the text is saved; done here, the editor shows what will stay.
      editor.on("afterPasteFromWord", (event) => {
        // Word names the language of its spelling checker at each passage, right or wrong.
        event.data.dataValue = event.data.dataValue.replace(/(<[a-z][^>]*?)\slang="[^"]*"/gi, "$1")
      })
      editor.on(
        "paste",
        (event) => {
          event.data.dataValue = event.data.dataValue
            .replace(/<(\/?)h1\b/gi, "<$1h2")
            .replace(/<img\b[^>]*>/gi, (image) => (LIBRARY.test(image) ? image : ""))
        },
        null,
        null,
        // Before the filter of pasted markup, which knows no h1 (6).
        5,
      )
    },
  })
})()
