package xnatarchive

/*
#include <xnatarchive.h>
*/
import "C"

import (
	"context"
	"unsafe"
)

// Submit asks for sessions to be archived later, durably, and returns the job's ID.
// ErrInvalidArgument "job.empty", "job.same-source".
func (e *Engine) Submit(ctx context.Context, requests []ArchiveRequest, options ...Option) (string, error) {
	c := e.begin(ctx, options)
	count := len(requests)
	var array **C.xna_archive_request
	if count > 0 {
		array = (**C.xna_archive_request)(
			c.alloc(C.size_t(count) * C.size_t(unsafe.Sizeof(uintptr(0)))))
	}
	for i := range requests {
		unsafe.Slice(array, count)[i] = requests[i].fill(c)
	}
	id, err := text(c, func(made **C.xna_text, failure **C.xna_error) C.xna_status {
		return C.xna_engine_submit(e.handle, array, C.size_t(count), c.options, made, failure)
	})
	return string(id), err
}

// Job is a job as it is now. ErrNotFound "job.not-found", here and below.
func (e *Engine) Job(ctx context.Context, id string, options ...Option) (*Job, error) {
	c := e.begin(ctx, options)
	cID := c.text(id)
	return report[Job](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_job(e.handle, cID, c.options, made, failure)
	})
}

// Jobs has ID, kind, user, origin, state, created_ms, started_ms, ended_ms, items_done, items_total;
// newest first.
func (e *Engine) Jobs(ctx context.Context, options ...Option) (*Listing, error) {
	c := e.begin(ctx, options)
	return listing(c, func(made **C.xna_listing, failure **C.xna_error) C.xna_status {
		return C.xna_engine_jobs(e.handle, c.options, made, failure)
	})
}

// WaitForJob is the job when it has ended; it does not work it off. When the context is done first
// the job goes on: ErrCancelled "job.wait-cancelled".
func (e *Engine) WaitForJob(ctx context.Context, id string, options ...Option) (*Job, error) {
	c := e.begin(ctx, options)
	cID := c.text(id)
	return report[Job](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_wait_for_job(e.handle, cID, -1, c.options, made, failure)
	})
}

// CancelJob cancels what has not ended.
func (e *Engine) CancelJob(ctx context.Context, id string, options ...Option) error {
	c := e.begin(ctx, options)
	cID := c.text(id)
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_cancel_job(e.handle, cID, c.options, failure)
	})
}

// RunJob archives the session that is queued longest, on this goroutine; found is true whatever its
// outcome, and false when none is queued.
func (e *Engine) RunJob(ctx context.Context, options ...Option) (found bool, err error) {
	c := e.begin(ctx, options)
	var out C.int32_t
	err = c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_run_job(e.handle, c.options, &out, failure)
	})
	return out != 0, err
}
