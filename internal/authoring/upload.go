package authoring

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Upload is the stored body of an upload: bytes that wait for an asset to take
// them. It belongs to a space and is gone after ExpiresAt.
type Upload struct {
	Size        int64     `json:"size"`                  // bytes
	Environment string    `json:"environment,omitempty"` // id as addressed; "" for an upload to the space
	ExpiresAt   time.Time `json:"expiresAt"`
}

// jobExpireUpload is the job that removes an upload; its payload is an
// uploadRef.
const jobExpireUpload = "upload.expire"

// uploadRef names an upload in the scope of its space.
type uploadRef struct {
	SpaceID string `json:"space"`
	ID      string `json:"id"`
}

// CreateUpload stores everything r has, at most FileLimit bytes. An r that
// breaks off is fault.BadRequest, more bytes are fault.BodyTooLarge.
func (s *Service) CreateUpload(ctx context.Context, p access.Place, a access.Actor, r io.Reader) (Resource[Upload], error) {
	id := s.IDs.New()
	size, err := s.Blobs.Put(ctx, blob.UploadKey(p.SpaceID, id), "", r, s.FileLimit)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fault.Wrap(err, fault.BadRequest, "The upload broke off before its end.")
	}
	if err != nil {
		return Resource[Upload]{}, err
	}
	now := s.Now()
	value := Upload{Size: size, Environment: p.EnvironmentID, ExpiresAt: uploadExpiry(now)}
	payload, err := json.Marshal(uploadRef{SpaceID: p.SpaceID, ID: id})
	if err != nil {
		return Resource[Upload]{}, fault.Wrap(err, fault.ServerError, "encoding a job")
	}
	var res Resource[Upload]
	err = s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		var err error
		res, err = put(ctx, tx, created(p.Space, cms.KindUpload, id, 1, a.User, now), store.Absent, value, store.Create, a.User, now)
		if err != nil {
			return err
		}
		return tx.Enqueue(ctx, store.Job{Name: jobExpireUpload, Scope: p.Space, Payload: payload, Due: value.ExpiresAt})
	})
	if fault.Is(err, fault.NotFound) { // the space was deleted meanwhile
		err = errors.Join(fault.Missing(string(cms.KindSpace), p.SpaceID, "", ""), s.Blobs.Delete(blob.UploadKey(p.SpaceID, id)))
	}
	return res, err
}

// uploadExpiry is the first midnight, UTC, that is at least a day away.
func uploadExpiry(now time.Time) time.Time {
	const day = 24 * time.Hour
	return now.UTC().Add(2*day - 1).Truncate(day)
}

// Upload returns an upload that has not expired.
func (s *Service) Upload(ctx context.Context, p access.Place, id string) (Resource[Upload], error) {
	res, err := get[Upload](ctx, s.Store, p.Space, cms.KindUpload, id)
	if err == nil && !s.Now().Before(res.Value.ExpiresAt) {
		err = fault.New(fault.NotFound, "")
	}
	if err != nil {
		return Resource[Upload]{}, missing(err, p, cms.KindUpload, id)
	}
	return res, nil
}

// DeleteUpload removes an upload. Assets that took its bytes keep them.
func (s *Service) DeleteUpload(ctx context.Context, p access.Place, a access.Actor, id string) error {
	if _, err := s.Upload(ctx, p, id); err != nil {
		return err
	}
	found, err := s.removeUpload(ctx, p.Space, uploadRef{SpaceID: p.SpaceID, ID: id}, a.User)
	if err == nil && !found {
		err = fault.Missing(string(cms.KindUpload), id, p.EnvironmentID, p.SpaceID)
	}
	return err
}

// expireUpload is the handler of jobExpireUpload. It also removes what a
// deletion left that was cut off.
func (s *Service) expireUpload(ctx context.Context, j store.Job) error {
	var ref uploadRef
	if err := json.Unmarshal(j.Payload, &ref); err != nil {
		return fault.Wrap(err, fault.BadRequest, "the job's payload is unreadable")
	}
	_, err := s.removeUpload(ctx, j.Scope, ref, "")
	return err
}

// removeUpload removes the record of an upload, if there is one, then its bytes.
// An empty actor stands for who made it.
func (s *Service) removeUpload(ctx context.Context, space store.Scope, ref uploadRef, actor string) (found bool, err error) {
	err = s.Store.Update(ctx, space, func(tx store.Tx) error {
		h, err := tx.Get(ctx, space, cms.KindUpload, ref.ID)
		if found = err == nil; !found {
			return err
		}
		if actor == "" {
			actor = h.CreatedBy
		}
		return tx.Delete(ctx, space, cms.KindUpload, ref.ID, h.Version, actor, s.Now())
	})
	if err != nil && !fault.Is(err, fault.NotFound) { // nor does a space that is gone matter
		return found, err
	}
	return found, s.Blobs.Delete(blob.UploadKey(ref.SpaceID, ref.ID))
}

// quotedUploadLimit bounds an upload that comes as JSON, which is held in memory.
const quotedUploadLimit = 64 << 20

// UnquoteUpload is for the body of an upload that is labelled as JSON: an
// official client sends the bytes as one JSON string when the address is not
// Contentful's own. It returns what the string holds. Any other body, such as a
// JSON file, comes out as it is.
func UnquoteUpload(body io.Reader) (io.Reader, error) {
	r := bufio.NewReader(body)
	first, err := r.Peek(1)
	if err != nil || first[0] != '"' {
		return r, nil // its error comes again with the next Read
	}
	raw, err := io.ReadAll(io.LimitReader(r, quotedUploadLimit+1))
	if err != nil {
		return nil, err
	}
	var text string
	if len(raw) > quotedUploadLimit || json.Unmarshal(raw, &text) != nil {
		return io.MultiReader(bytes.NewReader(raw), r), nil
	}
	return bytes.NewReader([]byte(text)), nil
}
