// call.js - what goes with every call: who makes it, how it reports, and how it is stopped.
import { CANCELLED, CancelledError, check, checked, text } from './errors.js';
import { hook } from './hooks.js';
import { api, fresh } from './native.js';

/** One call, from before it is made until `end`. */
export class Call {
  failure = null; // {error}: what the progress function threw.
  #options;
  #cancel;
  #stopped = [];
  #abort = () => this.cancel();

  /** Throws CancelledError when its signal is aborted already. */
  constructor(options = {}) {
    if (options.signal?.aborted) {
      const details = { cause: options.signal.reason };
      throw new CancelledError(CANCELLED, 'call.aborted', 'aborted before it began', details);
    }
    this.#options = options;
    this.user = text(options.user, 'user');
    this.origin = text(options.origin, 'origin');
    this.progress = options.progress;
    const out = [null];
    checked(api.cancel_create, out);
    this.#cancel = out[0];
    options.signal?.addEventListener('abort', this.#abort);
  }

  /** For one function of the library, which releases the callbacks in it. */
  struct() {
    return fresh('xna_call_options', {
      user: this.user,
      origin: this.origin,
      progress: this.progress ? hook('xna_progress_sink', this) : null,
      cancel: this.#cancel,
    });
  }

  cancel() {
    if (this.#cancel === null) return;
    api.cancel_request(this.#cancel);
    for (const stopped of this.#stopped) stopped();
  }

  /** `stopped` is called when the call is cancelled: what it waits for need not come any more. */
  onCancel(stopped) {
    this.#stopped.push(stopped);
  }

  /** Throws when the call has failed: what the progress function threw, if that is why. */
  check(status, error) {
    try {
      check(status, error, this.#options.signal?.reason);
    } catch (failure) {
      throw this.failure === null ? failure : this.failure.error;
    }
  }

  end() {
    this.#options.signal?.removeEventListener('abort', this.#abort);
    api.cancel_free(this.#cancel);
    this.#cancel = null;
  }
}
