// requests.js - what the host asks for, as the library's structs.
import { text } from './errors.js';
import { hook } from './hooks.js';
import { fresh } from './native.js';

const OVERWRITE = { none: 0, append: 1, delete: 2 };
const ARCHIVE = { quarantine: 1 };
const ARCHIVE_NO_PIPELINES = 2;
const REFRESH = { append: 1, checksum: 2, delete: 4, populateStats: 8, force: 16, rebuild: 32 };
const VERIFY = { allDigests: 1 };
const EXPORT = { bag: 1 };
const ENGINE_NO_RECOVERY = 1;

/** The flags whose members are true. */
function flagsOf(request, names) {
  return Object.entries(names).reduce((all, [name, bit]) => (request[name] ? all | bit : all), 0);
}

/** Names and values in turn. Values may be numbers and booleans. */
export function pairsOf(object, what) {
  return Object.entries(object ?? {})
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [text(name, what), text(String(value), `${what} ${name}`)]);
}

export function placesOf(options) {
  return {
    root: text(options.root, 'root'),
    archive_path: text(options.archivePath, 'archivePath'),
    prearchive_path: text(options.prearchivePath, 'prearchivePath'),
    store_url: text(options.storeUrl, 'storeUrl'),
  };
}

export function engineOf(options) {
  return {
    ...placesOf(options),
    flags: options.recover === false ? ENGINE_NO_RECOVERY : 0,
    threads: options.threads,
    job_workers: options.jobWorkers,
    container_entries_max: options.containerEntriesMax,
    container_bytes_max: options.containerBytesMax,
  };
}

/** The same with the host's functions, which the library releases. */
export function withHooks(struct, options) {
  const name = text(options.transform?.name, 'name of the transform');
  const optional = (value, make) => (value ? make(value) : null);
  const validators = options.validators ?? [];
  return {
    ...struct,
    access_policy: optional(options.accessPolicy, (allows) => hook('xna_access_policy', allows)),
    event_sink: optional(options.eventSink, (notify) => hook('xna_event_sink', notify)),
    log_sink: optional(options.logSink, (write) => hook('xna_log_sink', write)),
    session_transform: optional(options.transform, (transform) =>
      hook('xna_session_transform', transform, { name }),
    ),
    pipeline_launcher: optional(options.pipelineLauncher, (launch) =>
      hook('xna_pipeline_launcher', launch),
    ),
    validators: validators.map((validate) => hook('xna_session_validator', validate)),
    validator_count: validators.length,
  };
}

export function projectOf(project) {
  return fresh('xna_project', {
    id: text(project.id, 'id'),
    prearchive_code: project.prearchiveCode,
    quarantine_code: project.quarantineCode,
    autorun: text(project.autorun, 'autorun'),
  });
}

/** Bytes are copied: the library reads them on a thread of its own, whatever becomes of the
 * host's. None have an address, too: that is not the same as no data. */
function copyOf(data) {
  if (!ArrayBuffer.isView(data)) throw new TypeError('data is not bytes');
  const copy = Buffer.allocUnsafeSlow(Math.max(data.byteLength, 1));
  copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return copy;
}

/** Members without the stream; `data` has to live until the call has ended. */
export function importOf(request) {
  const parameters = pairsOf(request.parameters, 'parameter');
  const data = request.data === undefined ? undefined : copyOf(request.data);
  return {
    path: text(request.path, 'path'),
    data,
    data_size: request.data?.byteLength ?? 0,
    handler: text(request.handler, 'handler'),
    dest: text(request.dest, 'dest'),
    parameters,
    parameter_count: parameters.length / 2,
  };
}

export function archiveOf(request) {
  const overwrite = request.overwrite ?? 'none';
  if (!(overwrite in OVERWRITE)) throw new TypeError(`overwrite can not be "${overwrite}"`);
  const parameters = pairsOf(request.parameters, 'parameter');
  const fields = pairsOf(request.fields, 'field');
  return fresh('xna_archive_request', {
    flags: flagsOf(request, ARCHIVE) | (request.pipelines === false ? ARCHIVE_NO_PIPELINES : 0),
    src: text(request.src, 'src'),
    dest: text(request.dest, 'dest'),
    overwrite: OVERWRITE[overwrite],
    wait_ms: request.waitMs,
    parameters,
    parameter_count: parameters.length / 2,
    fields,
    field_count: fields.length / 2,
  });
}

const urisOf = (uris) => (uris ?? []).map((uri) => text(uri, 'uri'));

export function refreshOf(request) {
  const uris = urisOf(request.uris);
  return fresh('xna_refresh_request', {
    flags: flagsOf(request, REFRESH),
    uris,
    uri_count: uris.length,
    wait_ms: request.waitMs,
  });
}

export function verifyOf(request = {}) {
  const uris = urisOf(request.uris);
  return fresh('xna_verify_request', {
    flags: flagsOf(request, VERIFY),
    uris,
    uri_count: uris.length,
    sample_percent: request.samplePercent,
    seed: request.seed,
    bytes_per_second_max: request.bytesPerSecondMax,
    resume_path: text(request.resumePath, 'resumePath'),
  });
}

export function exportOf(request) {
  return {
    flags: flagsOf(request, EXPORT),
    uri: text(request.uri, 'uri'),
    path: text(request.path, 'path'),
  };
}
