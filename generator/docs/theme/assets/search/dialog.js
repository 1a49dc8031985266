// The display of the search: a dialog, opened by a button, by Ctrl+K or by "/". Its data is loaded when it
// opens first. Text of pages reaches the document as text, never as markup.
(() => {
  const here = document.currentScript.src
  const dialog = document.querySelector("dialog.search")
  const [input] = dialog.getElementsByTagName("input")
  const [list] = dialog.getElementsByTagName("ol")
  const status = dialog.querySelector("[role=status]")
  let search

  async function open() {
    if (dialog.open) return
    dialog.showModal()
    input.select()
    try {
      search ??= load()
      await search
      await show()
    } catch (error) {
      search = undefined
      status.textContent = `The search cannot be loaded: ${error.message}`
    }
  }

  async function load() {
    status.textContent = "Loading…"
    for (const file of ["libraries.min.js", "engine.js", "index.js"]) await script(new URL(file, here))
    return new SiteSearch.Search(globalThis.searchData)
  }

  function script(address) {
    return new Promise((resolve, reject) => {
      const element = Object.assign(document.createElement("script"), {src: address, onload: resolve})
      element.onerror = () => reject(new Error(`${address} is missing`))
      document.head.append(element)
    })
  }

  async function show() {
    const query = input.value.trim()
    const results = query ? (await search).find(query, {language: document.documentElement.lang.replace("en", "")}) : []
    // A slower answer to an earlier query is of no use.
    if (query !== input.value.trim()) return
    list.replaceChildren(...results.map(page))
    status.textContent = !query ? "" : results.length === 1 ? "1 page" : `${results.length || "No"} pages`
  }

  function page(result) {
    const item = document.createElement("li")
    const [first, ...others] = result.sections
    item.append(link(result.location === first.location ? result : first, result, first))
    for (const each of others.filter(each => each.score > first.score / 3)) item.append(link(each, null, each))
    return item
  }

  // A link to a page or section, with the words around what matched.
  function link(target, parent, section) {
    const anchor = document.createElement("a")
    anchor.href = new URL(`../../${target.location}`, here)
    if (location.protocol === "file:") anchor.href = anchor.href.replace(/\/(#|$)/, "/index.html$1")
    const title = document.createElement("strong")
    title.textContent = parent && parent.title !== target.title ? `${parent.title} › ${target.title}` : target.title
    anchor.append(title, ...excerpt(section))
    return anchor
  }

  function excerpt({text, terms}) {
    const line = document.createElement("span")
    SiteSearch.excerpt(text, terms).forEach((piece, index) => {
      if (index % 2 === 0) return line.append(piece)
      line.append(Object.assign(document.createElement("mark"), {textContent: piece}))
    })
    return line.textContent ? [line] : []
  }

  function move(step) {
    const links = [...list.getElementsByTagName("a")]
    const next = links.indexOf(document.activeElement) + step
    if (next < 0) input.focus()
    else links[Math.min(next, links.length - 1)]?.focus()
  }

  for (const button of document.querySelectorAll("button.search")) button.addEventListener("click", open)
  input.addEventListener("input", () => search?.then(show))
  dialog.addEventListener("click", event => {
    if (event.target === dialog || event.target.closest("a")) dialog.close()
  })
  dialog.addEventListener("keydown", event => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      move(event.key === "ArrowDown" ? 1 : -1)
    } else if (event.key === "Enter" && event.target === input) {
      list.querySelector("a")?.click()
    }
  })
  document.addEventListener("keydown", event => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]")
    const isShortcut = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k"
    if (!isShortcut && (isTyping || event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    open()
  }, true)
})()
