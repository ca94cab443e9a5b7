package org.xnatarchive;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;

/** A struct of the library, in its memory. */
final class Struct {
  final MemorySegment memory;
  private final Arena arena;
  private final StructLayout layout;

  private Struct(Arena arena, MemorySegment memory, StructLayout layout) {
    this.arena = arena;
    this.memory = memory;
    this.layout = layout;
  }

  /** A new one with the library's defaults. */
  static Struct of(Arena arena, String name) {
    StructLayout layout = Native.struct(name);
    Struct made = new Struct(arena, arena.allocate(layout), layout);
    Native.number(name + "_init", made.memory, layout.byteSize());
    return made;
  }

  /** One the library made. */
  static Struct at(MemorySegment address, String name) {
    StructLayout layout = Native.struct(name);
    return new Struct(null, address.reinterpret(layout.byteSize()), layout);
  }

  private long offset(String member) {
    return layout.byteOffset(PathElement.groupElement(member));
  }

  Struct set(String member, int value) {
    memory.set(ValueLayout.JAVA_INT, offset(member), value);
    return this;
  }

  Struct set(String member, long value) {
    memory.set(ValueLayout.JAVA_LONG, offset(member), value);
    return this;
  }

  Struct set(String member, double value) {
    memory.set(ValueLayout.JAVA_DOUBLE, offset(member), value);
    return this;
  }

  Struct set(String member, MemorySegment value) {
    memory.set(ValueLayout.ADDRESS, offset(member), value);
    return this;
  }

  Struct set(String member, String value) {
    return set(member, Native.text(arena, value, member));
  }

  /** An array of texts, and the member that counts them. */
  Struct set(String member, String count, List<String> values) {
    return set(member, Native.texts(arena, values, member)).set(count, (long) values.size());
  }

  /** Names and values in turn, and the member that counts the pairs. */
  Struct set(String member, String count, Map<String, String> pairs) {
    return set(member, Native.pairs(arena, pairs, member)).set(count, (long) pairs.size());
  }

  int number(String member) {
    return memory.get(ValueLayout.JAVA_INT, offset(member));
  }

  long size(String member) {
    return memory.get(ValueLayout.JAVA_LONG, offset(member));
  }

  String text(String member) {
    return Native.textAt(memory.get(ValueLayout.ADDRESS, offset(member)));
  }
}
