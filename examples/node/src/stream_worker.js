// stream_worker.js - the thread that waits for one stream; see streams.js.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import koffi from 'koffi';
import { bytesAt, callbackTypes } from './native.js';

const { direction, answered } = workerData;

/** Sends a message and sleeps until its answer is there. */
function ask(message) {
  Atomics.store(answered, 0, 0);
  parentPort.postMessage(message);
  Atomics.wait(answered, 0, 0);
  return receiveMessageOnPort(parentPort).message;
}

let rest = Buffer.alloc(0); // Received, and not read yet.

function read(_ctx, buffer, size, outCount, callback) {
  if (rest.length === 0) {
    const { status, chunk } = ask({ callback });
    if (status !== 0) return status;
    if (chunk === null) {
      koffi.encode(outCount, 'size_t', 0);
      return 0;
    }
    rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  const count = Math.min(rest.length, Number(size));
  rest.copy(Buffer.from(koffi.view(buffer, count)), 0, 0, count);
  rest = rest.subarray(count);
  koffi.encode(outCount, 'size_t', count);
  return 0;
}

const write = (_ctx, data, size, callback) => ask({ chunk: bytesAt(data, size), callback }).status;

const type = direction === 'read' ? 'xna_input.read' : 'xna_output.write';
const address = koffi.register(direction === 'read' ? read : write, callbackTypes[type]);
// Answers are taken by ask(); what comes here is the end.
parentPort.on('message', () => {
  koffi.unregister(address);
  parentPort.close();
});
parentPort.postMessage(address);
