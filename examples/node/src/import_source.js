// import_source.js - one import, as a handler of the host sees it.
import { SessionDocument } from './document.js';
import { check, checked, statusOf, text } from './errors.js';
import { api, bytesAt, fresh } from './native.js';

const KINDS = ['file', 'folder', 'container', 'prearchive-session', 'session-bag'];
const NEEDS_BUILD = 1;
const AUTO_ARCHIVE = 2;
const WAIT_FOR_USER = 4;
const ENTRY_DICOM = 1;

/** The name of an XNA_SOURCE_*. */
export const kindName = (kind) => KINDS[kind] ?? 'unknown';

/** See index.d.ts, as for the other classes here. */
class ImportedFile {
  constructor(handle) {
    this.handle = handle;
    this.path = api.file_path(handle);
    this.size = Number(api.file_size(handle));
  }

  head(sizeMax) {
    const size = [0];
    const error = [null];
    const address = api.file_head(this.handle, sizeMax, size, error);
    if (address !== null) return bytesAt(address, size[0]);
    if (error[0] === null) return Buffer.alloc(0);
    return check(api.error_status(error[0]), error[0]);
  }
}

class ImportedSession {
  constructor(handle) {
    this.handle = handle;
    this.document = new SessionDocument(api.session_document(handle), false);
  }

  describe({ needsBuild, autoArchive, waitForUser, scanDate, scanTime } = {}) {
    const flags =
      (needsBuild ? NEEDS_BUILD : 0) |
      (autoArchive ? AUTO_ARCHIVE : 0) |
      (waitForUser ? WAIT_FOR_USER : 0);
    const [date, time] = [text(scanDate, 'scanDate'), text(scanTime, 'scanTime')];
    checked(api.session_describe, this.handle, flags, date, time);
  }
}

function entryOf({ uri, format, content, uid, instanceNumber, dicom }) {
  return fresh('xna_entry', {
    flags: dicom ? ENTRY_DICOM : 0,
    uri: text(uri, 'uri'),
    format: text(format, 'format'),
    content: text(content, 'content'),
    uid: text(uid, 'uid'),
    instance_number: instanceNumber,
  });
}

export class ImportSource {
  #handle;
  #callback;

  constructor(handle, callback) {
    this.#handle = handle;
    this.#callback = callback;
    this.name = api.import_name(handle);
    this.kind = kindName(api.import_kind(handle));
  }

  get cancelled() {
    return api.callback_cancelled(this.#callback) === 1;
  }

  parameter(name) {
    return api.import_parameter(this.#handle, text(name, 'name')) ?? undefined;
  }

  findProject(name) {
    return api.import_find_project(this.#handle, text(name, 'name')) ?? undefined;
  }

  eachFile(visit) {
    let failure = null;
    const visited = (_ctx, file) => {
      try {
        visit(new ImportedFile(file));
        return 0;
      } catch (error) {
        failure = { error };
        return statusOf(error, this.#callback);
      }
    };
    try {
      checked(api.import_each_file, this.#handle, visited, null);
    } catch (error) {
      throw failure === null ? error : failure.error;
    }
  }

  addSession() {
    const session = api.import_add_session(this.#handle);
    if (session === null) throw new Error('the import is over');
    return new ImportedSession(session);
  }

  keep(file, session, { scan, resource, ...entry }) {
    const [scanId, label] = [text(scan, 'scan'), text(resource, 'resource')];
    const args = [this.#handle, file.handle, session.handle, scanId, label, entryOf(entry)];
    checked(api.import_keep, ...args);
  }

  skip(file, reason, message) {
    const [why, told] = [text(reason, 'reason'), text(message, 'message')];
    api.import_skip(this.#handle, file.handle, why, told);
  }
}
