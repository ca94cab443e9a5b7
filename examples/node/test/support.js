// support.js - what the tests build: roots, DICOM studies, zips.
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after } from 'node:test';
import { crc32 } from 'node:zlib';
import { createRoot, openEngine } from '../index.js';

const made = [];
process.on('exit', () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory that is gone when this process has ended. */
export function temporary() {
  const directory = mkdtempSync(join(tmpdir(), 'xna-node-'));
  made.push(directory);
  return directory;
}

/** Every file below a directory: relative path and bytes. */
export function filesBelow(directory) {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .sort()
    .map((path) => [relative(directory, path), readFileSync(path)]);
}

/** DICOM files below a new directory. */
export function dicom({ studies = 1, series = 2, instances = 3 } = {}) {
  const directory = join(temporary(), 'dicom');
  const counts = { studies, series, instances };
  const args = Object.entries(counts).flatMap(([name, count]) => [`--${name}`, String(count)]);
  execFileSync(process.env.MAKE_DICOM, ['--out', directory, ...args]);
  return directory;
}

/** A zip of these files, stored. */
export function zipOf(files) {
  const locals = [];
  const entries = [];
  let offset = 0;
  for (const [path, bytes] of files) {
    const name = Buffer.from(path);
    const fields = Buffer.alloc(26); // What a local header and a directory entry share.
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x21, 8);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(bytes.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    locals.push(Buffer.from('PK\x03\x04'), fields, name, bytes);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    entries.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, rest, name);
    offset += 30 + name.length + bytes.length;
  }
  const size = entries.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...entries, end]);
}

export const dicomZip = (counts) => zipOf(filesBelow(dicom(counts)));

/** Writes files below a new directory. */
export function folderOf(files) {
  const directory = join(temporary(), 'folder');
  mkdirSync(directory);
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), content);
  return directory;
}

/** An engine on a new root with the project P; closed when the test has ended. */
export async function newEngine(options = {}) {
  const root = join(temporary(), 'root');
  await createRoot({ root });
  const engine = await openEngine({ root, ...options });
  after(() => engine.close());
  await engine.addProject({ id: 'P' });
  return engine;
}

/** Receives these bytes, and resolves to the prearchive URI of their only session. */
export async function receive(engine, data) {
  const report = await engine.import({ data, parameters: { project: 'P' } });
  return report.uris[0];
}

export async function archived(engine, data) {
  return engine.archive({ src: await receive(engine, data) });
}
