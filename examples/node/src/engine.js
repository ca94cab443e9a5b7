// engine.js - one root, opened: every call of the library as a method.
import { setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';
import { Call } from './call.js';
import { SessionDocument } from './document.js';
import { check, LockedError, text } from './errors.js';
import { hook, PERMISSIONS } from './hooks.js';
import { api, fresh, onThread } from './native.js';
import * as requests from './requests.js';
import { inputOf, outputOf } from './streams.js';
import { Task } from './task.js';
import { bytesOf, reportOf, rowsOf, textOf } from './values.js';

/** Closed on a thread of its own: it waits for workers, which may be in a callback. */
const forgotten = new FinalizationRegistry((handle) => api.engine_free.async(handle, () => {}));

const JOB_POLL_MS = 50;

/** Makes a new root. */
export async function createRoot(options, { siteId, checksum } = {}) {
  const [site, sums] = [text(siteId, 'siteId'), text(checksum, 'checksum')];
  const error = [null];
  const places = fresh('xna_engine_options', requests.placesOf(options));
  check(await onThread(api.root_create, places, site, sums, error), error[0]);
}

/** Opens a root. */
export async function openEngine(options) {
  const opened = fresh('xna_engine_options', requests.engineOf(options));
  const handlers = (options.handlers ?? []).map((handler) => ({
    handler,
    name: text(handler.name, 'name of a handler'),
  }));
  const out = [null];
  const error = [null];
  check(await onThread(api.engine_open, requests.withHooks(opened, options), out, error), error[0]);
  try {
    for (const { handler, name } of handlers) {
      const struct = hook('xna_import_handler', handler, { name });
      check(api.engine_register(out[0], struct, error), error[0]);
    }
  } catch (failure) {
    await onThread(api.engine_free, out[0]);
    throw failure;
  }
  return new Engine(out[0]);
}

/** See index.d.ts. */
class Engine {
  #handle;

  constructor(handle) {
    this.#handle = handle;
    forgotten.register(this, handle, this);
  }

  async close() {
    const handle = this.#handle;
    this.#handle = null;
    if (handle === null) return;
    forgotten.unregister(this);
    await onThread(api.engine_free, handle);
  }

  /** Calls `callee` with these arguments, and resolves to what it stores, as `convert` makes it. */
  async #run(callee, args, options, convert) {
    const call = new Call(options);
    try {
      const out = [null];
      const error = [null];
      const stored = convert === undefined ? [] : [out];
      const all = [this.#handle, ...args, call.struct(), ...stored, error];
      call.check(await onThread(callee, ...all), error[0]);
      return convert?.(out[0]);
    } finally {
      call.end();
    }
  }

  /** Starts a task. `request` makes its struct, and may throw. `attached`: what it uses until it has
   * ended, which is closed then. */
  async #start(callee, request, options, attached = {}) {
    let call;
    try {
      call = new Call(options);
      if (attached.cancel) call.onCancel(attached.cancel);
      const struct = request();
      const out = [null];
      const error = [null];
      call.check(callee(this.#handle, struct, call.struct(), out, error), error[0]);
      return new Task(out[0], call, attached);
    } catch (failure) {
      call?.end();
      await attached.close?.();
      throw failure;
    }
  }

  async addProject(project, options) {
    await this.#run(api.engine_add_project, [requests.projectOf(project)], options);
  }

  async addSubject(project, label, options) {
    const args = [text(project, 'project'), text(label, 'label')];
    return this.#run(api.engine_add_subject, args, options, textOf);
  }

  projects(options) {
    return this.#run(api.engine_projects, [], options, rowsOf);
  }

  async setting(name, project, options) {
    const args = [text(name, 'name'), text(project, 'project')];
    return this.#run(api.engine_setting, args, options, textOf);
  }

  async setSetting(name, value, project, options) {
    const args = [text(name, 'name'), text(value, 'value'), text(project, 'project')];
    await this.#run(api.engine_set_setting, args, options);
  }

  async settings(project, options) {
    return this.#run(api.engine_settings, [text(project, 'project')], options, rowsOf);
  }

  async startImport(request, options) {
    const { data, ...members } = requests.importOf(request);
    const stream = request.stream ? await inputOf(request.stream) : undefined;
    members.data = data && koffi.address(data);
    const struct = () => fresh('xna_import_request', { ...members, input: stream?.struct() });
    return this.#start(api.engine_start_import, struct, options, { ...stream, data });
  }

  async import(request, options) {
    return (await this.startImport(request, options)).result();
  }

  async prearchive(project, options) {
    return this.#run(api.engine_prearchive, [text(project, 'project')], options, rowsOf);
  }

  async prearchiveSession(src, options) {
    return this.#run(api.engine_prearchive_session, [text(src, 'src')], options, reportOf);
  }

  async checkPrearchiveSession(src, permission, options) {
    const args = [text(src, 'src'), PERMISSIONS.indexOf(permission)];
    await this.#run(api.engine_check_prearchive_session, args, options);
  }

  async prearchiveLog(src, options) {
    const rows = await this.#run(api.engine_prearchive_log, [text(src, 'src')], options, rowsOf);
    return rows.map((row) => Object.values(row)[0]);
  }

  async build(src, { fields, ...options } = {}) {
    const pairs = requests.pairsOf(fields, 'field');
    const args = [text(src, 'src'), pairs, pairs.length / 2];
    await this.#run(api.engine_build_with_fields, args, options);
  }

  async commitIdle(options) {
    return this.#run(api.engine_commit_idle, [], options, reportOf);
  }

  async movePrearchiveSession(src, project, options) {
    const args = [text(src, 'src'), text(project, 'project')];
    return this.#run(api.engine_move_prearchive_session, args, options, textOf);
  }

  async setPrearchiveState(src, state, options) {
    const args = [text(src, 'src'), text(state, 'state')];
    return this.#run(api.engine_set_prearchive_state, args, options, reportOf);
  }

  async deletePrearchiveSession(src, options) {
    await this.#run(api.engine_delete_prearchive_session, [text(src, 'src')], options);
  }

  async startArchive(request, options) {
    return this.#start(api.engine_start_archive, () => requests.archiveOf(request), options);
  }

  async archive(request, options) {
    return (await this.startArchive(request, options)).result();
  }

  async startValidate(request, options) {
    return this.#start(api.engine_start_validate, () => requests.archiveOf(request), options);
  }

  async validate(request, options) {
    return (await this.startValidate(request, options)).result();
  }

  async activate(uri, options) {
    return this.#run(api.engine_activate, [text(uri, 'uri')], options, (changed) => changed === 1);
  }

  async history(uri, options) {
    return this.#run(api.engine_history, [text(uri, 'uri')], options, rowsOf);
  }

  async restoreHistory(id, options) {
    return this.#run(api.engine_restore_history, [text(id, 'id')], options, reportOf);
  }

  async pruneHistory(id, options) {
    await this.#run(api.engine_prune_history, [text(id, 'id')], options);
  }

  async startRefresh(request, options) {
    return this.#start(api.engine_start_refresh, () => requests.refreshOf(request), options);
  }

  async refresh(request, options) {
    return (await this.startRefresh(request, options)).result();
  }

  async startVerify(request, options) {
    return this.#start(api.engine_start_verify, () => requests.verifyOf(request), options);
  }

  async verify(request, options) {
    return (await this.startVerify(request, options)).result();
  }

  async startExport(request, options) {
    const members = requests.exportOf(request);
    const stream = request.stream ? await outputOf(request.stream) : undefined;
    const struct = () => fresh('xna_export_request', { ...members, output: stream?.struct() });
    return this.#start(api.engine_start_export, struct, options, stream);
  }

  async export(request, options) {
    return (await this.startExport(request, options)).result();
  }

  async list(uri, options) {
    return this.#run(api.engine_list, [text(uri, 'uri')], options, rowsOf);
  }

  async document(uri, options) {
    const convert = (handle) => new SessionDocument(handle, true);
    return this.#run(api.engine_document, [text(uri, 'uri')], options, convert);
  }

  async documentXml(uri, options) {
    return this.#run(api.engine_document_xml, [text(uri, 'uri')], options, bytesOf);
  }

  async audit(uri, options) {
    return this.#run(api.engine_audit, [text(uri, 'uri')], options, rowsOf);
  }

  recover(options) {
    return this.#run(api.engine_recover, [], options, reportOf);
  }

  reindex(options) {
    return this.#run(api.engine_reindex, [], options, reportOf);
  }

  async submit(archiveRequests, options) {
    const all = archiveRequests.map(requests.archiveOf);
    return this.#run(api.engine_submit, [all, all.length], options, textOf);
  }

  async job(id, options) {
    return this.#run(api.engine_job, [text(id, 'id')], options, reportOf);
  }

  jobs(options) {
    return this.#run(api.engine_jobs, [], options, rowsOf);
  }

  async waitForJob(id, { timeoutMs = -1, ...options } = {}) {
    const args = [text(id, 'id'), 0];
    const started = performance.now();
    for (;;) {
      try {
        return await this.#run(api.engine_wait_for_job, args, options, reportOf);
      } catch (error) {
        const running = error instanceof LockedError && error.reason === 'job.timeout';
        if (!running) throw error;
        if (timeoutMs >= 0 && performance.now() - started >= timeoutMs) throw error;
      }
      await sleep(JOB_POLL_MS);
    }
  }

  async cancelJob(id, options) {
    await this.#run(api.engine_cancel_job, [text(id, 'id')], options);
  }

  runJob(options) {
    return this.#run(api.engine_run_job, [], options, (found) => found === 1);
  }
}

// Named by what languages call it that have it; others call close().
if (Symbol.asyncDispose) {
  Object.defineProperty(Engine.prototype, Symbol.asyncDispose, { value: Engine.prototype.close });
}

export { Engine };
