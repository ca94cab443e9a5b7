package xnatarchive

/*
#include <stdlib.h>
#include <xnatarchive.h>
*/
import "C"

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"runtime/cgo"
	"sort"
	"sync"
	"unsafe"
)

// An Option says who calls, or how the call reports.
type Option func(*callSettings)

type callSettings struct {
	user, origin string
	progress     func(Progress)
}

// User is recorded, and what the access policy is asked about.
func User(name string) Option { return func(s *callSettings) { s.user = name } }

// Origin is from where the call came, such as an address; recorded in the audit trail.
func Origin(place string) Option { return func(s *callSettings) { s.origin = place } }

// OnProgress has hear called on the call's goroutine (a task's: on a thread of its own) at most ten
// times a second. It may not call the engine. To stop the call, cancel its context.
func OnProgress(hear func(Progress)) Option { return func(s *callSettings) { s.progress = hear } }

// Progress is how far a call is. Totals are 0 while unknown.
type Progress struct {
	Phase      string // "receive", "build", "hash", "copy", "publish", ...
	FilesDone  uint64
	FilesTotal uint64
	BytesDone  uint64
	BytesTotal uint64
}

func progressOf(from *C.xna_progress) Progress {
	return Progress{C.GoString(from.phase), uint64(from.files_done), uint64(from.files_total),
		uint64(from.bytes_done), uint64(from.bytes_total)}
}

// call is one call of the library: the memory of its arguments, its context, and what a function of
// the host has failed with meanwhile.
type call struct {
	ctx     context.Context
	options *C.xna_call_options
	cancel  *C.xna_cancel
	stop    func() bool // ends the watch of ctx
	memory  []unsafe.Pointer
	pinned  runtime.Pinner
	handles []cgo.Handle // of callbacks the library has not taken over yet
	refused error        // why the library is not called at all
	keep    *Engine      // may not be finalized meanwhile

	mutex  sync.Mutex
	failed error
}

// begin prepares a call. run or start must follow.
func (e *Engine) begin(ctx context.Context, options []Option) *call {
	c := &call{ctx: ctx, keep: e}
	if err := ctx.Err(); err != nil {
		c.refused = c.cancelled(&Error{Status: ErrCancelled, Reason: "binding.context-done",
			Message: "the context was done before the call"})
		return c
	}
	var settings callSettings
	for _, option := range options {
		option(&settings)
	}
	c.options = (*C.xna_call_options)(c.alloc(C.sizeof_xna_call_options))
	C.xna_call_options_init(c.options, C.sizeof_xna_call_options)
	c.options.user = c.text(settings.user)
	c.options.origin = c.text(settings.origin)
	if settings.progress != nil {
		sink := (*C.xna_progress_sink)(c.alloc(C.sizeof_xna_progress_sink))
		bindProgressSink(sink, c.handle(&progressSink{c, settings.progress}))
		c.options.progress = sink
	}
	if ctx.Done() == nil {
		return c
	}
	var failure *C.xna_error
	if err := takeError(C.xna_cancel_create(&c.cancel, &failure), failure); err != nil {
		c.refused = err
		return c
	}
	c.options.cancel = c.cancel
	cancel := c.cancel // end must not race with a request that is under way: freed handles are fine
	c.stop = context.AfterFunc(ctx, func() { C.xna_cancel_request(cancel) })
	return c
}

// alloc is zeroed memory of the C side, freed when the call has ended.
func (c *call) alloc(size C.size_t) unsafe.Pointer {
	memory := C.calloc(1, size)
	if memory == nil {
		panic("out of memory")
	}
	c.memory = append(c.memory, memory)
	return memory
}

// text is a copy for the C side; NULL for "".
func (c *call) text(text string) *C.char {
	if text == "" {
		return nil
	}
	c.refuse(badText(text))
	copied := C.CString(text)
	c.memory = append(c.memory, unsafe.Pointer(copied))
	return copied
}

// texts is an array of copies, in which "" stays an empty text.
func (c *call) texts(texts []string) **C.char {
	if len(texts) == 0 {
		return nil
	}
	array := (**C.char)(c.alloc(C.size_t(len(texts)) * C.size_t(unsafe.Sizeof((*C.char)(nil)))))
	for i, text := range texts {
		c.refuse(badText(text))
		copied := C.CString(text)
		c.memory = append(c.memory, unsafe.Pointer(copied))
		unsafe.Slice(array, len(texts))[i] = copied
	}
	return array
}

// pairs is names and values in turn, sorted by name.
func (c *call) pairs(values map[string]string) (**C.char, C.size_t) {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	texts := make([]string, 0, 2*len(names))
	for _, name := range names {
		texts = append(texts, name, values[name])
	}
	return c.texts(texts), C.size_t(len(names))
}

// handle keeps a value for the host's functions until the library releases it.
func (c *call) handle(value any) C.uintptr_t {
	handle := cgo.NewHandle(value)
	c.handles = append(c.handles, handle)
	return C.uintptr_t(handle)
}

func (c *call) refuse(err error) {
	if c.refused == nil {
		c.refused = err
	}
}

// fail notes what a function of the host failed with; the first one counts.
func (c *call) fail(err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.failed == nil {
		c.failed = err
	}
}

// do calls the library unless the call was refused. From here on callbacks are the library's.
func (c *call) do(body func(failure **C.xna_error) C.xna_status) error {
	if c.refused != nil {
		for _, handle := range c.handles {
			handle.Delete()
		}
		return c.refused
	}
	var failure *C.xna_error
	return c.outcome(body(&failure), failure)
}

// run is do for a call that has ended when it returns.
func (c *call) run(body func(failure **C.xna_error) C.xna_status) error {
	defer c.end()
	return c.do(body)
}

// outcome is what the caller is told.
func (c *call) outcome(status C.xna_status, from *C.xna_error) error {
	err := takeError(status, from)
	var failure *Error
	if !errors.As(err, &failure) {
		return nil
	}
	c.mutex.Lock()
	failed := c.failed
	c.mutex.Unlock()
	switch {
	case failed != nil:
		failure.Cause = failed
	case failure.Status == ErrCancelled:
		return c.cancelled(failure)
	case failure.Reason == "capi.bad-handle" && c.keep != nil && c.keep.closed.Load():
		failure.Cause = fs.ErrClosed
	}
	return failure
}

// cancelled adds why the context is done, if it is.
func (c *call) cancelled(failure *Error) error {
	if c.ctx.Err() != nil {
		failure.Cause = c.ctx.Err()
		if cause := context.Cause(c.ctx); cause != failure.Cause {
			failure.Cause = errors.Join(failure.Cause, cause)
		}
	}
	return failure
}

// end gives back what the call had.
func (c *call) end() {
	if c.stop != nil {
		c.stop()
	}
	C.xna_cancel_free(c.cancel)
	for _, memory := range c.memory {
		C.free(memory)
	}
	c.pinned.Unpin()
	runtime.KeepAlive(c.keep)
}
