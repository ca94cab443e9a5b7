package xnatarchive

/*
#include <xnatarchive.h>

*/
import "C"

import (
	"context"
	"sync"
)

// A Task is a call that runs on a thread of the library's, from when it is made. It ends by itself
// also when nobody holds it any more; a program should wait for its tasks before it ends. Fully
// thread-safe.
type Task[R any] struct {
	handle *C.xna_task
	ended  chan struct{}
	result *R
	err    error

	mutex sync.Mutex
	last  Progress
}

// start begins a task. The context ends it at any time.
func start[R any](c *call, body func(**C.xna_task, **C.xna_error) C.xna_status) (*Task[R], error) {
	t := &Task[R]{ended: make(chan struct{})}
	var made *C.xna_task
	err := c.do(func(failure **C.xna_error) C.xna_status { return body(&made, failure) })
	if err != nil {
		c.end()
		return nil, err
	}
	t.handle = made
	go t.collect(c)
	return t, nil
}

// collect takes the outcome when it is there, and frees what the task had.
func (t *Task[R]) collect(c *call) {
	defer close(t.ended)
	defer c.end()
	C.xna_task_wait(t.handle, -1)
	t.Progress()
	var made *C.xna_report
	var failure *C.xna_error
	t.err = c.outcome(C.xna_task_result(t.handle, &made, &failure), failure)
	if t.err == nil {
		t.result = new(R)
		t.err = takeReport(made, t.result)
	}
	C.xna_task_free(t.handle)
}

// Done is closed when the task has ended.
func (t *Task[R]) Done() <-chan struct{} { return t.ended }

// Wait returns the outcome when the task has ended, as often as one likes, or the context's error
// when that is done before; the task goes on then. A function of the host that the task calls can
// not wait for it.
func (t *Task[R]) Wait(ctx context.Context) (*R, error) {
	select {
	case <-t.ended:
		return t.result, t.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Progress is how far it is; zeros before the first news.
func (t *Task[R]) Progress() Progress {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var now C.xna_progress
	C.xna_progress_init(&now, C.sizeof_xna_progress)
	if C.xna_task_progress(t.handle, &now, nil) == C.XNA_OK {
		t.last = progressOf(&now)
	}
	return t.last
}

// Cancel asks the task to stop: it ends with ErrCancelled within a tenth of a second, unless it is
// past the point where it can.
func (t *Task[R]) Cancel() { C.xna_task_cancel(t.handle) }

// StartImport is Import, started. request.Data is not to be changed until the task has ended.
func (e *Engine) StartImport(ctx context.Context, request ImportRequest, options ...Option) (*Task[ImportReport], error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return start[ImportReport](c, func(made **C.xna_task, failure **C.xna_error) C.xna_status {
		return C.xna_engine_start_import(e.handle, given, c.options, made, failure)
	})
}

// StartArchive is Archive, started.
func (e *Engine) StartArchive(ctx context.Context, request ArchiveRequest, options ...Option) (*Task[ArchiveReport], error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return start[ArchiveReport](c, func(made **C.xna_task, failure **C.xna_error) C.xna_status {
		return C.xna_engine_start_archive(e.handle, given, c.options, made, failure)
	})
}

// StartValidate is Validate, started.
func (e *Engine) StartValidate(ctx context.Context, request ArchiveRequest, options ...Option) (*Task[ValidationReport], error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return start[ValidationReport](c, func(made **C.xna_task, failure **C.xna_error) C.xna_status {
		return C.xna_engine_start_validate(e.handle, given, c.options, made, failure)
	})
}

// StartRefresh is Refresh, started.
func (e *Engine) StartRefresh(ctx context.Context, request RefreshRequest, options ...Option) (*Task[RefreshReport], error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return start[RefreshReport](c, func(made **C.xna_task, failure **C.xna_error) C.xna_status {
		return C.xna_engine_start_refresh(e.handle, given, c.options, made, failure)
	})
}

// StartVerify is Verify, started.
func (e *Engine) StartVerify(ctx context.Context, request VerifyRequest, options ...Option) (*Task[VerifyReport], error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return start[VerifyReport](c, func(made **C.xna_task, failure **C.xna_error) C.xna_status {
		return C.xna_engine_start_verify(e.handle, given, c.options, made, failure)
	})
}

// StartExport is Export, started.
func (e *Engine) StartExport(ctx context.Context, request ExportRequest, options ...Option) (*Task[ExportReport], error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return start[ExportReport](c, func(made **C.xna_task, failure **C.xna_error) C.xna_status {
		return C.xna_engine_start_export(e.handle, given, c.options, made, failure)
	})
}
