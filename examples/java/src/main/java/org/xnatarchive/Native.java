package org.xnatarchive;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The library, loaded: its functions by name, its structs and callbacks as declarations.txt, the
 * text of xnatarchive.h, declares them.
 */
final class Native {
  /** XNA_ABI_VERSION of the header that declarations.txt follows. */
  private static final int ABI_VERSION = 1000;

  /** Nothing: NULL. */
  static final MemorySegment NULL = MemorySegment.NULL;

  private static final AddressLayout POINTER = ValueLayout.ADDRESS;
  private static final Pattern STRUCT = Pattern.compile("struct (\\w+) \\{([^}]*)\\};");
  private static final Pattern CALLBACK = Pattern.compile("(.+?)\\(\\*(\\w+)\\)\\((.*)\\)");
  private static final Pattern FUNCTION = Pattern.compile("(.+?)(xna_\\w+)\\((.*)\\)");

  private static final Map<String, StructLayout> STRUCTS = new HashMap<>();
  private static final Map<String, FunctionDescriptor> CALLBACKS = new HashMap<>();
  private static final Map<String, MethodHandle> FUNCTIONS = new HashMap<>();

  static {
    String declarations = declarations();
    Matcher structs = STRUCT.matcher(declarations);
    while (structs.find())
      STRUCTS.put(structs.group(1), layout(structs.group(1), structs.group(2)));
    SymbolLookup library = library();
    for (String function : list(STRUCT.matcher(declarations).replaceAll(""))) {
      Matcher parts = FUNCTION.matcher(function);
      if (!parts.matches()) throw new IllegalStateException(function);
      FUNCTIONS.put(parts.group(2), handle(library, parts));
    }
    int loaded = number("xna_abi_version");
    if (loaded / 1000 != ABI_VERSION / 1000 || loaded < ABI_VERSION) {
      throw new UnsatisfiedLinkError(
          "libxnatarchive has ABI " + loaded + ", this package needs " + ABI_VERSION);
    }
  }

  private Native() {}

  private static String declarations() {
    try (InputStream text = Native.class.getResourceAsStream("declarations.txt")) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SymbolLookup library() {
    String path = System.getenv("XNATARCHIVE_LIBRARY");
    String name = path == null || path.isEmpty() ? "libxnatarchive.so.1" : path;
    try {
      return SymbolLookup.libraryLookup(name, Arena.global());
    } catch (IllegalArgumentException e) {
      UnsatisfiedLinkError error =
          new UnsatisfiedLinkError(name + " can not be loaded; XNATARCHIVE_LIBRARY may name it");
      error.initCause(e);
      throw error;
    }
  }

  private static List<String> list(String declarations) {
    return Arrays.stream(declarations.split(";"))
        .map(text -> text.replaceAll("\\s+", " ").trim())
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /** The layout of a C type, with or without a name behind it; null for void. */
  private static MemoryLayout typeOf(String declaration) {
    if (declaration.contains("*")) return POINTER;
    return switch (declaration.replace("const ", "").split(" ")[0]) {
      case "void" -> null;
      case "double" -> ValueLayout.JAVA_DOUBLE;
      case "int32_t", "uint32_t", "xna_status" -> ValueLayout.JAVA_INT;
      case "int64_t", "uint64_t", "size_t" -> ValueLayout.JAVA_LONG;
      default -> throw new IllegalStateException(declaration);
    };
  }

  private static FunctionDescriptor descriptor(String result, String parameters) {
    MemoryLayout[] types =
        parameters.equals("void")
            ? new MemoryLayout[0]
            : Arrays.stream(parameters.replaceAll("\\([^()]*\\)\\([^()]*\\)", "*").split(","))
                .map(parameter -> typeOf(parameter.trim()))
                .toArray(MemoryLayout[]::new);
    MemoryLayout returned = typeOf(result.trim());
    return returned == null
        ? FunctionDescriptor.ofVoid(types)
        : FunctionDescriptor.of(returned, types);
  }

  private static StructLayout layout(String struct, String members) {
    List<MemoryLayout> layouts = new ArrayList<>();
    long size = 0;
    for (String member : list(members)) {
      Matcher callback = CALLBACK.matcher(member);
      boolean isCallback = callback.matches();
      String name = isCallback ? callback.group(2) : member.substring(member.lastIndexOf(' ') + 1);
      if (isCallback) {
        CALLBACKS.put(struct + "." + name, descriptor(callback.group(1), callback.group(3)));
      }
      MemoryLayout type = isCallback ? POINTER : typeOf(member);
      long padding = -size & (type.byteAlignment() - 1);
      if (padding > 0) layouts.add(MemoryLayout.paddingLayout(padding));
      layouts.add(type.withName(name.replace("*", "")));
      size += padding + type.byteSize();
    }
    long end = -size & 7;
    if (end > 0) layouts.add(MemoryLayout.paddingLayout(end));
    return MemoryLayout.structLayout(layouts.toArray(MemoryLayout[]::new));
  }

  /** Takes its arguments as an array, and returns an object: one type for every function. */
  private static MethodHandle handle(SymbolLookup library, Matcher prototype) {
    FunctionDescriptor type = descriptor(prototype.group(1), prototype.group(3));
    MemorySegment address =
        library
            .find(prototype.group(2))
            .orElseThrow(() -> new UnsatisfiedLinkError("no " + prototype.group(2)));
    MethodHandle exact = Linker.nativeLinker().downcallHandle(address, type);
    int count = type.argumentLayouts().size();
    return exact.asType(exact.type().generic()).asSpreader(Object[].class, count);
  }

  static StructLayout struct(String name) {
    return STRUCTS.get(name);
  }

  static FunctionDescriptor callback(String name) {
    return CALLBACKS.get(name);
  }

  /** Calls a function; null for one that returns nothing. */
  static Object call(String function, Object... arguments) {
    try {
      return (Object) FUNCTIONS.get(function).invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // No function of the library throws.
    }
  }

  static int number(String function, Object... arguments) {
    return (int) call(function, arguments);
  }

  static long size(String function, Object... arguments) {
    return (long) call(function, arguments);
  }

  static MemorySegment pointer(String function, Object... arguments) {
    return (MemorySegment) call(function, arguments);
  }

  /** The text a function returns; null for NULL. */
  static String text(String function, Object... arguments) {
    return textAt(pointer(function, arguments));
  }

  static String textAt(MemorySegment address) {
    return isNull(address) ? null : address.reinterpret(Long.MAX_VALUE).getString(0);
  }

  static byte[] bytesAt(MemorySegment address, long size) {
    return size == 0 ? new byte[0] : address.reinterpret(size).toArray(ValueLayout.JAVA_BYTE);
  }

  static boolean isNull(MemorySegment address) {
    return address.address() == 0;
  }

  /** The content of an xna_text, which is freed. */
  static byte[] take(MemorySegment text) {
    try {
      return bytesAt(pointer("xna_text_data", text), size("xna_text_size", text));
    } finally {
      call("xna_text_free", text);
    }
  }

  static String takeText(MemorySegment text) {
    return new String(take(text), StandardCharsets.UTF_8);
  }

  /** What a function stores as an xna_text of JSON about a handle. */
  static JsonObject json(String function, MemorySegment handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(POINTER);
      XnatArchiveException.check(arena, function, handle, out);
      return JsonParser.parseString(takeText(out.get(POINTER, 0))).getAsJsonObject();
    }
  }

  /**
   * A text for the library; NULL for null.
   *
   * @throws XnatArchiveException.InvalidArgument "capi.bad-text" when C can not hold it
   */
  static MemorySegment text(Arena arena, String text, String what) {
    if (text == null) return NULL;
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      if (text.indexOf('\0') < 0) {
        MemorySegment copy = arena.allocate(bytes.remaining() + 1L);
        copy.copyFrom(MemorySegment.ofBuffer(bytes));
        return copy;
      }
    } catch (CharacterCodingException e) {
      // Half a surrogate pair.
    }
    throw XnatArchiveException.of(
        XnatArchiveException.INVALID_ARGUMENT,
        "capi.bad-text",
        what + " has a NUL or half a surrogate pair");
  }

  /** Texts one after another; NULL for none. */
  static MemorySegment texts(Arena arena, List<String> texts, String what) {
    if (texts.isEmpty()) return NULL;
    MemorySegment array = arena.allocate(POINTER, texts.size());
    for (int i = 0; i < texts.size(); i++) {
      array.setAtIndex(POINTER, i, text(arena, texts.get(i), what));
    }
    return array;
  }

  /** Names and values in turn; NULL for none. */
  static MemorySegment pairs(Arena arena, Map<String, String> pairs, String what) {
    List<String> all = new ArrayList<>();
    pairs.forEach(
        (name, value) -> {
          all.add(name);
          all.add(value);
        });
    return texts(arena, all, what);
  }
}
