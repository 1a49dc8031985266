// The search of the site, without its display: words of a query, their weights, and the order of pages. It runs in a
// browser and in the tests. MiniSearch has the index; here are the words, and the step from sections to pages.
(() => {
  const {MiniSearch, stemmer} = globalThis.SearchLibraries

  const WORD = /[\p{L}\p{N}_]+(?:[-.][\p{L}\p{N}_]+)*/gu
  const ASCII_WORD = /[A-Za-z0-9_]+(?:[-.][A-Za-z0-9_]+)*/g
  const HAN = /\p{Script=Han}/u
  const PART = /\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+|\p{Lo}+/gu
  // Words of any question.
  const EMPTY = new Set(
    `a about after again all although always an and another any anything are as at be because been before but by can
    cannot could did different do does doing for from get gets getting give given had has have help how i if in into is
    it its just like make makes me my need no not now of off on one only or other our out over really several
    should so some somehow than that the their them then there these they this to too up us use used using want was we
    were what when where which while who why will with without work works would you your`.split(/\s+/)
  )
  // How far a way in which a word is matched counts.
  const WEIGHTS = {exact: 1, part: 0.3, synonym: 0.6, prefix: 0.4, fuzzy: 0.4}
  const FIELDS = {title: 3, name: 3, page: 1.5, keywords: 2.5, text: 1}

  // "adding" would be "ad".
  function stem(word) {
    if (!/^[a-z]{4,}$/.test(word)) return word
    const found = stemmer(word)
    return found.length < 3 ? word.replace(/(?:ing|ed)$/, "") : found
  }

  // The words of a text, each with its parts: of `task_success_count` three, of `failReason` two.
  function words(text) {
    const found = []
    const isAscii = /^[\x00-\x7f]*$/.test(text)
    for (const [whole] of (isAscii ? text : text.normalize("NFKC")).matchAll(isAscii ? ASCII_WORD : WORD)) {
      if (!known.has(whole)) known.set(whole, HAN.test(whole) ? mixed(whole) : [latin(whole)])
      found.push(...known.get(whole))
    }
    return found
  }

  // Words that have been split. A site repeats most of its words, and splitting takes longest.
  const known = new Map()

  function latin(whole) {
    const parts = /^[a-z]+$/.test(whole) ? [] : [...whole.matchAll(PART)].map(([part]) => stem(part.toLowerCase()))
    return {word: stem(whole.toLowerCase()), whole: whole.toLowerCase(), parts: parts.length > 1 ? parts : []}
  }

  // Chinese has no spaces: each pair of neighbouring characters is a word.
  function mixed(text) {
    return text.split(/(\p{Script=Han}+)/u).filter(Boolean).flatMap(run => {
      if (!HAN.test(run)) return words(run)
      const pairs = Math.max(run.length - 1, 1)
      return Array.from({length: pairs}, (_, at) => ({word: run.slice(at, at + 2), parts: []}))
    })
  }

  function tokens(text) {
    const found = []
    for (const {word, parts} of words(text)) found.push(word, ...parts)
    return found
  }

  // The number of characters to change, add, remove or swap until two words are the same; `most` if it is more.
  function distance(one, other, most) {
    let [before, last] = [[], Array.from({length: other.length + 1}, (_, at) => at)]
    for (let row = 1; row <= one.length; row++) {
      const next = [row]
      for (let at = 1; at <= other.length; at++) {
        const same = one[row - 1] === other[at - 1]
        next[at] = Math.min(last[at] + 1, next[at - 1] + 1, last[at - 1] + (same ? 0 : 1))
        const isSwapped = row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1]
        if (isSwapped) next[at] = Math.min(next[at], before[at - 2] + 1)
      }
      if (Math.min(...next) > most) return most + 1
      ;[before, last] = [last, next]
    }
    return last[other.length]
  }

  class Search {
    // `data` has the sections of all pages, and the groups of words with one meaning.
    constructor(data) {
      this.sections = data.sections
      this.pages = data.pages
      this.synonyms = new Map()
      this.phrases = []
      for (const group of data.synonyms) {
        const stems = group.map(each => each.split(" ").map(word => stem(word.toLowerCase())))
        group.forEach((each, index) => {
          const own = stems[index].join(" ")
          const others = stems.filter(other => other.join(" ") !== own && !HAN.test(other[0]))
          this.synonyms.set(own, others)
          if (HAN.test(each)) this.phrases.push(each)
        })
      }
      this.phrases.sort((one, other) => other.length - one.length)
      this.index = new MiniSearch({
        fields: Object.keys(FIELDS),
        tokenize: (text, field) => (field === "name" ? words(text).map(({word}) => word) : tokens(text)),
        processTerm: term => term,
        extractField: (section, field) => this.field(section, field),
      })
      this.index.addAll(this.sections.map((section, id) => ({...section, id})))
      // All words of the site, each with its stem; a word with a typing error is compared with these.
      this.vocabulary = new Map([...known.keys()].map(word => [word.toLowerCase(), latin(word).word]))
      for (const {title} of this.pages) for (const each of joined(title)) this.vocabulary.set(each, each)
    }

    field(section, field) {
      const isName = !/\s/.test(section.title)
      switch (field) {
        case "id": return section.id
        case "page": return [this.pages[section.page].title, ...joined(this.pages[section.page].title)].join(" ")
        case "keywords": return section.level === 1 ? this.pages[section.page].keywords : ""
        // A field `jobCount` is not headed "job", nor "count".
        case "name": return isName ? section.title : ""
        case "title": return isName && /[a-z][A-Z]|[_.-]/.test(section.title) ? "" : section.title
        default: return `${section.title} ${section.text}`
      }
    }

    // The pages for a query, best first, each with its best sections and the words that matched.
    find(query, {language = "", limit = 20} = {}) {
      const concepts = this.concepts(query)
      const isHan = HAN.test(query)
      const pages = new Map()
      for (const concept of concepts) {
        for (const [id, {score, terms}] of this.matches(concept)) {
          const number = this.sections[id].page
          const edition = this.pages[number].language ?? ""
          // Another edition says the same: names and codes are looked up in the reader's own.
          if (edition && edition !== language && !isHan) continue
          if (!pages.has(number)) pages.set(number, {sections: new Map(), best: new Map()})
          const page = pages.get(number)
          const section = page.sections.get(id) ?? {score: 0, concepts: 0, terms: new Set()}
          section.score += score
          section.concepts += 1
          for (const term of terms) section.terms.add(term)
          page.sections.set(id, section)
          page.best.set(concept, Math.max(page.best.get(concept) ?? 0, score))
        }
      }
      const phrase = query.trim().toLowerCase()
      const results = []
      for (const [number, page] of pages) {
        const sections = [...page.sections]
          .map(([id, each]) => {
            const section = this.sections[id]
            const factor = share(each.concepts, concepts) * focus(section) * (holds(section, phrase) ? 1.5 : 1)
            return {...section, ...each, score: each.score * factor}
          })
          .sort((one, other) => other.score - one.score)
        const whole = [...page.best.values()].reduce((sum, each) => sum + each, 0) * share(page.best.size, concepts)
        const {title, location, path, weight, language: edition = ""} = this.pages[number]
        const score = (sections[0].score + 0.6 * whole) * weight * (!edition ? 1 : edition === language ? 1.5 : isHan ? 0.66 : 0.5)
        results.push({title, location, path, score, sections: sections.slice(0, 8)})
      }
      return results.sort((one, other) => other.score - one.score).slice(0, limit)
    }

    // Each word of a query, as index terms with weights.
    concepts(query) {
      const found = []
      let rest = query.normalize("NFKC")
      for (const phrase of this.phrases) {
        if (!rest.includes(phrase)) continue
        found.push([...this.alternatives(phrase), ...words(phrase).map(({word}) => [word, WEIGHTS.exact])])
        rest = rest.replaceAll(phrase, " ")
      }
      const all = [...words(rest)]
      const meant = all.filter(({word}) => !EMPTY.has(word))
      for (const {word, whole, parts} of meant.length || found.length ? meant : all) {
        const isKnown = this.has(word)
        // Parts of a name that the site has say less than the name.
        const weight = isKnown ? WEIGHTS.part / 3 : WEIGHTS.part
        found.push([
          [word, WEIGHTS.exact],
          ...parts.filter(part => part.length > 1 && !EMPTY.has(part)).map(part => [part, weight]),
          ...this.alternatives(word),
          ...(isKnown || !whole ? [] : this.similar(whole)),
        ])
      }
      // "exit code" and "known issue" have synonyms as a whole.
      meant.slice(1).forEach(({word}, index) => {
        const others = this.alternatives(`${meant[index].word} ${word}`)
        if (others.length) found[found.length - meant.length + index].push(...others)
      })
      return found
    }

    has(word) {
      return this.index.search(word, {fields: ["text", "title", "page"]}).length > 0
    }

    // The words of the site that differ least from a word with a typing error, as index terms with weights.
    similar(word) {
      if (word.length < 4 || /^[\p{N}.-]+$/u.test(word)) return []
      const most = word.length < 6 ? 1 : word.length < 9 ? 2 : 3
      const found = new Map()
      for (const [each, term] of this.vocabulary) {
        if (Math.abs(each.length - word.length) > most) continue
        const errors = distance(word, each, most)
        if (errors <= most) found.set(term, Math.max(found.get(term) ?? 0, WEIGHTS.fuzzy / errors))
      }
      const best = Math.max(...found.values())
      return [...found].filter(([, weight]) => weight === best)
    }

    alternatives(word) {
      return (this.synonyms.get(word) ?? []).flatMap(other =>
        other.filter(each => !EMPTY.has(each)).map(each => [each, WEIGHTS.synonym / other.length])
      )
    }

    // The sections that a word is in, with its score in each.
    matches(concept) {
      const found = new Map()
      concept.forEach(([term, weight], index) => {
        const options = {boost: FIELDS, prefix: index === 0 && term.length > 2, weights: {prefix: WEIGHTS.prefix}}
        for (const {id, score, terms} of this.index.search(term, options)) {
          const match = found.get(id) ?? {score: 0, terms: new Set()}
          match.score += score * weight
          for (const each of terms) match.terms.add(each)
          found.set(id, match)
        }
      })
      return found
    }
  }

  // Neighbouring words of a title as one: "quickstart" for "Quick start".
  function joined(title) {
    const found = title.toLowerCase().match(/[a-z]+/g) ?? []
    return found.slice(1).map((word, index) => found[index] + word)
  }

  // A place with all words of a query comes before one with a rare word of it.
  function share(matched, concepts) {
    return (matched / concepts.length) ** 1.5
  }

  // A section of thousands of words has most words, and answers few questions.
  function focus(section) {
    return Math.min(1, Math.sqrt(1500 / section.text.length))
  }

  // Whether a section has the words of a query one after another.
  function holds(section, phrase) {
    return phrase.includes(" ") && `${section.title} ${section.text}`.toLowerCase().includes(phrase)
  }

  // A piece of a text around its matched words: strings, of which every second one matched.
  function excerpt(text, terms, length = 180) {
    const matched = [...text.matchAll(WORD)].filter(([word]) => tokens(word).some(token => terms.has(token)))
    const first = matched.length ? matched[0].index : 0
    const start = first < length / 2 ? 0 : text.lastIndexOf(" ", first - length / 4) + 1
    let end = start + length
    if (end < text.length) end = Math.max(text.lastIndexOf(" ", end), start + length / 2)
    const pieces = []
    let at = start
    for (const {0: word, index} of matched) {
      if (index < start || index + word.length > end) continue
      pieces.push(text.slice(at, index), word)
      at = index + word.length
    }
    pieces.push(text.slice(at, end) + (end < text.length ? "…" : ""))
    if (start) pieces[0] = "…" + pieces[0]
    return pieces
  }

  globalThis.SiteSearch = {Search, excerpt}
})()
