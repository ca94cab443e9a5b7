package xnatarchive

/*
#include <stdlib.h>
#include <xnatarchive.h>
*/
import "C"

import (
	"context"
	"runtime"
	"sync/atomic"
	"unsafe"
)

var background = context.Background()

// AllCores as Options.Threads: one thread per core.
const AllCores = -1

// Options are where an engine works and what it may use. Only Root has to be given.
type Options struct {
	Root           string // Directory of what is not placed elsewhere.
	ArchivePath    string // "": Root/archive.
	PrearchivePath string // "": Root/prearchive.
	StoreURL       string // "": sqlite3://Root/store.sqlite3.
	Threads        int    // Threads one call may use, its own included. 0: one.
	JobWorkers     int    // Threads that work off submitted jobs.
	NoRecovery     bool   // Open leaves what crashed processes left to Engine.Recover.

	AccessPolicy     AccessPolicy // nil: everything is allowed.
	EventSink        EventSink
	LogSink          LogSink
	Validators       []Validator // Asked in this order.
	Transform        *Transform
	PipelineLauncher PipelineLauncher // nil: /bin/sh runs commands.

	// How much one zip or tar may unpack to, with what is nested in it. 0: the library's limits.
	ContainerEntriesMax uint64
	ContainerBytesMax   uint64
}

// places fills what CreateRoot and Open have in common.
func (o *Options) places(c *call) *C.xna_engine_options {
	options := (*C.xna_engine_options)(c.alloc(C.sizeof_xna_engine_options))
	C.xna_engine_options_init(options, C.sizeof_xna_engine_options)
	options.root = c.text(o.Root)
	options.archive_path = c.text(o.ArchivePath)
	options.prearchive_path = c.text(o.PrearchivePath)
	options.store_url = c.text(o.StoreURL)
	return options
}

// all fills the rest.
func (o *Options) all(c *call) *C.xna_engine_options {
	options := o.places(c)
	options.flags |= flag(o.NoRecovery, C.XNA_ENGINE_NO_RECOVERY)
	switch {
	case o.Threads == AllCores:
		options.threads = 0
	case o.Threads > 0:
		options.threads = C.uint32_t(o.Threads)
	}
	if o.Threads < AllCores || o.JobWorkers < 0 {
		c.refuse(&Error{Status: ErrInvalidArgument, Reason: "binding.bad-option",
			Message: "a number of threads is negative"})
	}
	options.job_workers = C.uint32_t(max32(o.JobWorkers))
	options.container_entries_max = C.uint64_t(o.ContainerEntriesMax)
	options.container_bytes_max = C.uint64_t(o.ContainerBytesMax)
	o.strategies(c, options)
	return options
}

func (o *Options) strategies(c *call, options *C.xna_engine_options) {
	if o.AccessPolicy != nil {
		policy := (*C.xna_access_policy)(c.alloc(C.sizeof_xna_access_policy))
		bindAccessPolicy(policy, c.handle(o.AccessPolicy))
		options.access_policy = policy
	}
	if o.EventSink != nil {
		sink := (*C.xna_event_sink)(c.alloc(C.sizeof_xna_event_sink))
		bindEventSink(sink, c.handle(o.EventSink))
		options.event_sink = sink
	}
	if o.LogSink != nil {
		sink := (*C.xna_log_sink)(c.alloc(C.sizeof_xna_log_sink))
		bindLogSink(sink, c.handle(o.LogSink))
		options.log_sink = sink
	}
	if o.Transform != nil {
		transform := (*C.xna_session_transform)(c.alloc(C.sizeof_xna_session_transform))
		bindTransform(transform, c.handle(o.Transform.Rewrite), c.text(o.Transform.Name))
		options.session_transform = transform
	}
	if o.PipelineLauncher != nil {
		launcher := (*C.xna_pipeline_launcher)(c.alloc(C.sizeof_xna_pipeline_launcher))
		bindLauncher(launcher, c.handle(o.PipelineLauncher))
		options.pipeline_launcher = launcher
	}
	if count := len(o.Validators); count > 0 {
		array := c.alloc(C.size_t(count) * C.size_t(unsafe.Sizeof(uintptr(0))))
		options.validators = (**C.xna_session_validator)(array)
		options.validator_count = C.size_t(count)
		for i, validate := range o.Validators {
			validator := (*C.xna_session_validator)(c.alloc(C.sizeof_xna_session_validator))
			bindValidator(validator, c.handle(validate))
			unsafe.Slice(options.validators, count)[i] = validator
		}
	}
}

func max32(n int) int {
	if n < 0 {
		return 0
	}
	return n
}

// RootOptions are what a new root begins with.
type RootOptions struct {
	SiteID   string // Begins experiment and subject IDs. "": "XNAT".
	Checksum string // "md5+xxh3" (also ""), "md5", "xxh3" or "none".
}

// CreateRoot makes a new root: directories, store, settings. The root is made when absent, its
// parent must exist. Of options only the places count. ErrAlreadyExists "engine.root-in-use".
func CreateRoot(options Options, root RootOptions) error {
	if err := checkABI(); err != nil {
		return err
	}
	c := (*Engine)(nil).begin(background, nil)
	given := options.places(c)
	siteID, checksum := c.text(root.SiteID), c.text(root.Checksum)
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_root_create(given, siteID, checksum, failure)
	})
}

// Engine is one root, opened: a prearchive, an archive, and a store. Several engines, also of
// several processes of one host, may have the same root open.
type Engine struct {
	handle *C.xna_engine
	closed atomic.Bool
}

// Open opens a root, and finishes what crashed processes left. ErrNotFound "engine.no-root".
func Open(options Options) (*Engine, error) {
	if err := checkABI(); err != nil {
		return nil, err
	}
	c := (*Engine)(nil).begin(background, nil)
	given := options.all(c)
	var made *C.xna_engine
	err := c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_open(given, &made, failure)
	})
	if err != nil {
		return nil, err
	}
	e := &Engine{handle: made}
	runtime.SetFinalizer(e, func(e *Engine) {
		go C.xna_engine_free(e.handle) // may wait for job workers
	})
	return e, nil
}

// Close closes the engine: calls that begin afterwards fail with ErrInvalidArgument and
// fs.ErrClosed. Calls and tasks that run go on, and the root is closed when the last has ended. It
// waits for job workers, and for nothing else. Closing twice is fine; it never fails.
func (e *Engine) Close() error {
	e.closed.Store(true)
	runtime.SetFinalizer(e, nil)
	C.xna_engine_free(e.handle)
	return nil
}

// report runs a call that gives a report.
func report[R any](c *call, body func(**C.xna_report, **C.xna_error) C.xna_status) (*R, error) {
	var made *C.xna_report
	err := c.run(func(failure **C.xna_error) C.xna_status { return body(&made, failure) })
	if err != nil {
		return nil, err
	}
	result := new(R)
	if err := takeReport(made, result); err != nil {
		return nil, err
	}
	return result, nil
}

// listing runs a call that gives a listing.
func listing(c *call, body func(**C.xna_listing, **C.xna_error) C.xna_status) (*Listing, error) {
	var made *C.xna_listing
	err := c.run(func(failure **C.xna_error) C.xna_status { return body(&made, failure) })
	if err != nil {
		return nil, err
	}
	return takeListing(made), nil
}

// text runs a call that gives a text.
func text(c *call, body func(**C.xna_text, **C.xna_error) C.xna_status) ([]byte, error) {
	var made *C.xna_text
	err := c.run(func(failure **C.xna_error) C.xna_status { return body(&made, failure) })
	if err != nil {
		return nil, err
	}
	return takeText(made), nil
}
