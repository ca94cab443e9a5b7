// streams.js - input and output that are JavaScript streams.
//
// The library's callbacks wait for bytes, and this thread may not wait. So each stream has a
// worker, whose thread does: it asks this one for the next bytes, and sleeps until they are there.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CANCELLED, OK, statusOf } from './errors.js';
import { hook } from './hooks.js';

/** The worker of one stream, and its end of the conversation. */
class Stream {
  #worker;
  #answered = new Int32Array(new SharedArrayBuffer(4));
  #answer;
  #cancelled = false;
  #asked = false;

  /** `answer` resolves to what a message of the worker is answered with. */
  constructor(answer) {
    this.#answer = answer;
  }

  /** Resolves to the address of the function the library is to call. */
  async open(direction) {
    this.#worker = new Worker(new URL('./stream_worker.js', import.meta.url), {
      workerData: { direction, answered: this.#answered },
      execArgv: [],
    });
    const [address] = await once(this.#worker, 'message');
    this.#worker.on('message', (message) => this.#serve(message));
    return address;
  }

  async #serve(message) {
    this.#asked = true;
    if (this.#cancelled) return this.#reply({ status: CANCELLED });
    try {
      this.#reply(await this.#answer(message));
    } catch (error) {
      this.#reply({ status: this.#asked ? statusOf(error, message.callback) : CANCELLED });
    }
  }

  #reply(answer) {
    if (!this.#asked) return; // It was cancelled meanwhile.
    this.#asked = false;
    this.#worker.postMessage(answer);
    Atomics.store(this.#answered, 0, 1);
    Atomics.notify(this.#answered, 0);
  }

  /** Nothing is waited for any more. */
  cancel() {
    this.#cancelled = true;
    this.#reply({ status: CANCELLED });
  }

  /** When the library has released the function, or was never given it. */
  async close() {
    this.#worker.postMessage('end');
    await once(this.#worker, 'exit');
  }
}

/** An xna_input that reads what can be iterated over, and how to cancel and close it. */
export async function inputOf(iterable) {
  const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]();
  const stream = new Stream(async () => {
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return { status: OK, chunk: null };
      const chunk = Buffer.from(value);
      if (chunk.length > 0) return { status: OK, chunk };
    }
  });
  const read = await stream.open('read');
  return {
    struct: () => ({ ...hook('xna_input', iterable), read }),
    cancel: () => stream.cancel(),
    async close() {
      iterable.destroy?.(); // A Readable; others end by their iterator.
      iterator.return?.()?.catch?.(() => {}); // Not waited for: a source may never answer.
      await stream.close();
    },
  };
}

/** An xna_output that writes to a Writable, and how to cancel and close it. The stream is left open:
 * what ends it is its owner's to say. */
export async function outputOf(writable) {
  const ignored = () => {}; // write() tells it, too.
  writable.on('error', ignored);
  const stream = new Stream(async ({ chunk }) => {
    await new Promise((resolve, reject) => {
      writable.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
    return { status: OK };
  });
  const write = await stream.open('write');
  return {
    struct: () => ({ ...hook('xna_output', writable), write }),
    cancel: () => stream.cancel(),
    async close() {
      writable.off('error', ignored);
      await stream.close();
    },
  };
}
