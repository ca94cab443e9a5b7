// index.d.ts - XNAT's archive services for Node: the manual of this package.
//
// Every call of the engine is a promise, made on a thread of the library's or of koffi's; the event
// loop goes on meanwhile. A call either does all it says or changes nothing, whatever happens to
// the process; a rejection's `diskState` tells when there is more to say.
//
// Hooks are the host's functions that the library calls: progress, handlers, policies, sinks. They
// run on the event loop's thread, one at a time, while the library's thread waits; so they are
// synchronous, short, and never block it. What they are given is over when they return. A hook may
// begin a call of the engine, and not wait for it. What a hook throws is what the call it is in
// rejects with, the very object; exceptions to that are named below.
//
// Texts with a NUL or half a surrogate pair are InvalidArgumentError "capi.bad-text".
import type { Writable } from 'node:stream';
import type {
  AccessPolicy,
  EventSink,
  ImportHandler,
  LogSink,
  PipelineLauncher,
  SessionTransform,
  SessionValidator,
} from './hooks.js';

export type * from './hooks.js';

/** "MAJOR.MINOR.PATCH" of the library that is loaded. */
export function version(): string;
/** Its contract: major * 1000 + minor. */
export function abiVersion(): number;

// ---- Errors ---------------------------------------------------------------------------------

/** A call that failed; the class says how. An unknown status has this class itself. */
export class XnatArchiveError extends Error {
  /** "conflict", "not_found", ...: xna_status_name. */
  readonly status: string;
  /** XNA_E_*. */
  readonly statusCode: number;
  /** A stable slug for programs to match, such as "archive.session-exists". */
  readonly reason: string;
  /** The file concerned, relative to its root; "" when there is none. */
  readonly path: string;
  /** "committed": done, only cleaning up failed. "recovery-pending": recover() finishes it. */
  readonly diskState: 'unchanged' | 'rolled-back' | 'committed' | 'recovery-pending';
  /** Of the call of the operating system that failed; 0 when none did. */
  readonly errno: number;
}
/** The request is malformed or contradicts itself; also "capi.bad-handle" after close(). */
export class InvalidArgumentError extends XnatArchiveError {}
export class NotFoundError extends XnatArchiveError {}
export class AlreadyExistsError extends XnatArchiveError {}
/** The archive holds something the request contradicts. */
export class ConflictError extends XnatArchiveError {}
/** Somebody else works on it; retry later. */
export class LockedError extends XnatArchiveError {}
/** Input can not be read as what it claims to be. */
export class CorruptionError extends XnatArchiveError {}
export class IoError extends XnatArchiveError {}
export class NoSpaceError extends XnatArchiveError {}
/** The operating system or the access policy says no. */
export class PermissionError extends XnatArchiveError {}
export class UnsupportedError extends XnatArchiveError {}
/** The caller asked to stop; `cause` is its AbortSignal's reason. */
export class CancelledError extends XnatArchiveError {}
/** A hook misbehaved. */
export class HandlerFailedError extends XnatArchiveError {}
export class RecoveryRequiredError extends XnatArchiveError {}
export class NoMemoryError extends XnatArchiveError {}
/** A bug in the library; please report it. */
export class InternalError extends XnatArchiveError {}

/** For hooks to throw. `reason` (a slug) and `message` (one line, no patient data) go to the
 * library's logs and records; of any other error only its name does. */
export class HookError extends Error {
  constructor(reason: string, message: string, options?: ErrorOptions);
  readonly reason: string;
}

// ---- Roots and engines ----------------------------------------------------------------------

/** Where a root lies. A URL is a file: URL. */
export interface Places {
  root: string | URL;
  /** Default: root/archive. */
  archivePath?: string | URL;
  /** Default: root/prearchive. */
  prearchivePath?: string | URL;
  /** Default: sqlite3://root/store.sqlite3. */
  storeUrl?: string;
}

/** Makes a new root; its parent must exist. AlreadyExistsError "engine.root-in-use". */
export function createRoot(
  places: Places,
  options?: { siteId?: string; checksum?: 'md5+xxh3' | 'md5' | 'xxh3' | 'none' },
): Promise<void>;

export interface EngineOptions extends Places {
  /** Threads one call may use. 0: one per core. Default 1. */
  threads?: number;
  /** Threads that work off submitted jobs. Default 0. */
  jobWorkers?: number;
  /** false leaves what crashed processes left to recover(). */
  recover?: boolean;
  handlers?: ImportHandler[];
  accessPolicy?: AccessPolicy;
  eventSink?: EventSink;
  logSink?: LogSink;
  transform?: SessionTransform;
  pipelineLauncher?: PipelineLauncher;
  /** Asked in this order. */
  validators?: SessionValidator[];
  /** How much one zip or tar may unpack to. */
  containerEntriesMax?: number;
  containerBytesMax?: number;
}

/** Opens a root, and finishes what crashed processes left. NotFoundError "engine.no-root". */
export function openEngine(options: EngineOptions): Promise<Engine>;

// ---- Calls ----------------------------------------------------------------------------------

export interface Progress {
  filesDone: number;
  /** 0 while unknown. */
  filesTotal: number;
  bytesDone: number;
  bytesTotal: number;
  /** "receive", "build", "hash", "copy", "publish", ... */
  phase: string | null;
}

/** Who calls, and how the call reports and stops. */
export interface CallOptions {
  user?: string;
  origin?: string;
  /** Heard at most ten times a second. false cancels; so does throwing. When the call is past the
   * point where it can be cancelled, it goes on to its end and resolves. */
  progress?: (progress: Progress) => unknown;
  /** Aborting cancels: the promise rejects with CancelledError, whose cause is the reason. */
  signal?: AbortSignal;
}

/** A call that was started. It goes on whether anybody keeps this object or not. */
export class Task<Report = unknown> {
  private constructor();
  /** The same promise each time. */
  result(): Promise<Report>;
  /** How far it is, or was when it ended. */
  readonly progress: Progress;
  cancel(): void;
}

/** Names and values, told as text. */
export type NamedValues = Record<string, string | number | boolean | undefined>;
/** One row of a listing: XNAT's column names, text. */
export type Row = Record<string, string>;
/** What a report says of something that failed. */
export interface Failure {
  code: string;
  reason: string;
  message: string;
  path: string;
  disk_state: string;
}

export interface Project {
  id: string;
  /** 0: sessions wait; 4: archived at once; 5: the same, overwriting. */
  prearchiveCode?: 0 | 4 | 5;
  /** 1: archived sessions are quarantined. */
  quarantineCode?: 0 | 1;
  /** Command for the launcher. */
  autorun?: string;
}

/** One input: exactly one of path, data and stream. */
export interface ImportRequest {
  /** File, folder or container. */
  path?: string | URL;
  /** A container or file in memory. Copied. */
  data?: Uint8Array;
  /** A container or file that is still coming in, such as a Readable. It is read to its end, or
   * destroyed. */
  stream?: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array>;
  /** Default: the first that accepts the input. */
  handler?: string;
  /** A prearchive or archive URI; an archive URI archives at once. */
  dest?: string;
  /** XNAT's: "project", "subject", "session", "rename", ..., and a handler's own. */
  parameters?: NamedValues;
}
/** Reports have more members than are named here: those of the C++ report. */
export interface ImportReport {
  uris: string[];
  files_received: number;
  files_identical: number;
  files_skipped: number;
  bytes_received: number;
  [member: string]: unknown;
}

export interface ArchiveRequest {
  /** Prearchive URI of one session. */
  src: string;
  /** An archive URI of a project, subject or experiment. */
  dest?: string;
  /** What to do with a session that exists. Default: "none", a ConflictError. */
  overwrite?: 'none' | 'append' | 'delete';
  quarantine?: boolean;
  /** false: AutoRun is not launched. */
  pipelines?: boolean;
  /** How long to wait for whoever works on it; then LockedError. */
  waitMs?: number;
  /** "project", "subject", "session" or "label", "event_reason". */
  parameters?: NamedValues;
  /** XNAT's XML paths and the values to set. */
  fields?: NamedValues;
}
export interface ArchiveReport {
  uri: string;
  experiment_id: string;
  scans: number;
  files: number;
  bytes: number;
  events: Failure | null;
  pipeline: Failure | null;
  [member: string]: unknown;
}
export interface ValidationReport {
  findings: { code: number; type: string; reason: string; message: string }[];
  blocked: boolean;
  [member: string]: unknown;
}
export interface RefreshRequest {
  /** Archive URIs of projects, subjects, experiments, scans, resources. */
  uris: string[];
  /** None of these four: as the site says. */
  append?: boolean;
  checksum?: boolean;
  delete?: boolean;
  populateStats?: boolean;
  /** Removes and renews also what looks like an accident. */
  force?: boolean;
  /** Makes lost and damaged catalogs anew. */
  rebuild?: boolean;
  waitMs?: number;
}
export interface VerifyRequest {
  /** Absent: everything the caller may read. */
  uris?: string[];
  /** Share of the files that are read, above 0 and up to 100. */
  samplePercent?: number;
  seed?: number;
  bytesPerSecondMax?: number;
  /** A file outside of the trees that keeps how far it is. */
  resumePath?: string | URL;
  /** All digests that are known; otherwise one is enough. */
  allDigests?: boolean;
}
/** Exactly one of path and stream. */
export interface ExportRequest {
  /** Of an archived experiment. */
  uri: string;
  /** A new directory, or a zip when it ends in ".zip". */
  path?: string | URL;
  /** Takes a zip as fast as it can. It is not ended. */
  stream?: Writable;
  /** A BagIt bag in place of the layout of XNAT's downloads. */
  bag?: boolean;
}
export type Report = { [member: string]: unknown };

/** One root, opened. Any number of calls may run at once, of several engines and processes too.
 * Each of them may reject with PermissionError "access.denied". What each does and rejects with is
 * said at the function of the same name in xnatarchive.h. */
export class Engine {
  private constructor();
  /** Closes it. Calls and tasks that run go on; others reject. Again: does nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;

  addProject(project: Project, options?: CallOptions): Promise<void>;
  /** Its ID; fine when it is there. InvalidArgumentError "subject.bad-label". */
  addSubject(project: string, label: string, options?: CallOptions): Promise<string>;
  projects(options?: CallOptions): Promise<Row[]>;
  setting(name: string, project?: string, options?: CallOptions): Promise<string>;
  setSetting(name: string, value: string, project?: string, options?: CallOptions): Promise<void>;
  settings(project?: string, options?: CallOptions): Promise<Row[]>;

  import(request: ImportRequest, options?: CallOptions): Promise<ImportReport>;
  startImport(request: ImportRequest, options?: CallOptions): Promise<Task<ImportReport>>;
  /** `project`: "Unassigned" for sessions without. */
  prearchive(project?: string, options?: CallOptions): Promise<Row[]>;
  prearchiveSession(src: string, options?: CallOptions): Promise<Report>;
  /** Rejects with what would refuse a call that needs `permission` for this session now:
   * PermissionError; LockedError. For whoever does something to several sessions. */
  checkPrearchiveSession(
    src: string,
    permission: 'read' | 'edit' | 'delete' | 'admin',
    options?: CallOptions,
  ): Promise<void>;
  prearchiveLog(src: string, options?: CallOptions): Promise<string[]>;
  /** `fields`: XNAT's XML paths and the values to set in the document; later builds set them, too.
   * InvalidArgumentError "build.bad-field". */
  build(src: string, options?: CallOptions & { fields?: NamedValues }): Promise<void>;
  /**
   * Builds every session to which no file came for the site's session_idle_minutes, and archives
   * it unless it waits for a person or its sender. To be called from a timer.
   */
  commitIdle(options?: CallOptions): Promise<Report>;
  /** By renames; the session's URI in the project. */
  movePrearchiveSession(src: string, project: string, options?: CallOptions): Promise<string>;
  /** `state`: "READY", "RECEIVING", "CONFLICT" or "ERROR"; without it, what its files say. */
  setPrearchiveState(src: string, state?: string, options?: CallOptions): Promise<Report>;
  deletePrearchiveSession(src: string, options?: CallOptions): Promise<void>;

  /** ConflictError "archive.session-exists", and whatever finding blocks. */
  archive(request: ArchiveRequest, options?: CallOptions): Promise<ArchiveReport>;
  startArchive(request: ArchiveRequest, options?: CallOptions): Promise<Task<ArchiveReport>>;
  validate(request: ArchiveRequest, options?: CallOptions): Promise<ValidationReport>;
  startValidate(request: ArchiveRequest, options?: CallOptions): Promise<Task<ValidationReport>>;
  /** false: it was active already. */
  activate(uri: string, options?: CallOptions): Promise<boolean>;
  history(uri?: string, options?: CallOptions): Promise<Row[]>;
  restoreHistory(id: string, options?: CallOptions): Promise<ArchiveReport>;
  pruneHistory(id: string, options?: CallOptions): Promise<void>;

  refresh(request: RefreshRequest, options?: CallOptions): Promise<Report>;
  startRefresh(request: RefreshRequest, options?: CallOptions): Promise<Task<Report>>;
  verify(request?: VerifyRequest, options?: CallOptions): Promise<Report>;
  startVerify(request?: VerifyRequest, options?: CallOptions): Promise<Task<Report>>;
  export(request: ExportRequest, options?: CallOptions): Promise<Report>;
  startExport(request: ExportRequest, options?: CallOptions): Promise<Task<Report>>;

  list(uri?: string, options?: CallOptions): Promise<Row[]>;
  document(uri: string, options?: CallOptions): Promise<SessionDocument>;
  documentXml(uri: string, options?: CallOptions): Promise<Buffer>;
  audit(uri?: string, options?: CallOptions): Promise<Row[]>;
  recover(options?: CallOptions): Promise<Report>;
  reindex(options?: CallOptions): Promise<Report>;

  /** Resolves to the job's ID. */
  submit(requests: ArchiveRequest[], options?: CallOptions): Promise<string>;
  job(id: string, options?: CallOptions): Promise<Report>;
  jobs(options?: CallOptions): Promise<Row[]>;
  /** LockedError "job.timeout" after `timeoutMs`; default: no limit. Does not work it off. */
  waitForJob(id: string, options?: CallOptions & { timeoutMs?: number }): Promise<Report>;
  cancelJob(id: string, options?: CallOptions): Promise<void>;
  /** Archives the session that is queued longest. false: none is queued. */
  runJob(options?: CallOptions): Promise<boolean>;
}

/** A session's document: of one that is there a copy, of a hook's session perhaps the one that will
 * be archived. Paths are XNAT's, as in "scanner/@model"; see xna_document_get. */
export class SessionDocument {
  private constructor();
  readonly scanIds: string[];
  /** "" when it is not set, undefined for a scan that is not there. Without `scanId`: of the
   * session. */
  get(path: string, scanId?: string): string | undefined;
  /** "" removes it. NotFoundError "document.no-scan", UnsupportedError "document.read-only". */
  set(path: string, value: string, scanId?: string): void;
  /** AlreadyExistsError "document.scan-exists", UnsupportedError "document.read-only". */
  addScan(scanId: string, xsiType: string): void;
  toJSON(): Report;
}
