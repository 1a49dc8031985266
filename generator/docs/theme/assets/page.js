// "Copy as Markdown": the link of a page to its Markdown copies the text instead, where a script may read the file.
// From a folder (`file://`) it stays a link.
(() => {
  const link = document.querySelector(".actions .copy")
  if (!link || !navigator.clipboard || location.protocol === "file:") return
  link.addEventListener("click", async event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    try {
      const response = await fetch(link.href)
      if (!response.ok) throw new Error(response.statusText)
      await navigator.clipboard.writeText(await response.text())
      const text = link.textContent
      link.textContent = link.dataset.copied
      setTimeout(() => (link.textContent = text), 2000)
    } catch {
      location.href = link.href
    }
  })
})()
