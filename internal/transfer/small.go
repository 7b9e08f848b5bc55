package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// small is how a resource without steps of its own goes in.
type small struct {
	kind cms.Kind
	id   string
	sys  sys
	// get is what there is under the id, and its sys.
	get func() (resource any, there cms.Sys, err error)
	// put writes it through a service.
	put func(s *authoring.Service, v authoring.Version) (resource any, err error)
	// trial is true when it must not be written.
	trial bool
}

// smalls puts in a list of small resources.
func (x *importer) smalls(ctx context.Context, name string, read func(raw json.RawMessage, s sys) (small, error)) error {
	n := 0
	return x.src.each(ctx, name, func(raw json.RawMessage) error {
		n++
		c := x.r.count(name)
		c.Total++
		defer x.pace(name, name, n)
		var r resource
		err := json.Unmarshal(raw, &r)
		var one small
		if err == nil {
			one, err = read(raw, r.Sys)
		}
		if err == nil && one.id == "" {
			err = errors.New("it has no id")
		}
		if err != nil {
			x.r.problem(name, orNumber(r.Sys.ID, n), "read", unreadable(err))
			return nil
		}
		if err := x.small(c, one); err != nil {
			if whole(ctx, err) {
				return err
			}
			x.r.problem(name, one.id, "save", x.Words(err))
		}
		return nil
	})
}

// small makes one resource or brings it up to date. To compare it with what is
// there, the write is tried: so both are in the form in which they are stored.
func (x *importer) small(c *Count, one small) error {
	to, err := x.keeping(one.sys, one.kind, one.id)
	if err != nil {
		return err
	}
	if one.trial {
		to = to.Trial()
	}
	before, there, err := one.get()
	if fault.Is(err, fault.NotFound) {
		if _, err = one.put(to, authoring.Version{}); err == nil {
			c.Created++
		}
		return err
	}
	if err != nil {
		return err
	}
	v := authoring.Version{Number: there.Version, Sent: true}
	after, err := one.put(x.Authoring.Trial(), v)
	if err != nil {
		return err
	}
	same, err := x.same(before, after)
	if err != nil {
		return err
	}
	if same && (!x.opt.KeepSys || one.sys.keptBy(there)) {
		c.Unchanged++
		return nil
	}
	if x.opt.KeepSys && there.Version > one.sys.Version {
		return fmt.Errorf("it is at version %d already, which is newer than the version %d that should be kept", there.Version, one.sys.Version)
	}
	if _, err = one.put(to, v); err == nil {
		c.Updated++
	}
	return err
}

// same reports whether two resources are the same but for sys.
func (x *importer) same(a, b any) (bool, error) {
	var spelled [2]string
	for i, r := range []any{a, b} {
		raw, err := x.Wire(x.p, "", r)
		if err == nil {
			spelled[i], err = bare(raw)
		}
		if err != nil {
			return false, err
		}
	}
	return spelled[0] == spelled[1], nil
}

func (x *importer) tags(ctx context.Context) error {
	return x.smalls(ctx, tags, func(raw json.RawMessage, s sys) (small, error) {
		var body struct {
			Name string `json:"name"`
		}
		err := json.Unmarshal(raw, &body)
		return small{kind: cms.KindTag, id: s.ID, sys: s,
			get: func() (any, cms.Sys, error) {
				t, err := x.Authoring.Tag(ctx, x.p, s.ID)
				return t, t.Sys, err
			},
			put: func(to *authoring.Service, v authoring.Version) (any, error) {
				t, _, err := to.PutTag(ctx, x.p, x.a, s.ID, v, authoring.TagInput{Name: body.Name, Visibility: s.Visibility})
				return t, err
			}}, err
	})
}

func (x *importer) extensions(ctx context.Context) error {
	return x.smalls(ctx, extensions, func(raw json.RawMessage, s sys) (small, error) {
		raw = slices.Clone(raw)
		in := authoring.ExtensionInput{Raw: raw}
		err := json.Unmarshal(raw, &in)
		return small{kind: cms.KindExtension, id: s.ID, sys: s,
			get: func() (any, cms.Sys, error) {
				e, err := x.Authoring.Extension(ctx, x.p, s.ID)
				return e, e.Sys, err
			},
			put: func(to *authoring.Service, v authoring.Version) (any, error) {
				e, _, err := to.PutExtension(ctx, x.p, x.a, s.ID, v, in)
				return e, err
			}}, err
	})
}

func (x *importer) editorInterfaces(ctx context.Context) error {
	return x.smalls(ctx, editorInterfaces, func(raw json.RawMessage, s sys) (small, error) {
		raw = slices.Clone(raw)
		id := s.ContentType.Sys.ID
		return small{kind: cms.KindEditorInterface, id: id, sys: s,
			get: func() (any, cms.Sys, error) {
				e, err := x.Authoring.EditorInterface(ctx, x.p, id)
				return e, e.Sys, err
			},
			put: func(to *authoring.Service, v authoring.Version) (any, error) {
				return to.PutEditorInterface(ctx, x.p, x.a, id, v, raw)
			}}, nil
	})
}

// What belongs to the space is only tried in a dry run.

func (x *importer) previews(ctx context.Context) error {
	return x.smalls(ctx, previews, func(raw json.RawMessage, s sys) (small, error) {
		raw = slices.Clone(raw)
		return small{kind: cms.KindPreviewPlatform, id: s.ID, sys: s, trial: x.opt.DryRun,
			get: func() (any, cms.Sys, error) {
				v, err := x.Authoring.Preview(ctx, x.p, s.ID)
				return v, v.Sys, err
			},
			put: func(to *authoring.Service, v authoring.Version) (any, error) {
				return to.PutPreview(ctx, x.p, x.a, s.ID, v, raw)
			}}, nil
	})
}

func (x *importer) uiConfig(ctx context.Context) error {
	return x.smalls(ctx, uiConfig, func(raw json.RawMessage, s sys) (small, error) {
		raw = slices.Clone(raw)
		return small{kind: cms.KindUIConfig, id: authoring.OnlyID, sys: s,
			get: func() (any, cms.Sys, error) {
				c, err := x.Authoring.UIConfig(ctx, x.p, "")
				return c, c.Sys, err
			},
			put: func(to *authoring.Service, v authoring.Version) (any, error) {
				return to.PutUIConfig(ctx, x.p, x.a, "", v, raw)
			}}, nil
	})
}

func (x *importer) enablements(ctx context.Context) error {
	return x.smalls(ctx, enablements, func(raw json.RawMessage, s sys) (small, error) {
		raw = slices.Clone(raw)
		return small{kind: cms.KindEnablements, id: authoring.OnlyID, sys: s, trial: x.opt.DryRun,
			get: func() (any, cms.Sys, error) {
				e, err := x.Authoring.Enablements(ctx, x.p)
				return e, e.Sys, err
			},
			put: func(to *authoring.Service, v authoring.Version) (any, error) {
				return to.PutEnablements(ctx, x.p, x.a, v, raw)
			}}, nil
	})
}

// webhooks come last, so that none is called for what is imported.
func (x *importer) webhooks(ctx context.Context) error {
	return x.smalls(ctx, webhooks, func(raw json.RawMessage, s sys) (small, error) {
		var in authoring.WebhookInput
		err := json.Unmarshal(raw, &in)
		return small{kind: cms.KindWebhook, id: s.ID, sys: s, trial: x.opt.DryRun,
			get: func() (any, cms.Sys, error) {
				w, err := x.Authoring.Webhook(ctx, x.p, s.ID)
				return w, w.Sys, err
			},
			put: func(to *authoring.Service, v authoring.Version) (any, error) {
				if !v.Sent && lacksSecrets(in) {
					return nil, errors.New("it has a password or secret headers, and no export has their values: make it by hand")
				}
				w, _, err := to.PutWebhook(ctx, x.p, x.a, s.ID, v, in)
				return w, err
			}}, err
	})
}

// lacksSecrets reports whether a webhook was exported without what nobody can read.
func lacksSecrets(in authoring.WebhookInput) bool {
	return in.HTTPBasicUsername != nil && in.HTTPBasicPassword == nil ||
		slices.ContainsFunc(in.Headers, func(h authoring.WebhookHeaderIn) bool { return h.Secret && h.Value == nil })
}
