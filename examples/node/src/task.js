// task.js - a call on a thread of the library's, looked at from time to time.
import { setTimeout as sleep } from 'node:timers/promises';
import { checked } from './errors.js';
import { askAtExit } from './exit.js';
import { api, fresh } from './native.js';
import { camel, reportOf } from './values.js';

const POLL_MS_MAX = 20;

let running = 0;
askAtExit(() => running > 0);

/** See index.d.ts. */
export class Task {
  #handle;
  #call;
  #attached;
  #result;
  #progress = null; // Of a task that has ended.

  /** `attached`: what the library uses until the task has ended; then its close() is awaited. */
  constructor(handle, call, attached) {
    this.#handle = handle;
    this.#call = call;
    this.#attached = attached;
    this.#result = this.#watch();
    this.#result.catch(() => {}); // Told to whoever asks for it.
  }

  async #watch() {
    running += 1;
    try {
      for (let ms = 1; api.task_wait(this.#handle, 0) !== 1; ms = Math.min(ms * 2, POLL_MS_MAX)) {
        await sleep(ms);
      }
      const report = [null];
      const error = [null];
      const status = api.task_result(this.#handle, report, error);
      this.#call.check(status, error[0]);
      return reportOf(report[0]);
    } finally {
      running -= 1;
      this.#call.end();
      this.#progress = this.progress;
      api.task_free(this.#handle);
      this.#handle = null;
      await this.#attached.close?.();
    }
  }

  result() {
    return this.#result;
  }

  get progress() {
    if (this.#progress !== null) return this.#progress;
    const progress = fresh('xna_progress', {});
    checked(api.task_progress, this.#handle, progress);
    return camel(progress);
  }

  cancel() {
    this.#call.cancel();
  }
}
