// native.js - the library, loaded: its functions, structs and types, as koffi sees them.
import koffi from 'koffi';
import * as declarations from './declarations.js';
import { askAtExit } from './exit.js';

/** XNA_ABI_VERSION of the header that declarations.js follows. */
const ABI_VERSION = 1000;

const spaces = (text) => text.replace(/\s+/g, ' ').trim();
const list = (text) => spaces(text).split(';').map(spaces).filter(Boolean);

koffi.alias('xna_status', 'int32_t');
for (const name of declarations.handles.trim().split(/\s+/)) koffi.opaque(name);

/** Struct types by name. */
export const types = {};
/** Types of callbacks by struct and member, as in "xna_input.read". */
export const callbackTypes = {};

const FUNCTION_POINTER = /^(.+?)\(\*(\w+)\)(\(.*\))$/;

function memberOf(struct, declaration) {
  const callback = declaration.match(FUNCTION_POINTER);
  if (!callback) {
    const [, type, name] = declaration.match(/^(.*?)(\w+)$/);
    return [name, type.trim()];
  }
  const [, result, name, parameters] = callback;
  const type = koffi.pointer(koffi.proto(`${result} ${struct}_${name}${parameters}`));
  callbackTypes[`${struct}.${name}`] = type;
  return [name, type];
}

for (const [, name, body] of declarations.structs.matchAll(/struct (\w+) \{([^}]*)\};/g)) {
  types[name] = koffi.struct(name, Object.fromEntries(list(body).map((m) => memberOf(name, m))));
}

/** What xna_import_each_file calls. */
const VISIT = koffi.pointer(koffi.proto('xna_status xna_visit(void *ctx, xna_file *file)'));

function open(name) {
  try {
    return koffi.load(name);
  } catch (error) {
    throw new Error(`${name} can not be loaded; XNATARCHIVE_LIBRARY may name it`, { cause: error });
  }
}

const library = open(process.env.XNATARCHIVE_LIBRARY || 'libxnatarchive.so.1');

/** Every function of the library by its name without "xna_". What is stored through an out_*
 * parameter comes back in the array of one element that is passed for it. */
export const api = {};

function load(prototype) {
  const [, result, name, parameters] = prototype.match(/^(.+?)(xna_\w+)\((.*)\)$/);
  if (name.endsWith('_init')) return; // Their structs are set up by `fresh`.
  const short = name.slice('xna_'.length);
  if (name === 'xna_import_each_file') {
    const error = koffi.out(koffi.pointer('xna_error *'));
    api[short] = library.func(name, 'int32_t', ['xna_import *', VISIT, 'void *', error]);
    return;
  }
  // The bytes, which are not always text.
  const returns = name === 'xna_text_data' ? 'const void *' : result;
  // The size of a struct is read, too.
  const marked = parameters
    .replace(/([^,]*\bout_\w+)/g, '_Out_ $1')
    .replace('_Out_  xna_progress', '_Inout_ xna_progress');
  api[short] = library.func(`${returns} ${name}(${marked})`);
}

for (const prototype of list(declarations.functions)) load(prototype);

const loaded = api.abi_version();
if (Math.trunc(loaded / 1000) !== Math.trunc(ABI_VERSION / 1000) || loaded < ABI_VERSION) {
  throw new Error(`libxnatarchive has ABI ${loaded}, this package needs ${ABI_VERSION}`);
}

const defaults = {};
for (const [name, type] of Object.entries(types)) {
  if (name === 'xna_event' || name === 'xna_pipeline_request') continue; // The library makes them.
  const init = library.func(`xna_status ${name}_init(_Out_ ${name} *to, size_t size)`);
  defaults[name] = {};
  init(defaults[name], type.size);
}

/** A struct with the library's defaults and these members; undefined ones stay as they are. */
export function fresh(struct, members) {
  const made = { ...defaults[struct] };
  for (const [name, value] of Object.entries(members)) if (value !== undefined) made[name] = value;
  return made;
}

/** The struct at an address. */
export function structAt(address, struct) {
  return koffi.decode(address, types[struct]);
}

/** A copy of the bytes at an address. */
export function bytesAt(address, size) {
  return size === 0 ? Buffer.alloc(0) : Buffer.from(Buffer.from(koffi.view(address, Number(size))));
}

/** Calls that run on koffi's threads at once; more wait here, for koffi refuses more than 256. */
const CALLS_MAX = 64;
let calls = 0;
const waiting = [];
askAtExit(() => calls > 0);

/** Calls one of `api` on a thread that is not JavaScript's, and resolves to what it returns. */
export async function onThread(callee, ...args) {
  if (calls >= CALLS_MAX) await new Promise((resolve) => waiting.push(resolve));
  else calls += 1;
  try {
    return await new Promise((resolve, reject) => {
      callee.async(...args, (error, result) => (error ? reject(error) : resolve(result)));
    });
  } finally {
    const next = waiting.shift();
    if (next) next();
    else calls -= 1;
  }
}
