// document.js - a session's document.
import { checked, text } from './errors.js';
import { api } from './native.js';
import { textOf } from './values.js';

const forgotten = new FinalizationRegistry((handle) => api.document_free(handle));

/** See index.d.ts. */
export class SessionDocument {
  #handle;

  /** `owned`: it is freed with this object; the library frees those that callbacks are given. */
  constructor(handle, owned) {
    this.#handle = handle;
    if (owned) forgotten.register(this, handle);
  }

  get scanIds() {
    const count = api.document_scan_count(this.#handle);
    return Array.from({ length: count }, (_, i) => api.document_scan_id(this.#handle, i));
  }

  get(path, scanId) {
    return api.document_get(this.#handle, text(scanId, 'scanId'), text(path, 'path')) ?? undefined;
  }

  set(path, value, scanId) {
    const [scan, where, what] = [text(scanId, 'scanId'), text(path, 'path'), text(value, 'value')];
    checked(api.document_set, this.#handle, scan, where, what);
  }

  addScan(scanId, xsiType) {
    const [id, type] = [text(scanId, 'scanId'), text(xsiType, 'xsiType')];
    checked(api.document_add_scan, this.#handle, id, type);
  }

  toJSON() {
    const out = [null];
    checked(api.document_json, this.#handle, out);
    return JSON.parse(textOf(out[0]));
  }
}
