// archive_round takes a DICOM zip through the whole round: received, archived, and archived again,
// which is a conflict; and then a folder that only a handler written here understands.
//
//	archive_round ROOT PROJECT STUDY.zip [NOTES-FOLDER]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"example.org/xnatarchive"
)

// notesFolder understands a folder of text files with one JSON side-car, such as
//
//	session.json    {"subject": "S01", "session": "S01_NOTES", "description": "reading"}
//	reading.txt
type notesFolder struct{}

type sidecar struct{ Subject, Session, Description string }

func (notesFolder) Accepts(_ string, kind xnatarchive.SourceKind) bool {
	return kind == xnatarchive.SourceFolder
}

func (notesFolder) Describe(in *xnatarchive.Import) error {
	session, err := in.AddSession()
	if err != nil {
		return err
	}
	var about *sidecar
	err = in.EachFile(func(file *xnatarchive.File) error {
		switch {
		case strings.HasSuffix(file.Path(), ".json"):
			head, err := file.Head(1 << 20)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(head, &about); err != nil {
				return err
			}
			return in.Keep(file, session, xnatarchive.Entry{ScanID: "1", Resource: "NOTES", Format: "JSON"})
		case strings.HasSuffix(file.Path(), ".txt"):
			return in.Keep(file, session, xnatarchive.Entry{ScanID: "1", Resource: "NOTES", Format: "TEXT"})
		}
		in.Skip(file, "notes.other-file", "neither text nor JSON")
		return nil
	})
	if err != nil {
		return err
	}
	if about == nil {
		return &xnatarchive.Error{Status: xnatarchive.ErrInvalidArgument,
			Reason: "notes.no-sidecar", Message: "no .json file is there"}
	}
	document := session.Document()
	return errors.Join(
		document.Set("", "xsi_type", "xnat:otherDicomSessionData"),
		document.Set("", "label", about.Session),
		document.Set("", "subject_ID", about.Subject),
		document.AddScan("1", "xnat:otherDicomScanData"),
		document.Set("1", "series_description", about.Description))
}

// receive imports one input and returns where its sessions are.
func receive(ctx context.Context, engine *xnatarchive.Engine, project, path string) ([]string, error) {
	report, err := engine.Import(ctx, xnatarchive.ImportRequest{
		Path: path, Parameters: map[string]string{"project": project, "Ignore-Unparsable": "true"}})
	if err != nil {
		return nil, err
	}
	fmt.Printf("received %d files, skipped %d\n", report.FilesReceived, report.FilesSkipped)
	return report.URIs, nil
}

// archive archives each session and prints its files' count.
func archive(ctx context.Context, engine *xnatarchive.Engine, sessions []string) error {
	progress := xnatarchive.OnProgress(func(p xnatarchive.Progress) {
		fmt.Fprintf(os.Stderr, "%s %d/%d\n", p.Phase, p.FilesDone, p.FilesTotal)
	})
	for _, uri := range sessions {
		report, err := engine.Archive(ctx, xnatarchive.ArchiveRequest{Src: uri},
			xnatarchive.User("archive_round"), progress)
		if err != nil {
			return err
		}
		fmt.Printf("archived %s: %d scans, %d files\n", report.URI, report.Scans, report.Files)
	}
	return nil
}

// open opens the root with the project and the handler, making what is not there.
func open(ctx context.Context, root, project string) (*xnatarchive.Engine, error) {
	options := xnatarchive.Options{Root: root}
	err := xnatarchive.CreateRoot(options, xnatarchive.RootOptions{})
	if err != nil && !errors.Is(err, xnatarchive.ErrAlreadyExists) {
		return nil, err
	}
	engine, err := xnatarchive.Open(options)
	if err != nil {
		return nil, err
	}
	if err = engine.Register("Notes-folder", notesFolder{}); err == nil {
		err = engine.AddProject(ctx, xnatarchive.Project{ID: project})
	}
	if err != nil && !errors.Is(err, xnatarchive.ErrAlreadyExists) {
		engine.Close()
		return nil, err
	}
	return engine, nil
}

func run(ctx context.Context, root, project, study, notes string) error {
	engine, err := open(ctx, root, project)
	if err != nil {
		return err
	}
	defer engine.Close()
	sessions, err := receive(ctx, engine, project, study)
	if err != nil {
		return err
	}
	if err := archive(ctx, engine, sessions); err != nil {
		return err
	}

	if sessions, err = receive(ctx, engine, project, study); err != nil {
		return err
	}
	err = archive(ctx, engine, sessions)
	var failure *xnatarchive.Error
	if !errors.As(err, &failure) || failure.Status != xnatarchive.ErrConflict {
		return fmt.Errorf("archiving twice should be a conflict, not: %w", err)
	}
	fmt.Printf("a second time: %s (%s)\n", failure.Status, failure.Reason)

	if notes == "" {
		return nil
	}
	if sessions, err = receive(ctx, engine, project, notes); err != nil {
		return err
	}
	return archive(ctx, engine, sessions)
}

func main() {
	if len(os.Args) != 4 && len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: archive_round ROOT PROJECT STUDY.zip [NOTES-FOLDER]")
		os.Exit(2)
	}
	notes := ""
	if len(os.Args) == 5 {
		notes = os.Args[4]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2], os.Args[3], notes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
