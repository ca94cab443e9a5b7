package org.xnatarchive;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a call did or found, with the members of the C++ report of the call, such as "uris",
 * "files", "warnings". Immutable.
 */
public final class Report {
  private final JsonObject json;

  private Report(JsonObject json) {
    this.json = json;
  }

  /** Of an xna_report, which is freed. */
  static Report take(MemorySegment report) {
    try {
      MemorySegment text = Native.pointer("xna_report_json", report);
      byte[] bytes = Native.bytesAt(text, Native.size("xna_report_json_size", report));
      return new Report(
          JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject());
    } finally {
      Native.call("xna_report_free", report);
    }
  }

  /** All of it, a copy. */
  public JsonObject json() {
    return json.deepCopy();
  }

  /** A member that is a number. */
  public long number(String name) {
    return json.get(name).getAsLong();
  }

  /** A member that is true or false. */
  public boolean is(String name) {
    return json.get(name).getAsBoolean();
  }

  /** A member that is text. */
  public String text(String name) {
    return json.get(name).getAsString();
  }

  /** The URI of the session it is about; "" for none. */
  public String uri() {
    List<String> all = uris();
    return all.isEmpty() ? "" : all.get(0);
  }

  /** URIs of the sessions it is about. */
  public List<String> uris() {
    List<String> all = new ArrayList<>();
    if (json.get("uris") instanceof JsonArray uris) {
      for (JsonElement uri : uris) all.add(uri.getAsString());
    } else if (json.has("uri") && !text("uri").isEmpty()) {
      all.add(text("uri"));
    }
    return all;
  }

  @Override
  public String toString() {
    return json.toString();
  }
}
