// errors.js - failures of the library as errors of a class for each status, and back.
import { fileURLToPath } from 'node:url';
import { api } from './native.js';

const DISK_STATES = ['unchanged', 'rolled-back', 'committed', 'recovery-pending'];

/** A call that failed. What its members say is in index.d.ts. */
export class XnatArchiveError extends Error {
  constructor(code, reason, message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.status = api.status_name(code);
    this.statusCode = code;
    this.reason = reason;
    this.path = details.path ?? '';
    this.diskState = details.diskState ?? DISK_STATES[0];
    this.errno = details.errno ?? 0;
  }
}

export class InvalidArgumentError extends XnatArchiveError {}
export class NotFoundError extends XnatArchiveError {}
export class AlreadyExistsError extends XnatArchiveError {}
export class ConflictError extends XnatArchiveError {}
export class LockedError extends XnatArchiveError {}
export class CorruptionError extends XnatArchiveError {}
export class IoError extends XnatArchiveError {}
export class NoSpaceError extends XnatArchiveError {}
export class PermissionError extends XnatArchiveError {}
export class UnsupportedError extends XnatArchiveError {}
export class CancelledError extends XnatArchiveError {}
export class HandlerFailedError extends XnatArchiveError {}
export class RecoveryRequiredError extends XnatArchiveError {}
export class NoMemoryError extends XnatArchiveError {}
export class InternalError extends XnatArchiveError {}

/** By XNA_E_*, which begin with 1. */
const CLASSES = [
  InvalidArgumentError,
  NotFoundError,
  AlreadyExistsError,
  ConflictError,
  LockedError,
  CorruptionError,
  IoError,
  NoSpaceError,
  PermissionError,
  UnsupportedError,
  CancelledError,
  HandlerFailedError,
  RecoveryRequiredError,
  NoMemoryError,
  InternalError,
];

export const OK = 0;
export const INVALID_ARGUMENT = 1;
export const LOCKED = 5;
export const PERMISSION = 9;
export const CANCELLED = 11;
export const HOST_STATUS_MIN = 1000;
export const PASSTHROUGH = -1;

/** What a function of the host throws to say why, in words the library may log. */
export class HookError extends Error {
  constructor(reason, message, options) {
    super(message, options);
    this.name = 'HookError';
    this.reason = reason;
  }
}

/** What functions of the host threw, by the status that stood for it on its way through the
 * library. Some are never asked for, such as an event sink's; so only the last ones are kept. */
const thrown = new Map();
const THROWN_MAX = 256;
const HOST_STATUS_MAX = 2 ** 31 - 1;
let lastStatus = HOST_STATUS_MIN - 1;

/** The status a callback returns for what its function threw, which `check` throws again. */
export function statusOf(error, callback) {
  if (error instanceof XnatArchiveError) {
    api.callback_fail(callback, error.reason, oneLine(error.message));
    return error.statusCode;
  }
  if (error instanceof HookError) {
    api.callback_fail(callback, oneLine(error.reason), oneLine(error.message));
  } else {
    // Its message may hold anything, and goes to logs.
    api.callback_fail(
      callback,
      'node.threw',
      `a ${oneLine(error?.name ?? typeof error)} was thrown`,
    );
  }
  lastStatus = lastStatus === HOST_STATUS_MAX ? HOST_STATUS_MIN : lastStatus + 1;
  thrown.set(lastStatus, error);
  if (thrown.size > THROWN_MAX) thrown.delete(thrown.keys().next().value);
  return lastStatus;
}

const oneLine = (text) => String(text).replaceAll('\0', ' ').toWellFormed();

/** Frees the library's error, and makes one to throw of it. `cause`: of a call that was cancelled. */
function taken(status, handle, cause) {
  const host = api.error_host_status(handle);
  const Class = CLASSES[status - 1] ?? XnatArchiveError;
  const error = thrown.has(host)
    ? thrown.get(host)
    : new Class(status, api.error_reason(handle) ?? 'unknown', api.error_message(handle) ?? '', {
        path: api.error_path(handle) ?? '',
        diskState: DISK_STATES[api.error_disk_state(handle)],
        errno: api.error_os_errno(handle),
        cause: status === CANCELLED ? cause : undefined,
      });
  api.error_free(handle);
  return error;
}

/** Throws when a function of the library has failed. */
export function check(status, handle, cause) {
  if (status !== OK) throw taken(status, handle, cause);
}

/** Calls one of `api` whose last parameter is out_error, on this thread; throws what it says. */
export function checked(callee, ...args) {
  const error = [null];
  check(callee(...args, error), error[0]);
}

/** A text for the library, which ends it at the first NUL: so there may be none. */
export function text(value, what) {
  if (value === undefined || value === null) return null;
  const path = value instanceof URL ? fileURLToPath(value) : value;
  if (typeof path !== 'string') throw new TypeError(`${what} is a ${typeof path}, not a string`);
  if (path.includes('\0') || !path.isWellFormed()) {
    throw new InvalidArgumentError(
      INVALID_ARGUMENT,
      'capi.bad-text',
      `${what} has a NUL or half a surrogate pair`,
    );
  }
  return path;
}
