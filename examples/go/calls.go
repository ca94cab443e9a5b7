package xnatarchive

/*
#include <xnatarchive.h>
*/
import "C"

import "context"

// Every method of this file fails with ErrPermission "access.denied" when the access policy says no.

// AddProject fails with ErrAlreadyExists, or ErrInvalidArgument for an ID or code that is none.
func (e *Engine) AddProject(ctx context.Context, project Project, options ...Option) error {
	c := e.begin(ctx, options)
	given := project.fill(c)
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_add_project(e.handle, given, c.options, failure)
	})
}

// AddSubject makes a subject of whom nothing is archived yet, and returns its ID; fine when it is
// there. ErrInvalidArgument "subject.bad-label"; ErrLocked; ErrNotFound "project.not-found".
func (e *Engine) AddSubject(ctx context.Context, project, label string, options ...Option) (string, error) {
	c := e.begin(ctx, options)
	cProject, cLabel := c.text(project), c.text(label)
	id, err := text(c, func(made **C.xna_text, failure **C.xna_error) C.xna_status {
		return C.xna_engine_add_subject(e.handle, cProject, cLabel, c.options, made, failure)
	})
	return string(id), err
}

// Projects has the columns ID, prearchive_code, quarantine_code, autorun, URI; sorted.
func (e *Engine) Projects(ctx context.Context, options ...Option) (*Listing, error) {
	c := e.begin(ctx, options)
	return listing(c, func(made **C.xna_listing, failure **C.xna_error) C.xna_status {
		return C.xna_engine_projects(e.handle, c.options, made, failure)
	})
}

// Setting is the value of a setting of the site, or of a project. ErrInvalidArgument
// "setting.unknown", "setting.needs-project", "setting.not-of-projects"; ErrNotFound
// "project.not-found".
func (e *Engine) Setting(ctx context.Context, name, project string, options ...Option) (string, error) {
	c := e.begin(ctx, options)
	cName, cProject := c.text(name), c.text(project)
	value, err := text(c, func(made **C.xna_text, failure **C.xna_error) C.xna_status {
		return C.xna_engine_setting(e.handle, cName, cProject, c.options, made, failure)
	})
	return string(value), err
}

// SetSetting sets it for all calls that begin from now on. Also "setting.bad-value",
// "setting.read-only".
func (e *Engine) SetSetting(ctx context.Context, name, value, project string, options ...Option) error {
	c := e.begin(ctx, options)
	cName, cValue, cProject := c.text(name), c.text(value), c.text(project)
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_set_setting(e.handle, cName, cValue, cProject, c.options, failure)
	})
}

// Settings has name, value, default, expected, purpose of all settings of the site or of a project.
func (e *Engine) Settings(ctx context.Context, project string, options ...Option) (*Listing, error) {
	c := e.begin(ctx, options)
	cProject := c.text(project)
	return listing(c, func(made **C.xna_listing, failure **C.xna_error) C.xna_status {
		return C.xna_engine_settings(e.handle, cProject, c.options, made, failure)
	})
}

// Import receives one input: durable and complete when it returns. Sessions that were to be archived
// at once and could not are in NotArchived, and wait in the prearchive. ErrNotFound
// "import.no-input"; ErrCorruption; ErrIO, ErrNoSpace; ErrCancelled; ErrHandlerFailed.
func (e *Engine) Import(ctx context.Context, request ImportRequest, options ...Option) (*ImportReport, error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return report[ImportReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_import(e.handle, given, c.options, made, failure)
	})
}

// Prearchive has XNAT's columns, newest first. project "": all; "Unassigned": those without.
func (e *Engine) Prearchive(ctx context.Context, project string, options ...Option) (*Listing, error) {
	c := e.begin(ctx, options)
	cProject := c.text(project)
	return listing(c, func(made **C.xna_listing, failure **C.xna_error) C.xna_status {
		return C.xna_engine_prearchive(e.handle, cProject, c.options, made, failure)
	})
}

// PrearchiveSession is one of them. ErrNotFound, here and below.
func (e *Engine) PrearchiveSession(ctx context.Context, src string, options ...Option) (*PrearchiveSession, error) {
	c := e.begin(ctx, options)
	cSrc := c.text(src)
	return report[PrearchiveSession](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_prearchive_session(e.handle, cSrc, c.options, made, failure)
	})
}

// CheckPrearchiveSession is what would refuse a call that needs permission for this session now:
// ErrPermission; ErrLocked. For whoever does something to several sessions.
func (e *Engine) CheckPrearchiveSession(ctx context.Context, src string, permission Permission, options ...Option) error {
	c := e.begin(ctx, options)
	cSrc := c.text(src)
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_check_prearchive_session(e.handle, cSrc, C.int32_t(permission), c.options, failure)
	})
}

// PrearchiveLog is its log, oldest line first.
func (e *Engine) PrearchiveLog(ctx context.Context, src string, options ...Option) ([]string, error) {
	c := e.begin(ctx, options)
	cSrc := c.text(src)
	rows, err := listing(c, func(made **C.xna_listing, failure **C.xna_error) C.xna_status {
		return C.xna_engine_prearchive_log(e.handle, cSrc, c.options, made, failure)
	})
	if err != nil {
		return nil, err
	}
	lines := make([]string, len(rows.Rows))
	for i, row := range rows.Rows {
		lines[i] = row[0]
	}
	return lines, nil
}

// Build makes the document and catalogs from the DICOM headers. A failed build leaves what was
// there. ErrLocked; ErrCorruption.
func (e *Engine) Build(ctx context.Context, src string, options ...Option) error {
	c := e.begin(ctx, options)
	cSrc := c.text(src)
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_build(e.handle, cSrc, c.options, failure)
	})
}

// BuildWithFields does the same, and sets fields in the document: XNAT's XML paths and the values to
// set, which later builds set, too. ErrInvalidArgument "build.bad-field".
func (e *Engine) BuildWithFields(ctx context.Context, src string, fields map[string]string, options ...Option) error {
	c := e.begin(ctx, options)
	cSrc := c.text(src)
	pairs, count := c.pairs(fields)
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_build_with_fields(e.handle, cSrc, pairs, count, c.options, failure)
	})
}

// CommitIdle builds every session to which no file came for the site's session_idle_minutes, and
// archives it unless it waits for a person or its sender. To be called from a timer.
func (e *Engine) CommitIdle(ctx context.Context, options ...Option) (*IdleReport, error) {
	c := e.begin(ctx, options)
	return report[IdleReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_commit_idle(e.handle, c.options, made, failure)
	})
}

// MovePrearchiveSession moves the session into a project, by renames, and returns its URI there.
// ErrLocked; ErrNotFound "project.not-found".
func (e *Engine) MovePrearchiveSession(ctx context.Context, src, project string, options ...Option) (string, error) {
	c := e.begin(ctx, options)
	cSrc, cProject := c.text(src), c.text(project)
	uri, err := text(c, func(made **C.xna_text, failure **C.xna_error) C.xna_status {
		return C.xna_engine_move_prearchive_session(e.handle, cSrc, cProject, c.options, made, failure)
	})
	return string(uri), err
}

// SetPrearchiveState gives the session the state its files say (""), or "READY", "RECEIVING",
// "CONFLICT" or "ERROR". ErrLocked; ErrConflict "prearchive.not-built".
func (e *Engine) SetPrearchiveState(ctx context.Context, src, state string, options ...Option) (*PrearchiveSession, error) {
	c := e.begin(ctx, options)
	cSrc, cState := c.text(src), c.text(state)
	return report[PrearchiveSession](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_set_prearchive_state(e.handle, cSrc, cState, c.options, made, failure)
	})
}

// DeletePrearchiveSession removes the session and its files for good. ErrLocked.
func (e *Engine) DeletePrearchiveSession(ctx context.Context, src string, options ...Option) error {
	c := e.begin(ctx, options)
	cSrc := c.text(src)
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_delete_prearchive_session(e.handle, cSrc, c.options, failure)
	})
}

// Archive moves one prearchive session into the archive, building it first when that is needed:
// whole and durable there and gone from the prearchive, or complete in the prearchive. ErrConflict
// "archive.session-exists", and whatever finding blocks; ErrLocked "operation.locked",
// "archive.receiving"; ErrCorruption; ErrCancelled; ErrHandlerFailed; ErrIO, ErrNoSpace.
func (e *Engine) Archive(ctx context.Context, request ArchiveRequest, options ...Option) (*ArchiveReport, error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return report[ArchiveReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_archive(e.handle, given, c.options, made, failure)
	})
}

// Validate is what Archive would find and do. Writes nothing.
func (e *Engine) Validate(ctx context.Context, request ArchiveRequest, options ...Option) (*ValidationReport, error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return report[ValidationReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_validate(e.handle, given, c.options, made, failure)
	})
}

// Activate releases a quarantined session; changed is false when it was active.
func (e *Engine) Activate(ctx context.Context, uri string, options ...Option) (changed bool, err error) {
	c := e.begin(ctx, options)
	cURI := c.text(uri)
	var out C.int32_t
	err = c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_activate(e.handle, cURI, c.options, &out, failure)
	})
	return out != 0, err
}

// History is what merging with OverwriteDelete replaced, oldest first; uri "": all, or of a project
// or experiment. The first column, ID, is for RestoreHistory and PruneHistory.
func (e *Engine) History(ctx context.Context, uri string, options ...Option) (*Listing, error) {
	c := e.begin(ctx, options)
	cURI := c.text(uri)
	return listing(c, func(made **C.xna_listing, failure **C.xna_error) C.xna_status {
		return C.xna_engine_history(e.handle, cURI, c.options, made, failure)
	})
}

// RestoreHistory puts the files of one record back. ErrNotFound "history.not-found"; ErrConflict.
func (e *Engine) RestoreHistory(ctx context.Context, id string, options ...Option) (*ArchiveReport, error) {
	c := e.begin(ctx, options)
	cID := c.text(id)
	return report[ArchiveReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_restore_history(e.handle, cID, c.options, made, failure)
	})
}

// PruneHistory removes one record and its files for good.
func (e *Engine) PruneHistory(ctx context.Context, id string, options ...Option) error {
	c := e.begin(ctx, options)
	cID := c.text(id)
	return c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_prune_history(e.handle, cID, c.options, failure)
	})
}

// Refresh brings catalogs up to date with the files beside them. Each has an outcome of its own in
// the report, "failed" among them, of a call that succeeded.
func (e *Engine) Refresh(ctx context.Context, request RefreshRequest, options ...Option) (*RefreshReport, error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return report[RefreshReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_refresh(e.handle, given, c.options, made, failure)
	})
}

// Verify reads archived files and compares them with their catalogs. What is wrong is in the report,
// of a call that succeeded. Changes nothing.
func (e *Engine) Verify(ctx context.Context, request VerifyRequest, options ...Option) (*VerifyReport, error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return report[VerifyReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_verify(e.handle, given, c.options, made, failure)
	})
}

// Export writes a copy of an archived session, checked on the way: all of it, or nothing of that
// name. ErrAlreadyExists "export.target-exists"; ErrCorruption with the file that is damaged.
func (e *Engine) Export(ctx context.Context, request ExportRequest, options ...Option) (*ExportReport, error) {
	c := e.begin(ctx, options)
	given := request.fill(c)
	return report[ExportReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_export(e.handle, given, c.options, made, failure)
	})
}

// List is one level below a URI, as XNAT lists it; the first column names the row, the last is its
// URI. "": projects. "/projects/P" (subjects), "/projects/P/experiments", ".../experiments/E" (scans
// and resources), ".../resources/LABEL" (files), "/prearchive...".
func (e *Engine) List(ctx context.Context, uri string, options ...Option) (*Listing, error) {
	c := e.begin(ctx, options)
	cURI := c.text(uri)
	return listing(c, func(made **C.xna_listing, failure **C.xna_error) C.xna_status {
		return C.xna_engine_list(e.handle, cURI, c.options, made, failure)
	})
}

// Document is the document of an archive or prearchive session; read-only. Close frees it.
// ErrCorruption.
func (e *Engine) Document(ctx context.Context, uri string, options ...Option) (*Document, error) {
	c := e.begin(ctx, options)
	cURI := c.text(uri)
	var made *C.xna_document
	err := c.run(func(failure **C.xna_error) C.xna_status {
		return C.xna_engine_document(e.handle, cURI, c.options, &made, failure)
	})
	if err != nil {
		return nil, err
	}
	return newDocument(made), nil
}

// DocumentXML is the same as the XML bytes on disk.
func (e *Engine) DocumentXML(ctx context.Context, uri string, options ...Option) ([]byte, error) {
	c := e.begin(ctx, options)
	cURI := c.text(uri)
	return text(c, func(made **C.xna_text, failure **C.xna_error) C.xna_status {
		return C.xna_engine_document_xml(e.handle, cURI, c.options, made, failure)
	})
}

// Audit is who did what to which session; oldest first. uri "": everything.
func (e *Engine) Audit(ctx context.Context, uri string, options ...Option) (*Listing, error) {
	c := e.begin(ctx, options)
	cURI := c.text(uri)
	return listing(c, func(made **C.xna_listing, failure **C.xna_error) C.xna_status {
		return C.xna_engine_audit(e.handle, cURI, c.options, made, failure)
	})
}

// Recover finishes or undoes what dead processes left; never waits for living ones.
func (e *Engine) Recover(ctx context.Context, options ...Option) (*RecoveryReport, error) {
	c := e.begin(ctx, options)
	return report[RecoveryReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_recover(e.handle, c.options, made, failure)
	})
}

// Reindex rebuilds the index from the trees, and tells every difference.
func (e *Engine) Reindex(ctx context.Context, options ...Option) (*ReindexReport, error) {
	c := e.begin(ctx, options)
	return report[ReindexReport](c, func(made **C.xna_report, failure **C.xna_error) C.xna_status {
		return C.xna_engine_reindex(e.handle, c.options, made, failure)
	})
}
