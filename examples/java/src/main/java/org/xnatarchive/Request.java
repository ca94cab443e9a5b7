package org.xnatarchive;

import java.lang.foreign.Arena;

/** What a call is asked for, as a struct of the library. */
abstract class Request {
  abstract Struct struct(Arena arena);
}
