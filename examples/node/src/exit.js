// exit.js - how a process ends in which the library still works.
//
// Its threads may be in a callback, or about to make one, and nobody will answer: Node would wait
// for them for ever, or be called when it is gone. So such a process ends as the system ends it,
// when all 'exit' listeners have been heard. What was under way is like any interrupted call: the
// next open finishes or undoes it.
import { isMainThread } from 'node:worker_threads';
import koffi from 'koffi';

const endProcess = koffi.load(null).func('void _exit(int status)');

const busy = [];

function onExit(code) {
  if (!busy.some((isBusy) => isBusy())) return;
  const listeners = process.rawListeners('exit');
  for (const listener of listeners.slice(listeners.indexOf(onExit) + 1)) {
    try {
      listener.call(process, code);
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
    }
  }
  endProcess(process.exitCode ?? code);
}

/** `isBusy` is asked when the process ends: are threads of the library at work? */
export function askAtExit(isBusy) {
  if (busy.length === 0 && isMainThread) process.on('exit', onExit);
  busy.push(isBusy);
}
