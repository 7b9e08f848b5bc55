package authoring

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// What nothing leads to any more is removed by jobs: the bodies of what the trash
// has given up, those of environments that were deleted, and files of assets that
// only such bodies name. Each job is made in the transaction that gives something
// up, and does its work in small ones; whatever cuts it off, it runs again.
const (
	jobExpireTrash = "trash.expire"      // payload trashRef, scope the environment
	jobPrune       = "revisions.prune"   // payload pruneRef, scope the space
	jobSweep       = "environment.sweep" // payload the id of the space, scope the space
	jobRemoveFiles = "files.remove"      // payload keys of files, scope the space
)

// pruneAfter is how long bodies stay that nothing leads to any more, for requests
// and other work that are under way and have come across them before.
const pruneAfter = 24 * time.Hour

// sweepBatch is how many resources of dropped environments one transaction looks at.
const sweepBatch = 20

// trashRef names an item of the trash.
type trashRef struct {
	SpaceID string      `json:"space"`
	Space   store.Scope `json:"spaceScope"`
	Item    int64       `json:"item"`
}

// pruneRef names a resource whose bodies are looked through.
type pruneRef struct {
	SpaceID string   `json:"space"`
	Kind    cms.Kind `json:"kind"`
	ID      string   `json:"id"`
}

func readPayload(j store.Job, into any) error {
	if err := json.Unmarshal(j.Payload, into); err != nil {
		return fault.Wrap(err, fault.BadRequest, "the job's payload is unreadable")
	}
	return nil
}

// gone makes an absent scope the end of a job: with it all work is gone.
func gone(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// expireTrash is the handler of jobExpireTrash. An item that came back or was
// removed leaves nothing to do; one that is to be kept longer by now comes again.
func (s *Service) expireTrash(ctx context.Context, j store.Job) error {
	var ref trashRef
	if err := readPayload(j, &ref); err != nil {
		return err
	}
	err := s.Store.Update(ctx, ref.Space, func(tx store.Tx) error {
		found, err := tx.Trash(ctx, j.Scope, "", ref.Item+1, 1)
		if err != nil || len(found) == 0 || found[0].Seq != ref.Item {
			return err
		}
		d := found[0]
		if !s.expired(d) {
			return enqueue(ctx, tx, jobExpireTrash, j.Scope, ref, d.At.Add(s.KeepTrash))
		}
		if err := tx.TakeOut(ctx, j.Scope, ref.Item); err != nil {
			return err
		}
		of := pruneRef{ref.SpaceID, d.Kind, d.ID}
		if due := d.At.Add(pruneAfter); s.Now().Before(due) {
			return enqueue(ctx, tx, jobPrune, ref.Space, of, due)
		}
		return s.erase(ctx, tx, ref.Space, of)
	})
	return gone(err)
}

// prune is the handler of jobPrune.
func (s *Service) prune(ctx context.Context, j store.Job) error {
	var ref pruneRef
	if err := readPayload(j, &ref); err != nil {
		return err
	}
	return gone(s.Store.Update(ctx, j.Scope, func(tx store.Tx) error { return s.erase(ctx, tx, j.Scope, ref) }))
}

// sweepLater has what an environment alone led to looked for, once it is dropped.
func (s *Service) sweepLater(ctx context.Context, tx store.Tx, p access.Place) error {
	return enqueue(ctx, tx, jobSweep, p.Space, p.SpaceID, s.Now().Add(pruneAfter))
}

// sweep is the handler of jobSweep. It goes through what dropped environments left
// behind, which gets less with each transaction.
func (s *Service) sweep(ctx context.Context, j store.Job) error {
	var spaceID string
	if err := readPayload(j, &spaceID); err != nil {
		return err
	}
	for more := true; more; {
		err := s.Store.Update(ctx, j.Scope, func(tx store.Tx) error {
			left, err := tx.Leftovers(ctx, j.Scope, sweepBatch)
			more = len(left) > 0
			if err != nil {
				return err
			}
			for _, r := range left {
				if err := s.erase(ctx, tx, j.Scope, pruneRef{spaceID, r.Kind, r.ID}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return gone(err)
		}
	}
	return nil
}

// erase removes the bodies of a resource that nothing in the space leads to. The
// files that only they name go after them, when the bodies are gone for certain.
func (s *Service) erase(ctx context.Context, tx store.Tx, space store.Scope, ref pruneRef) error {
	gone, kept, err := tx.Unreachable(ctx, space, ref.Kind, ref.ID)
	if err != nil {
		return err
	}
	if ref.Kind == cms.KindAsset || ref.Kind == cms.KindReleaseAsset {
		if err := s.eraseFiles(ctx, tx, space, ref, gone, kept); err != nil {
			return err
		}
	}
	return tx.Erase(ctx, space, ref.Kind, ref.ID, gone)
}

// eraseFiles has those of an asset's own files removed that only revisions name which
// are gone, be they the asset's or a release's: neither what is kept of the same does,
// nor the asset, nor what releases have.
func (s *Service) eraseFiles(ctx context.Context, tx store.Tx, space store.Scope, ref pruneRef, gone, kept []store.Revision) error {
	asset := pruneRef{ref.SpaceID, cms.KindAsset, cms.OwnID(ref.ID)}
	files, err := s.filesOf(ctx, tx, asset, gone)
	if err != nil || len(files) == 0 {
		return err
	}
	if ref.Kind == cms.KindReleaseAsset {
		_, others, err := tx.Unreachable(ctx, space, asset.Kind, asset.ID)
		if err != nil {
			return err
		}
		kept = append(kept, others...)
	}
	needed, err := s.filesOf(ctx, tx, asset, kept)
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(key string) bool { return slices.Contains(needed, key) })
	if len(files) == 0 {
		return nil
	}
	if needed, err = s.filesInReleases(ctx, tx, space, asset); err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(key string) bool { return slices.Contains(needed, key) })
	if len(files) == 0 {
		return nil
	}
	return enqueue(ctx, tx, jobRemoveFiles, space, files, s.Now())
}

// filesOf are the keys of an asset's own files that revisions of it name.
func (s *Service) filesOf(ctx context.Context, tx store.Tx, ref pruneRef, revs []store.Revision) ([]string, error) {
	var keys []string
	for page := range slices.Chunk(revs, lifePage) {
		bodies, err := tx.Bodies(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, body := range bodies {
			doc, err := decode[cms.Document](store.Head{Sys: cms.Sys{Kind: ref.Kind, ID: ref.ID}}, body)
			if err != nil {
				return nil, err
			}
			for locale := range doc.Value.Fields[cms.AssetFile] {
				file, err := fileOf(doc.Value, locale)
				if err != nil {
					return nil, err
				}
				if file == nil || !ownFile(access.Place{SpaceID: ref.SpaceID}, ref.ID, file.URL) {
					continue
				}
				if at, ok := blob.ParsePath(file.URL); ok && !slices.Contains(keys, at.Key()) {
					keys = append(keys, at.Key())
				}
			}
		}
	}
	return keys, nil
}

// filesInReleases are the keys of an asset's own files that versions of it name which
// the releases of a space have.
func (s *Service) filesInReleases(ctx context.Context, tx store.Tx, space store.Scope, ref pruneRef) ([]string, error) {
	environments, err := list[cms.Environment](ctx, tx, space, cms.KindEnvironment)
	if err != nil {
		return nil, err
	}
	var revs []store.Revision
	for _, env := range environments {
		for after := ""; ; {
			heads, err := tx.List(ctx, env.Child, cms.KindReleaseAsset, after, lifePage)
			if err != nil {
				return nil, err
			}
			for _, h := range heads {
				if after = h.ID; cms.OwnID(h.ID) == ref.ID {
					revs = append(revs, h.Draft)
				}
			}
			if len(heads) < lifePage {
				break
			}
		}
	}
	return s.filesOf(ctx, tx, ref, revs)
}

// removeFiles is the handler of jobRemoveFiles.
func (s *Service) removeFiles(_ context.Context, j store.Job) error {
	var keys []string
	if err := readPayload(j, &keys); err != nil {
		return err
	}
	for _, key := range keys {
		if err := s.Blobs.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
