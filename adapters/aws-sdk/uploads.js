const { pickFields } = require('./fields.js')

// More than a process has under way; those that nobody completes must not pile up.
const KEPT = 1000

/** The encryption that each multipart upload was created with, and what the replies have shown of it. */
class Uploads {
  #uploads = new Map()

  add(id, seal, output) {
    if (id === undefined) return
    this.#uploads.set(id, { seal, shown: pickFields(output) })
    if (this.#uploads.size > KEPT) this.#uploads.delete(this.#uploads.keys().next().value)
  }

  sealOf(id) {
    return this.#uploads.get(id)?.seal
  }

  /** The output of a step, with what it leaves out from those before: some servers show it with the parts only. */
  complete(id, output) {
    const upload = this.#uploads.get(id)
    if (!upload) return output
    upload.shown = { ...upload.shown, ...pickFields(output) }
    return { ...output, ...upload.shown }
  }

  delete(id) {
    this.#uploads.delete(id)
  }
}

module.exports = { Uploads }
