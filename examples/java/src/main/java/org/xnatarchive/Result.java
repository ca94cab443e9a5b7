package org.xnatarchive;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes what a call stores, a handle or a number, a value; handles are freed on the way. */
@FunctionalInterface
interface Result<T> {
  /** Of a call that stores nothing. */
  Result<Void> NOTHING = out -> null;

  Result<Report> REPORT = out -> Report.take(handle(out));
  Result<String> TEXT = out -> Native.takeText(handle(out));
  Result<byte[]> BYTES = out -> Native.take(handle(out));
  Result<Boolean> FLAG = out -> out.get(ValueLayout.JAVA_INT, 0) == 1;
  Result<SessionDocument> DOCUMENT = out -> SessionDocument.owned(handle(out));
  Result<List<Map<String, String>>> ROWS = out -> rows(handle(out));

  T take(MemorySegment out);

  private static MemorySegment handle(MemorySegment out) {
    return out.get(ValueLayout.ADDRESS, 0);
  }

  private static List<Map<String, String>> rows(MemorySegment listing) {
    try {
      List<String> columns = new ArrayList<>();
      for (long i = 0; i < Native.size("xna_listing_column_count", listing); i++) {
        columns.add(Native.text("xna_listing_column", listing, i));
      }
      List<Map<String, String>> rows = new ArrayList<>();
      while (Native.number("xna_listing_next", listing) == 1) {
        Map<String, String> row = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
          row.put(columns.get(i), Native.text("xna_listing_value", listing, (long) i));
        }
        rows.add(row);
      }
      return rows;
    } finally {
      Native.call("xna_listing_free", listing);
    }
  }
}
