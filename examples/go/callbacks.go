package xnatarchive

/*
#include <stdlib.h>
#include <xnatarchive.h>
*/
import "C"

import (
	"errors"
	"io"
	"runtime/cgo"
	"runtime/debug"
	"unsafe"
)

// calling runs a function of the host, and says what became of it: nothing is panicked out of it. A
// function that ends its goroutine can not be stopped, and would leave the library's call where it
// is, with its locks: the program is told, and ends.
func calling(body func() error) (err error) {
	returned := false
	defer func() {
		value := recover()
		if value != nil {
			err = &PanicError{value, debug.Stack()}
		} else if !returned {
			panic("xnatarchive: a function of the host has called runtime.Goexit, " +
				"directly or by a test's FailNow: return an error instead")
		}
	}()
	err = body()
	returned = true
	return err
}

// answer runs a function of the host, and is what its callback returns: a status of the library as
// it is, for anything else one that stands for the error on its way to the caller.
func answer(hook string, callback *C.xna_callback, body func() error) C.xna_status {
	err := calling(body)
	var status Status
	var failure *Error
	var panicked *PanicError
	switch {
	case err == nil:
		return C.XNA_OK
	case errors.Is(err, ErrPassthrough):
		return C.XNA_PASSTHROUGH
	case errors.As(err, &failure) && failure.Cause == nil:
		explain(callback, failure.Reason, failure.Message)
		return C.xna_status(failure.Status)
	case failure == nil && errors.As(err, &status):
		return C.xna_status(status)
	case errors.As(err, &panicked):
		explain(callback, hook+".panicked", "the host's function panicked")
	default:
		// The error's own text may hold a patient's name: it goes to the caller, not into records.
		explain(callback, hook+".failed", "the host's function returned an error")
	}
	return C.xna_status(hostErrors.add(err))
}

func explain(callback *C.xna_callback, reason, message string) {
	cReason, cMessage := C.CString(reason), C.CString(message)
	defer C.free(unsafe.Pointer(cReason))
	defer C.free(unsafe.Pointer(cMessage))
	C.xna_callback_fail(callback, cReason, cMessage)
}

func valueOf[T any](ctx C.uintptr_t) T { return cgo.Handle(ctx).Value().(T) }

// A Call is the call that a function of the host is in. It is valid until the function returns.
type Call struct{ handle *C.xna_callback }

// Cancelled is true once nobody waits for the call any more: return soon, whatever. Cheap.
func (c Call) Cancelled() bool { return C.xna_callback_cancelled(c.handle) != 0 }

//export xnaGoRelease
func xnaGoRelease(ctx C.uintptr_t) { cgo.Handle(ctx).Delete() }

//export xnaGoAllows
func xnaGoAllows(ctx C.uintptr_t, user *C.char, permission C.int32_t, project *C.char,
	callback *C.xna_callback) C.xna_status {
	return answer("access", callback, func() error {
		return valueOf[AccessPolicy](ctx)(C.GoString(user), Permission(permission),
			C.GoString(project))
	})
}

//export xnaGoNotify
func xnaGoNotify(ctx C.uintptr_t, event *C.xna_event, callback *C.xna_callback) C.xna_status {
	return answer("events", callback, func() error {
		return valueOf[EventSink](ctx)(eventOf(event))
	})
}

//export xnaGoLog
func xnaGoLog(ctx C.uintptr_t, level C.int32_t, text *C.char) {
	// There is nobody to tell of a panic: a line is lost.
	_ = calling(func() error {
		valueOf[LogSink](ctx)(LogLevel(level), C.GoString(text))
		return nil
	})
}

//export xnaGoValidate
func xnaGoValidate(ctx C.uintptr_t, candidate *C.xna_candidate,
	callback *C.xna_callback) C.xna_status {
	return answer("validator", callback, func() error {
		return valueOf[Validator](ctx)(&Candidate{Call{callback}, candidate})
	})
}

//export xnaGoTransform
func xnaGoTransform(ctx C.uintptr_t, candidate *C.xna_candidate, files *C.xna_session_files,
	document *C.xna_document, callback *C.xna_callback) C.xna_status {
	return answer("transform", callback, func() error {
		return valueOf[func(*Candidate, *SessionFiles, *Document) error](ctx)(
			&Candidate{Call{callback}, candidate}, &SessionFiles{files}, &Document{document})
	})
}

//export xnaGoLaunch
func xnaGoLaunch(ctx C.uintptr_t, request *C.xna_pipeline_request,
	callback *C.xna_callback) C.xna_status {
	return answer("pipeline", callback, func() error {
		return valueOf[PipelineLauncher](ctx)(pipelineOf(request, callback))
	})
}

//export xnaGoAccepts
func xnaGoAccepts(ctx C.uintptr_t, name *C.char, kind C.int32_t) C.int32_t {
	accepted := false
	// A handler that panics here does not take the input: the next one is asked.
	_ = calling(func() error {
		accepted = valueOf[ImportHandler](ctx).Accepts(C.GoString(name), SourceKind(kind))
		return nil
	})
	if accepted {
		return 1
	}
	return 0
}

//export xnaGoDescribe
func xnaGoDescribe(ctx C.uintptr_t, from *C.xna_import, callback *C.xna_callback) C.xna_status {
	return answer("handler", callback, func() error {
		return valueOf[ImportHandler](ctx).Describe(&Import{Call{callback}, from})
	})
}

// visitor is one Import.EachFile.
type visitor struct {
	visit func(*File) error
	err   error // what visit returned
}

//export xnaGoVisit
func xnaGoVisit(ctx C.uintptr_t, file *C.xna_file) C.xna_status {
	to := valueOf[*visitor](ctx)
	to.err = calling(func() error { return to.visit(&File{file}) })
	if to.err != nil {
		return C.xna_status(callFailed)
	}
	return C.XNA_OK
}

type progressSink struct {
	call *call
	hear func(Progress)
}

//export xnaGoProgress
func xnaGoProgress(ctx C.uintptr_t, progress *C.xna_progress) C.int32_t {
	sink := valueOf[*progressSink](ctx)
	err := calling(func() error {
		sink.hear(progressOf(progress))
		return nil
	})
	if err == nil {
		return 0
	}
	sink.call.fail(err)
	return 1
}

type input struct {
	call *call
	from io.Reader
	err  error // what came with the last bytes
}

//export xnaGoRead
func xnaGoRead(ctx C.uintptr_t, buffer unsafe.Pointer, size C.size_t, outCount *C.size_t,
	callback *C.xna_callback) C.xna_status {
	in := valueOf[*input](ctx)
	return in.call.answer("input", callback, func() error {
		count, err := in.read(unsafe.Slice((*byte)(buffer), int(size)))
		*outCount = C.size_t(count)
		return err
	})
}

// read gives at least one byte, none at the end, or an error.
func (in *input) read(to []byte) (int, error) {
	const emptyReadsMax = 100 // as package bufio
	for i := 0; in.err == nil && i < emptyReadsMax; i++ {
		count := 0
		if count, in.err = in.from.Read(to); count < 0 || count > len(to) {
			in.err = errors.New("xnatarchive: the reader returned an impossible count")
		} else if count > 0 {
			return count, nil
		}
	}
	switch in.err {
	case io.EOF:
		return 0, nil
	case nil:
		return 0, io.ErrNoProgress
	}
	return 0, in.err
}

type output struct {
	call *call
	to   io.Writer
}

//export xnaGoWrite
func xnaGoWrite(ctx C.uintptr_t, data unsafe.Pointer, size C.size_t,
	callback *C.xna_callback) C.xna_status {
	out := valueOf[*output](ctx)
	return out.call.answer("output", callback, func() error {
		count, err := out.to.Write(unsafe.Slice((*byte)(data), int(size)))
		if err == nil && count < int(size) {
			err = io.ErrShortWrite
		}
		return err
	})
}

// answer is what a callback of this call alone returns: the call knows itself what it failed with.
func (c *call) answer(hook string, callback *C.xna_callback, body func() error) C.xna_status {
	err := calling(body)
	if err == nil {
		return C.XNA_OK
	}
	c.fail(err)
	explain(callback, hook+".failed", "the host's "+hook+" failed")
	return C.xna_status(callFailed)
}
