package xnatarchive

// Failure is a failure that a report tells of a call that succeeded.
type Failure struct {
	Code      string `json:"code"` // As Status.Error: "conflict", ...
	Reason    string `json:"reason"`
	Message   string `json:"message"`
	Path      string `json:"path"`
	DiskState string `json:"disk_state"`
}

// FileCounts is what became of incoming files.
type FileCounts struct {
	Added         uint64 `json:"added"`
	Identical     uint64 `json:"identical"`
	Replaced      uint64 `json:"replaced"`
	Conflicting   uint64 `json:"conflicting"`
	BytesAdded    uint64 `json:"bytes_added"`
	BytesReplaced uint64 `json:"bytes_replaced"`
}

// Finding is a row of XNAT's table of what was found.
type Finding struct {
	Code    int    `json:"code"`
	Type    string `json:"type"` // "FAIL", "CONFLICT" or "WARN".
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// PlannedScan is what becomes of one incoming scan.
type PlannedScan struct {
	ID       string `json:"id"`
	TargetID string `json:"target_id"`
	Fate     string `json:"fate"`
}

// PlannedResource is what becomes of one incoming resource.
type PlannedResource struct {
	ScanID    string `json:"scan_id"`
	Label     string `json:"label"`
	Whole     bool   `json:"whole"`
	FileCount uint64 `json:"file_count"`
	Bytes     uint64 `json:"bytes"`
	Files     []struct {
		Path     string `json:"path"`
		Action   string `json:"action"`
		Size     int64  `json:"size"`
		Replaces string `json:"replaces"`
	} `json:"files"`
}

// ImportReport is what one import did.
type ImportReport struct {
	URIs            []string  `json:"uris"` // One for each session.
	FilesReceived   uint64    `json:"files_received"`
	FilesIdentical  uint64    `json:"files_identical"`
	FilesSkipped    uint64    `json:"files_skipped"`
	FilesFiltered   uint64    `json:"files_filtered"`
	BytesReceived   uint64    `json:"bytes_received"`
	Skipped         []Failure `json:"skipped"` // Up to 100 of them.
	NotArchived     []Failure `json:"not_archived"`
	FailedPipelines []Failure `json:"failed_pipelines"`
	Events          *Failure  `json:"events"` // The event sink's first failure.
}

// ArchiveReport is what one archive operation did.
type ArchiveReport struct {
	URI          string        `json:"uri"`
	ExperimentID string        `json:"experiment_id"`
	Project      string        `json:"project"`
	Subject      string        `json:"subject"` // Label.
	Label        string        `json:"label"`
	Status       string        `json:"status"` // "active" or "quarantine".
	Scans        uint64        `json:"scans"`
	Files        uint64        `json:"files"`
	Bytes        uint64        `json:"bytes"`
	FilesHashed  uint64        `json:"files_hashed"`
	Merged       bool          `json:"merged"` // Into a session that existed.
	Counts       FileCounts    `json:"counts"`
	ScanPlan     []PlannedScan `json:"scan_plan"`
	Warnings     []Finding     `json:"warnings"`
	Pipeline     *Failure      `json:"pipeline"`
	Events       *Failure      `json:"events"`
}

// ValidationReport is what Archive would find and do.
type ValidationReport struct {
	URI         string     `json:"uri"` // Where the session would land.
	Blocked     bool       `json:"blocked"`
	Scans       uint64     `json:"scans"`
	Files       uint64     `json:"files"`
	Bytes       uint64     `json:"bytes"`
	FilesToHash uint64     `json:"files_to_hash"`
	Merges      bool       `json:"merges"`
	Counts      FileCounts `json:"counts"`
	Findings    []Finding  `json:"findings"`
	Plan        struct {
		Scans     []PlannedScan     `json:"scans"`
		Resources []PlannedResource `json:"resources"`
	} `json:"plan"`
}

// RefreshReport is what became of each catalog.
type RefreshReport struct {
	Catalogs []RefreshedCatalog `json:"catalogs"`
	Events   *Failure           `json:"events"`
}

// RefreshedCatalog is one of them.
type RefreshedCatalog struct {
	URI            string   `json:"uri"`
	Catalog        string   `json:"catalog"`
	Outcome        string   `json:"outcome"`
	Added          uint64   `json:"added"`
	Removed        uint64   `json:"removed"`
	Modified       uint64   `json:"modified"`
	Checksummed    uint64   `json:"checksummed"`
	Rebuilt        bool     `json:"rebuilt"`
	Entries        uint64   `json:"entries"`
	Missing        uint64   `json:"missing"`
	Unlisted       uint64   `json:"unlisted"`
	Changed        uint64   `json:"changed"`
	Ignored        uint64   `json:"ignored"`
	IgnoredExample string   `json:"ignored_example"`
	Files          uint64   `json:"files"`
	Bytes          uint64   `json:"bytes"`
	Status         *Failure `json:"status"` // Of one that failed.
}

// VerifyReport is what was read, and what is wrong.
type VerifyReport struct {
	Sessions           uint64 `json:"sessions"`
	Catalogs           uint64 `json:"catalogs"`
	Files              uint64 `json:"files"`
	Bytes              uint64 `json:"bytes"`
	FilesRead          uint64 `json:"files_read"`
	BytesRead          uint64 `json:"bytes_read"`
	FilesWithoutDigest uint64 `json:"files_without_digest"`
	FilesElsewhere     uint64 `json:"files_elsewhere"`
	Seed               uint64 `json:"seed"`
	Problems           []struct {
		Problem string `json:"problem"`
		URI     string `json:"uri"`
		Path    string `json:"path"`
		Message string `json:"message"`
	} `json:"problems"`
	Busy []string `json:"busy"`
}

// ExportReport is what was exported.
type ExportReport struct {
	Files          uint64 `json:"files"`
	Bytes          uint64 `json:"bytes"`
	FilesUnchecked uint64 `json:"files_unchecked"`
	FilesElsewhere uint64 `json:"files_elsewhere"`
}

// IdleReport is what became of sessions to which no file came for some time.
type IdleReport struct {
	Built           []string  `json:"built"`    // Prearchive URIs of those that wait for a person now.
	Archived        []string  `json:"archived"` // Archive URIs.
	Failed          []Failure `json:"failed"`
	FailedPipelines []Failure `json:"failed_pipelines"`
	NextMS          int64     `json:"next_ms"` // Until there will be something to do; -1: never, as things are.
}

// RecoveryReport names operations that dead processes left.
type RecoveryReport struct {
	Finished  []string `json:"finished"`  // Redone to the end.
	Discarded []string `json:"discarded"` // Had changed nothing.
	Busy      []string `json:"busy"`      // Their owners live.
	Failed    []string `json:"failed"`    // Could not be finished now, and why.
}

// ReindexReport is what was indexed, and what the index had otherwise.
type ReindexReport struct {
	Projects           uint64 `json:"projects"`
	Subjects           uint64 `json:"subjects"`
	Experiments        uint64 `json:"experiments"`
	PrearchiveSessions uint64 `json:"prearchive_sessions"`
	Differences        []struct {
		Kind    string `json:"kind"`
		Change  string `json:"change"`
		Project string `json:"project"`
		ID      string `json:"id"`
		Field   string `json:"field"`
		Before  string `json:"before"`
		After   string `json:"after"`
	} `json:"differences"`
	Unreadable []Failure `json:"unreadable"`
}

// PrearchiveSession is one row of the prearchive.
type PrearchiveSession struct {
	URI               string  `json:"uri"`
	Project           string  `json:"project"`
	Timestamp         string  `json:"timestamp"`
	LastModifiedMS    int64   `json:"last_modified_ms"`
	UploadedMS        int64   `json:"uploaded_ms"`
	ScanDate          string  `json:"scan_date"`
	ScanTime          string  `json:"scan_time"`
	Subject           string  `json:"subject"`
	Folder            string  `json:"folder"`
	Label             string  `json:"label"`
	StudyUID          string  `json:"study_uid"`
	State             string  `json:"state"`
	URL               string  `json:"url"`
	AutoArchive       *string `json:"auto_archive"`
	PreventAnon       bool    `json:"prevent_anon"`
	PreventAutoCommit bool    `json:"prevent_auto_commit"`
	Source            string  `json:"source"`
	Visit             string  `json:"visit"`
	Protocol          string  `json:"protocol"`
	TimeZone          string  `json:"time_zone"`
	ArchivePending    bool    `json:"archive_pending"`

	Parameters map[string]string `json:"parameters"`
}

// Job is sessions that were submitted together. Times are milliseconds since the epoch; 0: not yet.
type Job struct {
	ID              string    `json:"id"`
	Kind            string    `json:"kind"`
	User            string    `json:"user"`
	Origin          string    `json:"origin"`
	State           string    `json:"state"` // "queued", "running", "done", "failed" or "cancelled".
	CancelRequested bool      `json:"cancel_requested"`
	CreatedMS       int64     `json:"created_ms"`
	StartedMS       int64     `json:"started_ms"`
	EndedMS         int64     `json:"ended_ms"`
	ItemsDone       uint64    `json:"items_done"`
	ItemsTotal      uint64    `json:"items_total"`
	Items           []JobItem `json:"items"`
}

// JobItem is one session of a job.
type JobItem struct {
	Src        string      `json:"src"`
	State      string      `json:"state"`
	URI        string      `json:"uri"` // Where it is archived.
	Status     *Failure    `json:"status"`
	Counts     *FileCounts `json:"counts"`
	StartedMS  int64       `json:"started_ms"`
	EndedMS    int64       `json:"ended_ms"`
	FilesDone  uint64      `json:"files_done"`
	FilesTotal uint64      `json:"files_total"`
}
