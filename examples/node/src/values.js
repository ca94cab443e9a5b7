// values.js - what the library returns as JavaScript's values; each handle is freed on the way.
import { api, bytesAt } from './native.js';

/** A report as the object its JSON says. */
export function reportOf(handle) {
  try {
    return JSON.parse(api.report_json(handle));
  } finally {
    api.report_free(handle);
  }
}

/** Bytes. */
export function bytesOf(handle) {
  try {
    return bytesAt(api.text_data(handle), api.text_size(handle));
  } finally {
    api.text_free(handle);
  }
}

export const textOf = (handle) => bytesOf(handle).toString('utf8');

/** Rows, as objects with the columns' names. */
export function rowsOf(handle) {
  try {
    const columns = [];
    for (let i = 0; i < api.listing_column_count(handle); ++i) {
      columns.push(api.listing_column(handle, i));
    }
    const rows = [];
    while (api.listing_next(handle) === 1) {
      rows.push(Object.fromEntries(columns.map((name, i) => [name, api.listing_value(handle, i)])));
    }
    return rows;
  } finally {
    api.listing_free(handle);
  }
}

/** A struct as an object with names as JavaScript has them. */
export function camel(struct) {
  const { struct_size, flags, ...members } = struct;
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()),
      value,
    ]),
  );
}
