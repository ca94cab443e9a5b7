// hooks.d.ts - the host's functions that the library calls. Types only; index.d.ts says how they are
// called.
import type { SessionDocument } from './index.js';

// ---- Sinks and policies ---------------------------------------------------------------------

/** `project`: "" for Unassigned sessions, or with "admin" for the site. Only true allows. */
export type AccessPolicy = (
  user: string,
  permission: 'read' | 'edit' | 'delete' | 'admin',
  project: string,
) => boolean;

export interface ArchiveEvent {
  kind:
    | 'received'
    | 'built'
    | 'archived'
    | 'merged'
    | 'refreshed'
    | 'deleted'
    | 'failed'
    | 'pipeline-finished'
    | 'moved'
    | 'unknown';
  status: string;
  timeMs: number;
  auditId: number;
  scans: number;
  files: number;
  bytes: number;
  user: string;
  project: string;
  subject: string;
  label: string;
  experimentId: string;
  uri: string;
  reason: string;
  message: string;
}

/** What it throws is noted in the report of the call ("events"), and changes nothing. */
export type EventSink = (event: ArchiveEvent) => void;
/** What it throws is lost. */
export type LogSink = (level: 'info' | 'warning' | 'error', line: string) => void;

// ---- Sessions on their way into the archive -------------------------------------------------

/** A session that is about to be archived. */
export interface Candidate {
  readonly project: string;
  readonly subject: string;
  readonly label: string;
  /** One of that label is archived. */
  readonly exists: boolean;
  readonly resources: readonly {
    scan_id: string;
    label: string;
    format: string;
    content: string;
    files: { uri: string; size: number; digest: string; uid: string; format: string }[];
  }[];
  /** As it would be archived; read-only. */
  readonly document: SessionDocument;
  /** Of a validator: "fail" keeps the session in the prearchive, "warn" is told. */
  find(type: 'fail' | 'warn', reason: string, message: string): void;
}
export type SessionValidator = (candidate: Candidate) => void;

/** The files of that session. Failures of these end the call. */
export interface SessionFiles {
  readonly paths: string[];
  read(path: string): Buffer;
  /** These bytes are archived in its place. */
  replace(path: string, data: Uint8Array): void;
  /** The file is left out. */
  reject(path: string): void;
}
/** Rewrites sessions on their way into the archive. */
export interface SessionTransform {
  /** Name and version, such as "anonymize 2.1". */
  name: string;
  /** `document` is the one that will be archived. */
  transform(candidate: Candidate, files: SessionFiles, document: SessionDocument): void;
}

export interface PipelineRequest {
  command: string;
  project: string;
  subjectLabel: string;
  sessionLabel: string;
  experimentId: string;
  uri: string;
  /** Of the archived session. */
  directory: string;
  user: string;
  timeoutMs: number;
}
/** Runs AutoRun, or hands the work to somebody who does. false: /bin/sh runs the command. */
export type PipelineLauncher = (
  request: PipelineRequest,
  context: { readonly cancelled: boolean; print(output: string | Uint8Array): void },
) => unknown;

// ---- Import handlers ------------------------------------------------------------------------

export type SourceKind =
  | 'file'
  | 'folder'
  | 'container'
  | 'prearchive-session'
  | 'session-bag'
  | 'unknown';

/** Understands one kind of input. */
export interface ImportHandler {
  /** Its permanent name: [A-Za-z0-9-]{1,32}. */
  name: string;
  /** This input is the handler's, when a request names none. Absent: only by name. What it throws
   * counts as false. */
  accepts?(inputName: string, kind: SourceKind): boolean;
  /** Says which files belong to which session, scan and resource. */
  describe(source: ImportSource): void;
}

/** One import, as its handler sees it. */
export interface ImportSource {
  /** Last component of a path, "-" for a stream. */
  readonly name: string;
  readonly kind: SourceKind;
  /** Nobody waits for the call any more: return soon. */
  readonly cancelled: boolean;
  parameter(name: string): string | undefined;
  /** ID of the project of this ID or alias that the user may edit. */
  findProject(name: string): string | undefined;
  /** Calls `visit` once for each file, in the input's order. What it throws, this throws. */
  eachFile(visit: (file: ImportedFile) => void): void;
  addSession(): ImportedSession;
  keep(file: ImportedFile, session: ImportedSession, entry: Entry): void;
  /** Leaves the file out: counted and told, not an error. */
  skip(file: ImportedFile, reason: string, message: string): void;
}
/** One file, until its visit returns. */
export interface ImportedFile {
  readonly path: string;
  /** -1 where the input does not say. */
  readonly size: number;
  /** Its first bytes, or all of a shorter file. Reading does not use it up. */
  head(sizeMax: number): Buffer;
}
export interface ImportedSession {
  /** To be filled: xsi_type, label, subject_ID and at least one scan. */
  readonly document: SessionDocument;
  describe(flags: {
    needsBuild?: boolean;
    autoArchive?: boolean;
    waitForUser?: boolean;
    /** yyyy-MM-dd. */
    scanDate?: string;
    /** HH:mm:ss. */
    scanTime?: string;
  }): void;
}
/** Where a file goes and what it is. */
export interface Entry {
  /** Absent: the session's own. */
  scan?: string;
  /** Label of the resource. */
  resource: string;
  /** Path inside the resource. Default: the file's path. */
  uri?: string;
  format?: string;
  content?: string;
  uid?: string;
  instanceNumber?: number;
  dicom?: boolean;
}
