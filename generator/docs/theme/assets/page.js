// The behaviour of a page, in place of the theme's script, which takes seconds on a slow telephone: the colour scheme,
// copying, tabs with the same label, versions. Without it the page is complete, and its links work.
// `__md_get` and `__md_set` are the theme's, in the head of each page: they keep a choice in the browser.
(() => {
  const {src, dataset: texts} = document.currentScript

  // The scheme of the system applies until the reader chooses.
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const show = scheme => (document.body.dataset.mdColorScheme = scheme)
  dark.addEventListener("change", () => __md_get("__scheme") || show(dark.matches ? "slate" : "default"))
  document.querySelector("button.scheme")?.addEventListener("click", () => {
    __md_set("__scheme", show(document.body.dataset.mdColorScheme === "slate" ? "default" : "slate"))
  })

  async function copy(text, button) {
    await navigator.clipboard.writeText(text)
    button.classList.add("md-code__button--active")
    setTimeout(() => button.classList.remove("md-code__button--active"), 2000)
  }

  function addCopyButton(code) {
    const button = Object.assign(document.createElement("button"), {type: "button", title: texts.copy})
    button.className = "md-code__button"
    button.dataset.mdType = "copy"
    button.addEventListener("click", () => copy(code.textContent, button))
    const place = Object.assign(document.createElement("div"), {className: "md-code__nav"})
    place.append(button)
    code.before(place)
  }

  // The buttons are added after the page is drawn, when the browser has time.
  const whenIdle = globalThis.requestIdleCallback ?? setTimeout
  if (navigator.clipboard) {
    const blocks = [...document.querySelectorAll(".highlight > pre > code")]
    const next = () => {
      blocks.splice(0, 10).forEach(addCopyButton)
      if (blocks.length) whenIdle(next)
    }
    whenIdle(next)
  }

  // "Copy as Markdown" copies the text, where a script may read the file. From a folder (`file://`) it stays a link.
  const link = document.querySelector(".actions .copy")
  link?.addEventListener("click", async event => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey
    if (!isPlain || !navigator.clipboard || location.protocol === "file:") return
    event.preventDefault()
    try {
      const response = await fetch(link.href)
      if (!response.ok) throw new Error(response.statusText)
      await navigator.clipboard.writeText(await response.text())
      const text = link.textContent
      link.textContent = texts.copied
      setTimeout(() => (link.textContent = text), 2000)
    } catch {
      location.href = link.href
    }
  })

  // A chosen tab is chosen in all sets of tabs that have it, on later pages too.
  document.addEventListener("change", ({target}) => {
    if (!target.matches(".tabbed-set > input")) return
    const chosen = document.querySelector(`label[for="${target.id}"]`).textContent.trim()
    for (const label of document.querySelectorAll(".tabbed-labels > label")) {
      if (label.textContent.trim() === chosen) document.getElementById(label.htmlFor).checked = true
    }
    __md_set("__tabs", [chosen, ...(__md_get("__tabs") ?? []).filter(each => each !== chosen)])
  })

  // The versions beside this one are in a file of the folder around the site; a folder (`file://`) cannot be read.
  if (texts.versions && location.protocol !== "file:") {
    const root = new URL("..", src)
    fetch(new URL("../versions.json", root))
      .then(response => (response.ok ? response.json() : []))
      .then(versions => {
        const select = Object.assign(document.createElement("select"), {ariaLabel: texts.versions})
        for (const {version, title} of versions) {
          const isCurrent = root.pathname.endsWith(`/${version}/`)
          select.add(new Option(title, version, isCurrent, isCurrent))
        }
        select.addEventListener("change", () => (location.href = new URL(`../${select.value}/`, root)))
        if (versions.length) document.querySelector(".md-header__topic").append(select)
      })
      .catch(() => {})
  }
})()
