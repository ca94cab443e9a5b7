// hooks.js - functions of the host as the library's structs of callbacks.
//
// koffi runs every callback on this thread, wherever the library calls it: so a function of the
// host is never on two threads at once, and no call that may come to a callback is made on this
// thread, which would wait for itself.
//
// There is one C function for each callback, for good. What it is about is told by `ctx`, a number
// that names what the host gave, until the library releases it.
import koffi from 'koffi';
import { SessionDocument } from './document.js';
import { checked, OK, PASSTHROUGH, PERMISSION, statusOf, text } from './errors.js';
import { askAtExit } from './exit.js';
import { ImportSource, kindName } from './import_source.js';
import { api, callbackTypes, fresh, structAt } from './native.js';
import { bytesOf, camel, textOf } from './values.js';

const given = new Map();
askAtExit(() => given.size > 0);
let lastContext = 0n;

/** How many the library has not released yet. */
export const heldCount = () => given.size;

const released = (ctx) => given.delete(ctx);

/** The struct of `name` whose callbacks are about `host`. */
export function hook(name, host, members = {}) {
  lastContext += 1n;
  given.set(lastContext, host);
  return fresh(name, { ...members, ...callbacksOf(name), ctx: lastContext });
}

const bodies = {};
const registered = new Map();

/** Registered when first asked for: most programs need few. */
function callbacksOf(name) {
  if (!registered.has(name)) {
    const functions = { ...bodies[name], release: released };
    const addresses = Object.entries(functions).map(([member, body]) => [
      member,
      koffi.register(body, callbackTypes[`${name}.${member}`]),
    ]);
    registered.set(name, Object.fromEntries(addresses));
  }
  return registered.get(name);
}

/** A callback that returns xna_status, and has the xna_callback as its last argument: `outcome` of
 * what `body` returned, or that it threw. */
function guarded(body, outcome = () => OK) {
  return (ctx, ...args) => {
    const callback = args[args.length - 1];
    try {
      const result = body(given.get(ctx), ...args);
      if (typeof result?.then === 'function') refusePromise(result);
      return outcome(result);
    } catch (error) {
      return statusOf(error, callback);
    }
  };
}

/** The library goes on when a hook returns: what it has begun would come too late. */
function refusePromise(promise) {
  promise.then(undefined, () => {});
  throw new TypeError('a hook returned a promise; hooks are synchronous');
}

export const PERMISSIONS = ['read', 'edit', 'delete', 'admin'];
const LOG_LEVELS = ['info', 'warning', 'error'];
const EVENTS = [
  'received',
  'built',
  'archived',
  'merged',
  'refreshed',
  'deleted',
  'failed',
  'pipeline-finished',
  'moved',
];
const FINDINGS = { fail: 0, warn: 1 };

function eventAt(address) {
  const { kind, status, ...event } = camel(structAt(address, 'xna_event'));
  return { kind: EVENTS[kind] ?? 'unknown', status: api.status_name(status), ...event };
}

/** Where a session goes, and what it has. `findings`: it may be told what is wrong. */
function candidateOf(handle) {
  const out = [null];
  checked(api.candidate_json, handle, out);
  return {
    ...JSON.parse(textOf(out[0])),
    document: new SessionDocument(api.candidate_document(handle), false),
    find(type, reason, message) {
      if (!(type in FINDINGS)) throw new TypeError(`a finding is "fail" or "warn", not "${type}"`);
      const [why, told] = [text(reason, 'reason'), text(message, 'message')];
      api.candidate_find(handle, FINDINGS[type], why, told);
    },
  };
}

class SessionFiles {
  #handle;

  constructor(handle) {
    this.#handle = handle;
  }

  get paths() {
    const length = api.session_files_count(this.#handle);
    return Array.from({ length }, (_, i) => api.session_files_path(this.#handle, i));
  }

  read(path) {
    const out = [null];
    checked(api.session_files_read, this.#handle, text(path, 'path'), out);
    return bytesOf(out[0]);
  }

  replace(path, data) {
    checked(api.session_files_replace, this.#handle, text(path, 'path'), data, data.length);
  }

  reject(path) {
    checked(api.session_files_reject, this.#handle, text(path, 'path'));
  }
}

bodies.xna_access_policy = {
  allows: guarded(
    (allows, user, permission, project) => allows(user, PERMISSIONS[permission], project),
    (allowed) => (allowed === true ? OK : PERMISSION),
  ),
};
bodies.xna_event_sink = {
  notify: guarded((notify, event) => notify(eventAt(event))),
};
bodies.xna_log_sink = {
  write(ctx, level, line) {
    try {
      given.get(ctx)(LOG_LEVELS[level] ?? 'info', line);
    } catch {
      // Nobody can be told.
    }
  },
};
bodies.xna_session_validator = {
  validate: guarded((validate, candidate) => validate(candidateOf(candidate))),
};
bodies.xna_session_transform = {
  transform: guarded(({ transform }, candidate, files, document) =>
    transform(
      candidateOf(candidate),
      new SessionFiles(files),
      new SessionDocument(document, false),
    ),
  ),
};
bodies.xna_pipeline_launcher = {
  launch: guarded(
    (launch, request, callback) =>
      launch(camel(structAt(request, 'xna_pipeline_request')), {
        get cancelled() {
          return api.callback_cancelled(callback) === 1;
        },
        print(output) {
          const bytes = Buffer.from(output);
          api.callback_print(callback, bytes, bytes.length);
        },
      }),
    (launched) => (launched === false ? PASSTHROUGH : OK),
  ),
};
bodies.xna_import_handler = {
  accepts(ctx, name, kind) {
    try {
      return given.get(ctx).accepts?.(name, kindName(kind)) ? 1 : 0;
    } catch {
      return 0; // The next handler is asked.
    }
  },
  describe: guarded((handler, source, callback) =>
    handler.describe(new ImportSource(source, callback)),
  ),
};
bodies.xna_progress_sink = {
  update(ctx, progress) {
    const call = given.get(ctx);
    try {
      return call.progress(camel(structAt(progress, 'xna_progress'))) === false ? 1 : 0;
    } catch (error) {
      call.failure = { error };
      return 1;
    }
  },
};
// Their read() and write() are on a thread of their own: see streams.js.
bodies.xna_input = {};
bodies.xna_output = {};
